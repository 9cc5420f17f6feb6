//! The parts put together: functions, worker, table, stream, mail service and clock, in one process.

use std::path::PathBuf;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::SdkConfig;
use bytes::Bytes;
use domain::plan::Catalogue;
use edge::endpoint::{App as Functions, Entry};
use edge::serve::serve;
use futures::future::BoxFuture;
use http::{Method, Request, Response};
use lambda_http::Body;
use mail::SesSender;
use platform::aws::{Service, http_client, sdk_config, stand_in};
use platform::config::{SsoConfig, StripeConfig, endpoint, plans, variable};
use platform::operator::OperatorKey;
use platform::seal::SealingKey;
use platform::web::Web;
use platform::{Config, Sealer, Vault, World};
use store::Store;
use worker::Worker;
use worker::jobs::deliver_mail;

use crate::clock::MovableClock;
use crate::controls::Controls;
use crate::data::DataDir;
use crate::embedded::EmbeddedDynamo;
use crate::front::{Backend, DEFAULT_ROUTE, Front, Route};
use crate::idp::LocalIdp;
use crate::s3::{self, LocalS3};
use crate::server::App;
use crate::ses::{Inbox, LocalSes};
use crate::stream::{Start, StreamPump};
use crate::stripe::{Elsewhere, LocalStripe};

/// What goes wrong when a cloud opens, in words.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How a cloud is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where everything is kept; none to keep nothing.
    pub data: Option<PathBuf>,
    /// What links in mails begin with.
    pub app_url: String,
    /// The plans on offer; those that the environment names, else those that are part of the product, where none are given.
    pub plans: Option<Catalogue>,
    /// The key of the operator's token; none for no operator.
    pub operator: Option<OperatorKey>,
    /// Whether payments are taken, by what stands in for Stripe; in any case where the environment has a key for Stripe.
    pub payments: bool,
}

impl Options {
    /// The operator's token in tests.
    pub const TEST_OPERATOR: &str = "the-operator-of-tests";

    /// A cloud that keeps nothing, for a test.
    pub fn for_tests() -> Self {
        Self {
            data: None,
            app_url: "http://127.0.0.1:3000".to_owned(),
            plans: None,
            operator: Some(OperatorKey::of(Self::TEST_OPERATOR)),
            payments: false,
        }
    }
}

/// A whole cloud. It needs no socket.
#[derive(Debug)]
pub struct Cloud {
    app: Arc<App>,
    worker: Worker,
    pump: Arc<StreamPump>,
    embedded: Option<EmbeddedDynamo>,
    ses: LocalSes,
    idp: Option<LocalIdp>,
    stripe: Option<LocalStripe>,
    s3: LocalS3,
    table: Client,
    _data: Option<DataDir>,
}

