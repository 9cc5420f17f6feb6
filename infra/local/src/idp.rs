//! The identity provider: what stands in for Google and Microsoft, so that signing in with them needs no account there. It
//! speaks `OpenID` Connect as they do, asks for no password and lets everybody be anybody; and for tests it lies.

mod authorize;
mod key;
mod page;
#[cfg(test)]
mod tests;
mod token;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use bytes::Bytes;
use domain::identity::Provider;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use platform::World;
use platform::config::{ProviderConfig, SsoConfig};
use platform::web::Web;
use serde_json::{Value, json};

use self::authorize::{Asked, Person};
use self::key::SigningKey;
use self::token::Grant;
use crate::controls::{refuse_foreign_names, refuse_foreigners};

/// Below this each provider has its paths.
pub const PREFIX: &str = "/_local/idp/";
/// The name of the service at each provider.
pub const CLIENT_ID: &str = "roster-local";

/// How the provider lies, or fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misbehaviour {
    /// The token is for another sign-in.
    WrongNonce,
    /// The token is for another service.
    WrongAudience,
    /// The token is of another issuer.
    WrongIssuer,
    /// The token was good an hour ago.
    Expired,
    /// The token has `alg` none and no signature.
    Unsigned,
    /// The token is signed with a key that the provider does not publish, under the name of one that it does.
    SignedByAnotherKey,
    /// The token is signed with the client's secret, which this service knows and could have made up itself.
    HmacWithClientSecret,
    /// The token names no address.
    NoEmail,
    /// Nothing is answered: in process the connection breaks, over HTTP it is a 503.
    Unreachable,
}

/// Why there is no provider: the operating system gave no key.
#[derive(Debug, thiserror::Error)]
#[error("the local identity provider has no key to sign with")]
pub struct NoKey;

/// Both providers. Clones share them.
#[derive(Clone)]
pub struct LocalIdp(Arc<Service>);

struct Service {
    world: World,
    google: ProviderConfig,
    microsoft: ProviderConfig,
    /// What the addresses to come back to begin with.
    app_url: String,
    state: Mutex<State>,
}

struct State {
    key: Arc<SigningKey>,
    misbehaviour: Option<Misbehaviour>,
    grants: HashMap<String, Grant>,
}

impl LocalIdp {
    /// Providers under this address, with keys and secrets of their own.
    pub fn new(app_url: &str, world: World) -> Result<Self, NoKey> {
        let provider = |kind| ProviderConfig {
            kind,
            issuer: format!("{app_url}{PREFIX}{}", name(kind)),
            client_id: CLIENT_ID.to_owned(),
            client_secret: secret(&world),
        };
        Ok(Self(Arc::new(Service {
            google: provider(Provider::Google),
            microsoft: provider(Provider::Microsoft),
            app_url: app_url.to_owned(),
            state: Mutex::new(State {
                key: Arc::new(SigningKey::new(&world)?),
                misbehaviour: None,
                grants: HashMap::new(),
            }),
            world,
        })))
    }

    /// How the service is registered here.
    pub fn config(&self) -> SsoConfig {
        SsoConfig { google: Some(self.0.google.clone()), microsoft: Some(self.0.microsoft.clone()) }
    }

    /// The web as the service shall see it: these providers and nothing else, without a port.
    pub fn web(&self) -> Web {
        Web::with(SharedHttpConnector::new(self.clone()))
    }

    /// Lies like this from now on; `None` ends that.
    pub fn misbehave(&self, misbehaviour: Option<Misbehaviour>) {
        self.state().misbehaviour = misbehaviour;
    }

    /// Signs with a new key from now on, and publishes the old one no more.
    pub fn rotate_key(&self) -> Result<(), NoKey> {
        let key = Arc::new(SigningKey::new(&self.0.world)?);
        self.state().key = key;
        Ok(())
    }

    /// Signs somebody in who was sent here with this query, and answers the query to come back with. Fails like the page
    /// would, in words.
    pub fn authorize_as(&self, query: &str, email: &str, verified: bool, name: &str) -> Result<String, String> {
        let asked = Asked::parse(query.as_bytes());
        let person = Person { email: email.to_owned(), verified, name: name.to_owned() };
        let mut providers = [Provider::Google, Provider::Microsoft].into_iter();
        let kind = providers.find(|kind| self.callback(*kind) == asked.redirect_uri);
        self.allow(kind.ok_or("nobody may be sent back there")?, &asked, person)
    }

