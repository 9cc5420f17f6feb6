//! Signing in with an identity provider: `OpenID` Connect, the authorization code flow with PKCE, for Google and Microsoft.
//!
//! A sign-in has two halves. [`authorization_url`] is where the browser is sent; the provider sends it back to the redirect
//! URI with a code, and [`identity`] makes of the code who that is. In between somebody keeps the [`Flow`], and refuses
//! whatever comes back with another state.
//!
//! The provider's discovery document and keys are fetched at each use. A sign-in with a provider is rare and waits for it
//! anyway, and so there is no cache that a rotation of keys could find stale.

mod claims;
mod discovery;
mod exchange;
#[cfg(test)]
mod tests;

use std::fmt;

use domain::Instant;
pub use platform::config::ProviderConfig;
use platform::web::Web;

use crate::discovery::Discovered;

/// What one sign-in is bound to: three random secrets of at least 256 bits, fresh for each, in URL-safe base64 or hex (43
/// to 128 characters).
#[derive(Clone, PartialEq, Eq)]
pub struct Flow {
    /// Comes back with the code, and shows that it is the answer to what this browser asked.
    pub state: String,
    /// Comes back within the token, and shows that the token was made for this sign-in.
    pub nonce: String,
    /// Goes to the provider with the code, and shows that whoever redeems it is who asked for it. The browser never sees
    /// it, only its hash.
    pub verifier: String,
}

impl fmt::Debug for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Flow(…)")
    }
}

/// Who somebody is to a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Who vouches: the issuer of the token. Microsoft's names the tenant.
    pub issuer: String,
    /// The provider's name for the person, which never changes and is given to nobody else: the claim `sub`, or Microsoft's
    /// `<tid>:<oid>`. Issuer and subject together are the identity; the address is not.
    pub subject: String,
    /// The address of the person, as the provider has it.
    pub email: Option<String>,
    /// Whether the provider knows that the address is the person's. Microsoft's tenants may write any address into it: it
    /// counts only with the claim `xms_edov`.
    pub email_verified: bool,
    /// The name of the person, for show.
    pub name: Option<String>,
}

/// Why there is no identity. The texts are for logs; they hold no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SsoError {
    /// The provider did not answer, or not with anything that can be used: trying again later may help.
    #[error("the identity provider cannot be used: {0}")]
    Unreachable(String),
    /// The provider's answer proves nobody: a code that is not good, or a token that is not for this sign-in.
    #[error("the identity provider's answer proves nobody: {0}")]
    Refused(String),
}

/// Where to send the browser. `login_hint` is the address that the provider may suggest.
pub async fn authorization_url(
    web: &Web,
    provider: &ProviderConfig,
    redirect_uri: &str,
    flow: &Flow,
    login_hint: Option<&str>,
) -> Result<String, SsoError> {
    let provider = Discovered::discover(web, provider).await?;
    exchange::authorization_url(&provider, redirect_uri, flow, login_hint)
}

/// Who came back with this code. The caller has compared the state; a code is good once.
pub async fn identity(
    web: &Web,
    provider: &ProviderConfig,
    redirect_uri: &str,
    flow: &Flow,
    code: &str,
    now: Instant,
) -> Result<Identity, SsoError> {
    let provider = Discovered::discover(web, provider).await?;
    // The keys come first: a code that was redeemed in vain is used up.
    let keys = provider.keys(web).await?;
    let tokens = exchange::tokens(web, &provider, redirect_uri, flow, code).await?;
    claims::identity(&provider, &keys, &tokens, flow, now)
}