impl Cloud {
    /// Opens a cloud: on the embedded engine, or on the DynamoDB that the SDK's endpoint variables name.
    pub async fn open(options: Options) -> Result<Self, Failure> {
        let world = World::default();
        let plans = options.plans.map_or_else(|| plans(None), Ok)?;
        let data = options.data.as_deref().map(DataDir::open).transpose()?;
        let clock = Arc::new(match &data {
            Some(data) => MovableClock::open(world.clone(), &data.clock())?,
            None => MovableClock::new(world.clone()),
        });
        let inbox = Arc::new(match &data {
            Some(data) => Inbox::open(&data.inbox())?,
            None => Inbox::in_memory(),
        });
        let external = endpoint("DYNAMODB").is_some();
        let embedded =
            if external { None } else { Some(EmbeddedDynamo::open(data.as_ref().map(DataDir::table).as_deref())?) };
        let (sdk, streams) = if let Some(embedded) = &embedded {
            (stand_in(embedded.http_client()), stand_in(embedded.http_client()))
        } else {
            let client = http_client()?;
            (sdk_config(Service::DynamoDb, &client)?, streams_config(&client)?)
        };
        let real = SsoConfig::from_env()?;
        let idp = if real.is_empty() { Some(LocalIdp::new(&options.app_url, world.clone())?) } else { None };
        let real_stripe = StripeConfig::from_env()?;
        let stands_in = options.payments && real_stripe.access.is_none();
        let stripe = stands_in.then(|| LocalStripe::new(world.clone()));
        let web = match (&idp, &stripe) {
            _ if real_stripe.access.is_some() => Web::lazy(),
            (Some(idp), Some(stripe)) => Elsewhere::web(idp.clone(), stripe.clone()),
            (Some(idp), None) => idp.web(),
            (None, None) => Web::lazy(),
            (None, Some(_)) => {
                return Err("real identity providers and the stand-in for Stripe do not go together".into());
            }
        };
        let sso = idp.as_ref().map_or(real, LocalIdp::config);
        let s3 = LocalS3::new(&options.app_url, data.as_ref().map(DataDir::files), world.clone());
        let config = Arc::new(Config {
            table: table_name(&world, external),
            app_url: options.app_url,
            mail_from: "Roster <no-reply@roster.example>".to_owned(),
            sealing_key: sealing_key(&world, data.as_ref())?,
            ses_configuration_set: None,
            vendor: variable("VENDOR_NAME").unwrap_or_else(|| "Roster".to_owned()),
            operator: options.operator,
            sso_providers: sso.providers(),
            sso,
            kms_key_id: None,
            avatar_bucket: Some(s3::BUCKET.to_owned()),
            plans,
            stripe: if stands_in { LocalStripe::config() } else { real_stripe },
        });
        let store = Store::new(&sdk, &config);
        store.create_table().await?;
        let ses = LocalSes::new(inbox.clone(), clock.clone());
        let sender = Arc::new(SesSender::new(stand_in(ses.http_client()), config.mail_from.clone(), None));
        let files = s3.files();
        let worker = Worker {
            config: config.clone(),
            world: world.clone(),
            store: store.clone(),
            sender,
            files: files.clone(),
            web: web.clone(),
        };
        let pump = Arc::new(pump(&worker, &streams, embedded.as_ref(), data.as_ref()).await?);
        let vault = Vault::local(Sealer::new(&config.sealing_key));
        let functions = Functions { config, world, store, vault, web, files };
        let front = Front::new(Arc::new(AllFunctions::of(functions)), clock.clone())?;
        let controls = controls(clock, inbox, &worker, &pump);
        let app = Arc::new(App::new(front, ses.clone(), idp.clone(), s3.clone(), controls));
        Ok(Self { app, worker, pump, embedded, ses, idp, stripe, s3, table: Client::new(&sdk), _data: data })
    }

    /// Answers one request.
    pub async fn call(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.app.call(request).await
    }

    /// What to put on a socket.
    pub fn app(&self) -> Arc<App> {
        self.app.clone()
    }

    /// The worker, for the schedule.
    pub fn worker(&self) -> &Worker {
        &self.worker
    }

    /// What links in mails begin with.
    pub fn app_url(&self) -> &str {
        &self.worker.config.app_url
    }

    /// The table, beside everything: for tests that look at what is kept.
    pub fn table(&self) -> (&Client, &str) {
        (&self.table, &self.worker.config.table)
    }

    /// The embedded engine, unless the table is elsewhere: for faults.
    pub fn embedded(&self) -> Option<&EmbeddedDynamo> {
        self.embedded.as_ref()
    }

    /// The mail service: for faults.
    pub fn ses(&self) -> &LocalSes {
        &self.ses
    }

    /// The identity provider, unless the environment names real ones.
    pub fn idp(&self) -> Option<&LocalIdp> {
        self.idp.as_ref()
    }

    /// What stands in for Stripe, if anything does.
    pub fn stripe(&self) -> Option<&LocalStripe> {
        self.stripe.as_ref()
    }

    /// The store of files.
    pub fn s3(&self) -> &LocalS3 {
        &self.s3
    }

    /// What EventBridge does each minute, and S3 now and then.
    pub async fn tick(&self) {
        self.s3.expire();
        let report = self.worker.run_all().await;
        tracing::debug!(?report, "the schedule ran");
    }

    /// Waits until mails on their way have arrived.
    pub async fn settle(&self) {
        self.pump.drain().await;
    }
}

/// The functions as API Gateway sees them.
struct AllFunctions {
    app: Arc<Functions>,
    entries: Vec<Arc<Entry>>,
}