    /// Answers one request from the network, unless a page of another origin sent it.
    pub(crate) fn serve(&self, request: &Request<Bytes>) -> Response<Bytes> {
        // Whoever signs in comes from elsewhere and is shown a form. What the form sends comes from here.
        let arrives = request.method() == Method::GET && request.uri().path().ends_with("/authorize");
        let headers = request.headers();
        let refusal = if arrives { refuse_foreign_names(headers) } else { refuse_foreigners(headers) };
        refusal.unwrap_or_else(|| self.call(request))
    }

    /// Answers one request.
    pub fn call(&self, request: &Request<Bytes>) -> Response<Bytes> {
        if self.misbehaviour() == Some(Misbehaviour::Unreachable) {
            return failure(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable");
        }
        let path = request.uri().path().strip_prefix(PREFIX).unwrap_or_default();
        let (provider, path) = path.split_once('/').unwrap_or((path, ""));
        let kind = match provider {
            "google" => Provider::Google,
            "microsoft" => Provider::Microsoft,
            _ => return failure(StatusCode::NOT_FOUND, "not_found"),
        };
        match (request.method().as_str(), path) {
            ("GET", ".well-known/openid-configuration") => answer(StatusCode::OK, &self.document(kind)),
            ("GET", "keys") => answer(StatusCode::OK, &json!({ "keys": [self.state().key.public()] })),
            ("GET", "authorize") => self.ask(kind, request.uri().query().unwrap_or_default()),
            ("POST", "authorize") => self.decide(kind, request.body()),
            ("POST", "token") => self.redeem(kind, request),
            (_, ".well-known/openid-configuration" | "keys" | "authorize" | "token") => {
                failure(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed")
            }
            _ => failure(StatusCode::NOT_FOUND, "not_found"),
        }
    }

    fn document(&self, kind: Provider) -> Value {
        let issuer = &self.provider(kind).issuer;
        json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/keys"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "scopes_supported": ["openid", "email", "profile"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
        })
    }

    fn provider(&self, kind: Provider) -> &ProviderConfig {
        match kind {
            Provider::Google => &self.0.google,
            Provider::Microsoft => &self.0.microsoft,
        }
    }

    /// The one address that a provider sends people back to.
    fn callback(&self, kind: Provider) -> String {
        format!("{}/v1/sso/{}/callback", self.0.app_url, name(kind))
    }

    fn misbehaviour(&self) -> Option<Misbehaviour> {
        self.state().misbehaviour
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HttpConnector for LocalIdp {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let other = |error: Box<dyn std::error::Error + Send + Sync>| ConnectorError::other(error, None);
        HttpConnectorFuture::ready((|| {
            let own = [&self.0.google.issuer, &self.0.microsoft.issuer];
            if !own.iter().any(|issuer| request.uri().starts_with(issuer.as_str())) {
                return Err(ConnectorError::io("no web but the local identity provider".into()));
            }
            if self.misbehaviour() == Some(Misbehaviour::Unreachable) {
                return Err(ConnectorError::io("injected: nobody answers".into()));
            }
            let body = Bytes::copy_from_slice(request.body().bytes().unwrap_or_default());
            let request = request.try_into_http1x().map_err(|error| other(error.into()))?.map(|_| body);
            let response = Self::call(self, &request);
            HttpResponse::try_from(response.map(SdkBody::from)).map_err(|error| other(error.into()))
        })())
    }
}

impl fmt::Debug for LocalIdp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalIdp").field("misbehaviour", &self.misbehaviour()).finish_non_exhaustive()
    }
}

const fn name(kind: Provider) -> &'static str {
    match kind {
        Provider::Google => "google",
        Provider::Microsoft => "microsoft",
    }
}

/// 256 random bits, in 43 characters.
fn secret(world: &World) -> String {
    BASE64.encode(world.random::<32>())
}

fn failure(status: StatusCode, error: &str) -> Response<Bytes> {
    answer(status, &json!({ "error": error }))
}

fn answer(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
