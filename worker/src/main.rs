//! The `bootstrap` of the worker's functions: `_HANDLER` says which job it is.

use std::process::ExitCode;
use std::sync::Arc;

use aws_lambda_events::dynamodb;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use mail::SesSender;
use platform::aws::{Service, http_client, sdk_config};
use platform::web::Web;
use platform::{Config, Files, World, config, process};
use serde_json::Value;
use store::Store;
use worker::jobs::{
    announce_invoices, collect_payments, deliver_mail, erase_users, expire_email_changes, expire_invitations,
    import_invitations, move_resources, remove_files, renew_licenses,
};
use worker::{Report, Worker};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    process::run(Box::pin(start())).await
}

async fn start() -> Result<(), Error> {
    let job = config::handler()?;
    let config = Arc::new(Config::from_env()?);
    let client = http_client()?;
    let store = Store::new(&sdk_config(Service::DynamoDb, &client)?, &config);
    let sender = Arc::new(SesSender::new(
        sdk_config(Service::Ses, &client)?,
        config.mail_from.clone(),
        config.ses_configuration_set.clone(),
    ));
    store.prime().await;
    let files = Files::from_env(config.avatar_bucket.clone())?;
    let worker = &Worker { config, world: World::default(), store, sender, files, web: Web::lazy() };
    match job.as_str() {
        "deliver_mail" => {
            run(service_fn(|event: LambdaEvent<dynamodb::Event>| async move {
                Ok::<_, Error>(deliver_mail::from_stream(worker, &event.payload).await)
            }))
            .await
        }
        "sweep_mail" => scheduled(worker, async |worker| deliver_mail::sweep(worker).await).await,
        "expire_invitations" => scheduled(worker, async |worker| expire_invitations::run(worker).await).await,
        "expire_email_changes" => scheduled(worker, async |worker| expire_email_changes::run(worker).await).await,
        "announce_invoices" => scheduled(worker, async |worker| announce_invoices::run(worker).await).await,
        "renew_licenses" => scheduled(worker, async |worker| renew_licenses::run(worker).await).await,
        "import_invitations" => scheduled(worker, async |worker| import_invitations::run(worker).await).await,
        "move_resources" => scheduled(worker, async |worker| move_resources::run(worker).await).await,
        "erase_users" => scheduled(worker, async |worker| erase_users::run(worker).await).await,
        "remove_files" => scheduled(worker, async |worker| remove_files::run(worker).await).await,
        "collect_payments" => scheduled(worker, async |worker| collect_payments::run(worker).await).await,
        other => Err(format!("there is no job called {other}").into()),
    }
}

/// A job that EventBridge calls: what it sends does not matter.
async fn scheduled(worker: &Worker, job: impl AsyncFn(&Worker) -> Report) -> Result<(), Error> {
    let job = &job;
    run(service_fn(|_: LambdaEvent<Value>| async move {
        let report = job(worker).await;
        tracing::info!(?report, "job");
        Ok::<_, Error>(report)
    }))
    .await
}
