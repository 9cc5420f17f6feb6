//! What a provider says of itself: where it is asked, and with which keys it signs.

use std::collections::BTreeMap;

use domain::identity::Provider;
use http::header::ACCEPT;
use http::{Request, StatusCode};
use openidconnect::JsonWebKeySet;
use openidconnect::core::CoreJsonWebKey;
use platform::config::ProviderConfig;
use platform::sso::{is_local, is_safe};
use platform::web::Web;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::SsoError;

/// What Microsoft's document for many tenants gives as the issuer; each token fills in its own tenant.
const MICROSOFT_TEMPLATE: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";
/// The issuers whose document says so.
const MICROSOFT_MANY: [&str; 2] =
    ["https://login.microsoftonline.com/common/v2.0", "https://login.microsoftonline.com/organizations/v2.0"];

/// A discovery document, as far as it is used.
#[derive(Debug, Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

/// A provider that was found to be who it should be.
#[derive(Debug)]
pub(crate) struct Discovered<'a> {
    pub(crate) config: &'a ProviderConfig,
    pub(crate) authorization_endpoint: String,
    pub(crate) token_endpoint: String,
    /// Whether the secret goes into the body rather than into the header.
    pub(crate) secret_in_body: bool,
    jwks_uri: String,
    /// Whether tokens come from a tenant's issuer rather than from the configured one.
    many_tenants: bool,
}

/// The keys of a provider.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) set: JsonWebKeySet<CoreJsonWebKey>,
    /// The issuers that a key signs for, by the key's id, where the key says so. Microsoft's do: those of personal accounts
    /// must not sign for a company.
    pub(crate) issuers: BTreeMap<String, String>,
}

impl<'a> Discovered<'a> {
    pub(crate) async fn discover(web: &Web, config: &'a ProviderConfig) -> Result<Self, SsoError> {
        let issuer = &config.issuer;
        let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let document: Document = get(web, &address).await?;
        let many_tenants = config.kind == Provider::Microsoft
            && MICROSOFT_MANY.contains(&issuer.as_str())
            && document.issuer == MICROSOFT_TEMPLATE;
        if document.issuer != *issuer && !many_tenants {
            return Err(unusable(format!("the document of {issuer} is that of {}", document.issuer)));
        }
        for endpoint in [&document.authorization_endpoint, &document.token_endpoint, &document.jwks_uri] {
            if !is_safe(endpoint) || (is_local(endpoint) && !is_local(issuer)) {
                return Err(unusable(format!("{issuer} names {endpoint}, which is not reached over TLS")));
            }
        }
        // Both are the standard's. The header needs an encoding that not every provider undoes.
        let secret_in_body = document.token_endpoint_auth_methods_supported.iter().any(|it| it == "client_secret_post");
        Ok(Self {
            config,
            authorization_endpoint: document.authorization_endpoint,
            token_endpoint: document.token_endpoint,
            secret_in_body,
            jwks_uri: document.jwks_uri,
            many_tenants,
        })
    }

    pub(crate) async fn keys(&self, web: &Web) -> Result<Keys, SsoError> {
        let document: Value = get(web, &self.jwks_uri).await?;
        let mut issuers = BTreeMap::new();
        for key in document["keys"].as_array().into_iter().flatten() {
            if let (Some(id), Some(issuer)) = (key["kid"].as_str(), key["issuer"].as_str()) {
                issuers.insert(id.to_owned(), issuer.to_owned());
            }
        }
        let set = serde_json::from_value(document).map_err(|_| unusable(format!("{} has no keys", self.jwks_uri)))?;
        Ok(Keys { set, issuers })
    }

    /// Whether tokens come from a tenant's issuer, which only the token names.
    pub(crate) const fn has_many_tenants(&self) -> bool {
        self.many_tenants
    }

    /// The issuer that tokens of a tenant must name.
    pub(crate) fn issuer(&self, tenant: Option<&str>) -> Option<String> {
        if !self.many_tenants {
            return Some(self.config.issuer.clone());
        }
        tenant.filter(|tenant| is_tenant(tenant)).map(|tenant| for_tenant(MICROSOFT_TEMPLATE, tenant))
    }
}

/// A template of issuers with the tenant filled in.
pub(crate) fn for_tenant(template: &str, tenant: &str) -> String {
    template.replace("{tenantid}", tenant)
}

fn is_tenant(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

async fn get<T: DeserializeOwned>(web: &Web, address: &str) -> Result<T, SsoError> {
    let request = Request::get(address)
        .header(ACCEPT, "application/json")
        .body(Vec::new())
        .map_err(|error| unusable(format!("{address}: {error}")))?;
    let answer = web.call(request).await.map_err(|error| unusable(format!("{address}: {error}")))?;
    if answer.status() != StatusCode::OK {
        return Err(unusable(format!("{address} answered {}", answer.status())));
    }
    serde_json::from_slice(answer.body()).map_err(|error| unusable(format!("{address}: {error}")))
}

fn unusable(text: String) -> SsoError {
    SsoError::Unreachable(text)
}