impl AllFunctions {
    fn of(app: Functions) -> Self {
        Self { app: Arc::new(app), entries: functions::registry::entries().into_iter().map(Arc::new).collect() }
    }
}

impl Backend for AllFunctions {
    fn routes(&self) -> Vec<Route> {
        let route = |entry: &Arc<Entry>| {
            let method = Method::from_bytes(entry.action.method.as_bytes()).ok()?;
            (entry.action.path != DEFAULT_ROUTE).then(|| Route::new(method, entry.action.path, entry.action.name))
        };
        self.entries.iter().filter_map(route).collect()
    }

    fn invoke(
        &self,
        name: &str,
        request: lambda_http::Request,
    ) -> BoxFuture<'static, Result<Response<Body>, lambda_http::Error>> {
        let name = if name == DEFAULT_ROUTE { "fallback" } else { name };
        let entry = self.entries.iter().find(|entry| entry.action.name == name).cloned();
        let app = self.app.clone();
        Box::pin(async move {
            let entry = entry.ok_or("there is no such function")?;
            Ok(serve(&app, &entry, request).await)
        })
    }
}

async fn pump(
    worker: &Worker,
    streams: &SdkConfig,
    embedded: Option<&EmbeddedDynamo>,
    data: Option<&DataDir>,
) -> Result<StreamPump, Failure> {
    let deliver = {
        let worker = worker.clone();
        Arc::new(move |event| -> BoxFuture<'static, Result<(), String>> {
            let worker = worker.clone();
            Box::pin(async move {
                let event = serde_json::from_value(event).map_err(|error| error.to_string())?;
                deliver_mail::from_stream(&worker, &event).await;
                Ok(())
            })
        })
    };
    let start = data.map_or(Start::Oldest, |data| Start::Checkpoint(data.stream()));
    let client = aws_sdk_dynamodbstreams::Client::new(streams);
    let writes = embedded.map(EmbeddedDynamo::writes);
    Ok(StreamPump::start(client, &worker.config.table, start, writes, deliver).await?)
}

fn controls(clock: Arc<MovableClock>, inbox: Arc<Inbox>, worker: &Worker, pump: &Arc<StreamPump>) -> Controls {
    let run_worker = {
        let (worker, pump) = (worker.clone(), pump.clone());
        Arc::new(move || -> BoxFuture<'static, Result<serde_json::Value, String>> {
            let (worker, pump) = (worker.clone(), pump.clone());
            Box::pin(async move {
                pump.drain().await;
                serde_json::to_value(worker.run_all().await).map_err(|error| error.to_string())
            })
        })
    };
    let settle = {
        let pump = pump.clone();
        Arc::new(move || -> BoxFuture<'static, ()> {
            let pump = pump.clone();
            Box::pin(async move { pump.drain().await })
        })
    };
    Controls::new(clock, inbox, run_worker, settle)
}

/// One table on the embedded engine; elsewhere a fresh one, since others may use the place.
fn table_name(world: &World, external: bool) -> String {
    if external { format!("roster-{:032x}", u128::from_be_bytes(world.random())) } else { "roster".to_owned() }
}

/// The streams of an external DynamoDB: at an endpoint of their own, or at the table's.
fn streams_config(client: &SharedHttpClient) -> Result<SdkConfig, Failure> {
    let config = sdk_config(Service::DynamoDbStreams, client)?;
    Ok(match (endpoint("DYNAMODB_STREAMS"), endpoint("DYNAMODB")) {
        (None, Some(url)) => config.into_builder().endpoint_url(url).build(),
        _ => config,
    })
}

/// The key of a data folder, made with it; a random one where nothing is kept.
fn sealing_key(world: &World, data: Option<&DataDir>) -> Result<SealingKey, Failure> {
    let Some(data) = data else { return Ok(SealingKey::from_bytes(world.random())) };
    let file = data.sealing_key();
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let half = || u128::from_be_bytes(world.random());
            let fresh = format!("{:032x}{:032x}", half(), half());
            crate::data::replace(&file, fresh.as_bytes())?;
            fresh
        }
        Err(error) => return Err(error.into()),
    };
    Ok(SealingKey::from_text(text.trim()).ok_or("the sealing key of the data folder is too short")?)
}
