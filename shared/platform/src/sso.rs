//! Which identity providers people may sign in with, from environment variables.

use std::fmt;

use domain::identity::Provider;

use crate::config::{ConfigError, variable};

/// Google's issuer.
pub const GOOGLE_ISSUER: &str = "https://accounts.google.com";
/// Microsoft's issuer for every tenant and for personal accounts.
pub const MICROSOFT_ISSUER: &str = "https://login.microsoftonline.com/common/v2.0";

/// The identity providers of a deployment; those that are not configured are not offered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SsoConfig {
    /// `GOOGLE_CLIENT_ID`, `GOOGLE_CLIENT_SECRET`, `GOOGLE_ISSUER`.
    pub google: Option<ProviderConfig>,
    /// `MICROSOFT_CLIENT_ID`, `MICROSOFT_CLIENT_SECRET`, `MICROSOFT_ISSUER`.
    pub microsoft: Option<ProviderConfig>,
}

/// A provider, and who this service is to it.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderConfig {
    /// Whose rules it follows.
    pub kind: Provider,
    /// Its issuer: `https://…`, or `http://…` on a loopback host.
    pub issuer: String,
    /// The name under which this service is registered there.
    pub client_id: String,
    /// What proves that to the provider.
    pub client_secret: String,
}

impl fmt::Debug for ProviderConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderConfig")
            .field("kind", &self.kind)
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

impl SsoConfig {
    /// The providers that the environment names.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(variable)
    }

    /// Those that are set up.
    pub fn providers(&self) -> Vec<Provider> {
        [&self.google, &self.microsoft].into_iter().flatten().map(|provider| provider.kind).collect()
    }

    /// Whether nobody can sign in with a provider.
    pub const fn is_empty(&self) -> bool {
        self.google.is_none() && self.microsoft.is_none()
    }

    fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let provider = |kind, names: [&'static str; 3], default: &str| {
            let [id, secret, issuer] = names;
            let Some(client_id) = variable(id) else { return Ok(None) };
            let client_secret = variable(secret).ok_or(ConfigError::Missing(secret))?;
            let address = variable(issuer).unwrap_or_else(|| default.to_owned());
            if !is_safe(&address) {
                return Err(ConfigError::Invalid(issuer, "must begin with https:// (or http://, on a loopback host)"));
            }
            Ok(Some(ProviderConfig { kind, issuer: address, client_id, client_secret }))
        };
        Ok(Self {
            google: provider(
                Provider::Google,
                ["GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET", "GOOGLE_ISSUER"],
                GOOGLE_ISSUER,
            )?,
            microsoft: provider(
                Provider::Microsoft,
                ["MICROSOFT_CLIENT_ID", "MICROSOFT_CLIENT_SECRET", "MICROSOFT_ISSUER"],
                MICROSOFT_ISSUER,
            )?,
        })
    }
}

/// The providers of a list of names; those that are set up here where there is no list.
pub(crate) fn named(list: Option<&str>, here: &SsoConfig) -> Result<Vec<Provider>, ConfigError> {
    let Some(list) = list else { return Ok(here.providers()) };
    let provider = |name: &str| Provider::ALL.into_iter().find(|provider| provider.name() == name);
    let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
    let found: Option<Vec<Provider>> = names.map(provider).collect();
    found.ok_or(ConfigError::Invalid("SSO_PROVIDERS", "may name google and microsoft"))
}

/// Whether nobody on the way can read or change what goes to this address: it is `https`, or on a loopback host.
pub fn is_safe(address: &str) -> bool {
    let Ok(uri) = address.parse::<http::Uri>() else { return false };
    // The userinfo of an address is a way to make it look like another.
    let plain =
        uri.authority().is_some_and(|authority| !authority.as_str().contains('@') && !authority.host().is_empty());
    match uri.scheme_str() {
        Some("https") => plain,
        Some("http") => plain && is_loopback(&uri),
        _ => false,
    }
}

/// Whether an address is `http` on this machine.
pub fn is_local(address: &str) -> bool {
    address.parse::<http::Uri>().is_ok_and(|uri| uri.scheme_str() == Some("http") && is_loopback(&uri))
}

fn is_loopback(uri: &http::Uri) -> bool {
    matches!(uri.host(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<SsoConfig, ConfigError> {
        SsoConfig::read(|name| {
            variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_provider_needs_an_id_and_a_secret() {
        assert!(read(&[("GOOGLE_CLIENT_SECRET", "s")]).unwrap().is_empty());
        assert!(matches!(read(&[("GOOGLE_CLIENT_ID", "g")]), Err(ConfigError::Missing("GOOGLE_CLIENT_SECRET"))));
        assert!(matches!(read(&[("MICROSOFT_CLIENT_ID", "m")]), Err(ConfigError::Missing("MICROSOFT_CLIENT_SECRET"))));

        let both = [
            ("GOOGLE_CLIENT_ID", "g"),
            ("GOOGLE_CLIENT_SECRET", "hidden"),
            ("MICROSOFT_CLIENT_ID", "m"),
            ("MICROSOFT_CLIENT_SECRET", "hidden"),
            ("MICROSOFT_ISSUER", "http://127.0.0.1:3000/idp"),
        ];
        let both = read(&both).unwrap();
        assert_eq!(both.google.as_ref().unwrap().issuer, GOOGLE_ISSUER);
        assert_eq!(both.microsoft.as_ref().unwrap().issuer, "http://127.0.0.1:3000/idp");
        assert!(!format!("{both:?}").contains("hidden"));
    }

    #[test]
    fn an_issuer_is_reached_over_tls_or_on_this_machine() {
        for issuer in ["https://idp.example", "https://idp.example/a/b", "http://localhost:1/x", "http://[::1]:3000"] {
            assert!(is_safe(issuer), "{issuer}");
        }
        for issuer in [
            "",
            "idp.example",
            "http://idp.example",
            "http://localhost.evil.example",
            "http://localhost@evil.example",
            "https://user@idp.example",
            "http://10.0.0.1",
            "ftp://localhost",
            "https://",
        ] {
            let all = [("GOOGLE_CLIENT_ID", "g"), ("GOOGLE_CLIENT_SECRET", "s"), ("GOOGLE_ISSUER", issuer)];
            assert!(!is_safe(issuer), "{issuer}");
            assert!(matches!(read(&all), Err(ConfigError::Invalid("GOOGLE_ISSUER", _))), "{issuer}");
        }
    }
}
