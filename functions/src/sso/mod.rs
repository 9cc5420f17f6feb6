//! Signing in with Google and Microsoft (P4).

use domain::identity::Provider;
use domain::secret::{Secret, SecretDigest};
use edge::{Context, Problem};
use platform::config::ProviderConfig;
use schemars::JsonSchema;
use serde::Deserialize;

pub mod callback;
pub mod start;

/// The cookie that ties a sign-in to the browser that began it.
const COOKIE: &str = "roster_sso";

/// The parameter of a path that names a provider.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub struct ProviderPath {
    provider: Provider,
}

/// How this service is known at a provider.
fn configured(context: &Context, provider: Provider) -> Result<&ProviderConfig, Problem> {
    let config = match provider {
        Provider::Google => &context.config.sso.google,
        Provider::Microsoft => &context.config.sso.microsoft,
    };
    config
        .as_ref()
        .ok_or_else(|| Problem::new("not_found", format!("Signing in with {} is not set up here.", provider.label())))
}

/// Where the provider sends the browser back to.
fn redirect_uri(context: &Context, provider: Provider) -> String {
    format!("{}/v1/sso/{}/callback", context.config.app_url, provider.name())
}

/// What a flow is bound to. Nonce and code verifier are made of the state, which only this service can do, so that they
/// need not be kept anywhere.
fn bound(context: &Context, state: &Secret) -> sso::Flow {
    let made = |what: &str| context.store.sealer().fingerprint(what, state.reveal().as_bytes());
    sso::Flow { state: state.reveal().to_owned(), nonce: made("sso nonce"), verifier: made("sso code verifier") }
}

/// The secret of the browser that asks, if it has one.
fn browser(context: &Context) -> Option<Secret> {
    let cookies = context.cookies.as_deref()?.split(';');
    cookies
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .and_then(|(_, value)| Secret::presented(value))
}

/// Whether the browser that asks is the one that began.
fn same_browser(context: &Context, began: &SecretDigest) -> bool {
    browser(context).is_some_and(|secret| secret.digest() == *began)
}
