//! A provider in this process that answers whatever a test makes it answer.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use domain::Instant;
use domain::identity::Provider;
use platform::config::ProviderConfig;
use platform::web::Web;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

use crate::Flow;

pub(super) const ISSUER: &str = "https://idp.example";
pub(super) const CLIENT: &str = "roster";
pub(super) const SECRET: &str = "the client's secret";
pub(super) const CALLBACK: &str = "https://roster.example/v1/sso/google/callback";
/// When it is, in seconds since 1970.
pub(super) const NOW: i64 = 1_800_000_000;

pub(super) fn now() -> Instant {
    Instant::from_timestamp(NOW, 0).unwrap()
}

pub(super) fn flow() -> Flow {
    Flow { state: "s".repeat(43), nonce: "n".repeat(43), verifier: "v".repeat(43) }
}

pub(super) fn provider(kind: Provider, issuer: &str) -> ProviderConfig {
    ProviderConfig { kind, issuer: issuer.to_owned(), client_id: CLIENT.to_owned(), client_secret: SECRET.to_owned() }
}

/// A key that tokens are signed with.
pub(super) struct Key(EcdsaKeyPair);

impl Key {
    pub(super) fn new() -> Self {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        Self(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).unwrap())
    }

    pub(super) fn public(&self, id: &str) -> Value {
        let (x, y) = self.0.public_key().as_ref()[1..].split_at(32);
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": id, "x": BASE64.encode(x), "y": BASE64.encode(y)
        })
    }

    pub(super) fn sign(&self, header: &Value, claims: &Value) -> String {
        let text = unsigned(header, claims);
        let signature = self.0.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
        format!("{text}.{}", BASE64.encode(signature))
    }
}

pub(super) fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()))
}

pub(super) fn header() -> Value {
    json!({ "alg": "ES256", "kid": "one", "typ": "JWT" })
}

/// The claims of a token that is as it should be.
pub(super) fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": CLIENT, "sub": "person", "nonce": flow().nonce, "iat": NOW, "exp": NOW + 3600,
        "email": "ada@example.com", "email_verified": true, "name": "Ada",
    })
}

/// The answers to the three requests of a sign-in: status, kind and body.
#[derive(Clone, Debug)]
pub(super) struct Answers {
    pub(super) document: (u16, String),
    pub(super) keys: (u16, String),
    pub(super) tokens: (u16, String),
}

impl Answers {
    /// Those of a provider that is as it should be and gives this token.
    pub(super) fn of(key: &Key, token: &str) -> Self {
        let tokens = json!({ "access_token": "access", "token_type": "Bearer", "expires_in": 3600, "id_token": token });
        Self {
            document: (200, document(ISSUER).to_string()),
            keys: (200, json!({ "keys": [key.public("one")] }).to_string()),
            tokens: (200, tokens.to_string()),
        }
    }
}

pub(super) fn document(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": "https://idp.example/authorize?tenant=x",
        "token_endpoint": "https://idp.example/token",
        "jwks_uri": "https://idp.example/keys",
    })
}

/// The provider on the web. It notes the requests that it gets, as `METHOD address authorization body`.
#[derive(Clone, Debug)]
pub(super) struct Hostile {
    answers: Arc<Answers>,
    pub(super) asked: Arc<Mutex<Vec<String>>>,
}

impl Hostile {
    pub(super) fn new(answers: Answers) -> Self {
        Self { answers: Arc::new(answers), asked: Arc::default() }
    }

    pub(super) fn web(&self) -> Web {
        Web::with(SharedHttpConnector::new(self.clone()))
    }
}

impl HttpConnector for Hostile {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = String::from_utf8_lossy(request.body().bytes().unwrap()).into_owned();
        let authorization = request.headers().get("authorization").unwrap_or_default();
        let line = format!("{} {} {authorization} {body}", request.method(), request.uri());
        self.asked.lock().unwrap().push(line);
        let (status, body) = match request.uri().rsplit('/').next().unwrap_or_default() {
            "openid-configuration" => self.answers.document.clone(),
            "keys" => self.answers.keys.clone(),
            "token" => self.answers.tokens.clone(),
            _ => (404, String::new()),
        };
        if status == 0 {
            return HttpConnectorFuture::ready(Err(ConnectorError::io("nobody answers".into())));
        }
        let mut answer = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
        answer.headers_mut().insert("content-type", "application/json");
        HttpConnectorFuture::ready(Ok(answer))
    }
}
