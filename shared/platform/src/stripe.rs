//! How payments are taken, from environment variables. Without them none are: invoices wait for whoever marks them.

use std::fmt;

use crate::config::{ConfigError, variable};
use crate::sso::is_safe;

/// Where Stripe answers.
pub const STRIPE_API: &str = "https://api.stripe.com";

/// What a process knows of payments. Each function knows what it needs: most know only that there are such.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StripeConfig {
    /// `PAYMENTS`: whether payments are taken anywhere in the deployment; so they are where there is a key.
    pub on: bool,
    /// `STRIPE_SECRET_KEY`, `STRIPE_API`: for the functions that call Stripe.
    pub access: Option<StripeAccess>,
    /// `STRIPE_WEBHOOK_SECRET`: for the function that Stripe calls.
    pub webhook_secret: Option<WebhookSecret>,
}

/// Who this service is to Stripe.
#[derive(Clone, PartialEq, Eq)]
pub struct StripeAccess {
    /// What every address begins with: `https://…`, or `http://…` on a loopback host.
    pub api: String,
    /// What proves that it is this service.
    pub secret_key: String,
}

impl fmt::Debug for StripeAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StripeAccess").field("api", &self.api).finish_non_exhaustive()
    }
}

/// What Stripe signs its events with.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret(String);

impl WebhookSecret {
    /// A secret from its text, as Stripe shows it (`whsec_…`).
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Its octets, for whoever verifies.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}

impl StripeConfig {
    /// What the environment says.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(variable)
    }

    fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let api = variable("STRIPE_API").unwrap_or_else(|| STRIPE_API.to_owned());
        if !is_safe(&api) {
            return Err(ConfigError::Invalid(
                "STRIPE_API",
                "must begin with https:// (or http://, on a loopback host)",
            ));
        }
        let api = api.trim_end_matches('/').to_owned();
        let access = variable("STRIPE_SECRET_KEY").map(|secret_key| StripeAccess { api, secret_key });
        let webhook_secret = variable("STRIPE_WEBHOOK_SECRET").map(WebhookSecret);
        let on = match variable("PAYMENTS").as_deref() {
            None => access.is_some(),
            Some("stripe") => true,
            Some(_) => return Err(ConfigError::Invalid("PAYMENTS", "may be stripe")),
        };
        Ok(Self { on, access, webhook_secret })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<StripeConfig, ConfigError> {
        StripeConfig::read(|name| {
            variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn payments_are_off_unless_somebody_turns_them_on() {
        assert_eq!(read(&[]).unwrap(), StripeConfig::default());
        assert!(!read(&[("STRIPE_API", "http://127.0.0.1:8420")]).unwrap().on);
        let told = read(&[("PAYMENTS", "stripe")]).unwrap();
        assert!(told.on && told.access.is_none() && told.webhook_secret.is_none());
        assert!(matches!(read(&[("PAYMENTS", "cash")]), Err(ConfigError::Invalid("PAYMENTS", _))));
    }

    #[test]
    fn keys_go_to_stripe_alone() {
        let config = read(&[("STRIPE_SECRET_KEY", "sk_hidden"), ("STRIPE_WEBHOOK_SECRET", "whsec_hidden")]).unwrap();
        assert!(config.on);
        assert_eq!(config.access.as_ref().unwrap().api, STRIPE_API);
        assert!(!format!("{config:?}").contains("hidden"));
        for api in ["http://stripe.example", "https://user@stripe.example", "stripe.example", "ftp://localhost"] {
            let all = [("STRIPE_SECRET_KEY", "sk"), ("STRIPE_API", api)];
            assert!(matches!(read(&all), Err(ConfigError::Invalid("STRIPE_API", _))), "{api}");
        }
        let here = read(&[("STRIPE_SECRET_KEY", "sk"), ("STRIPE_API", "http://127.0.0.1:8420/")]).unwrap();
        assert_eq!(here.access.unwrap().api, "http://127.0.0.1:8420");
    }
}
