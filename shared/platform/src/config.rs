//! Configuration, from environment variables only.

use std::path::Path;
use std::time::Duration;

use domain::identity::Provider;
use domain::plan::{Catalogue, CatalogueError};

use crate::operator::OperatorKey;
use crate::seal::SealingKey;
pub use crate::sso::{ProviderConfig, SsoConfig};
pub use crate::stripe::{StripeAccess, StripeConfig, WebhookSecret};

/// Everything that differs from one deployment to another.
#[derive(Clone, Debug)]
pub struct Config {
    /// `TABLE_NAME`: the DynamoDB table.
    pub table: String,
    /// `APP_URL`: what links in mails begin with; never taken from a request.
    pub app_url: String,
    /// `MAIL_FROM`: the sender of mails.
    pub mail_from: String,
    /// `SEALING_KEY`: what secrets at rest are sealed with; at least 32 characters.
    pub sealing_key: SealingKey,
    /// `SES_CONFIGURATION_SET`, if mails go out under one.
    pub ses_configuration_set: Option<String>,
    /// `VENDOR_NAME`: who issues invoices; `Roster` unless told otherwise.
    pub vendor: String,
    /// `OPERATOR_TOKEN_SHA256`: the key of the operator's token, in 64 hexadecimal digits; without one there is no operator.
    pub operator: Option<OperatorKey>,
    /// The identity providers that people may sign in with.
    pub sso: SsoConfig,
    /// `SSO_PROVIDERS`: the names of those that are set up anywhere in the deployment, separated by commas. Only the
    /// functions of such sign-in know how; all others know that.
    pub sso_providers: Vec<Provider>,
    /// `KMS_KEY_ID`: the KMS key that the vault locks with; without one it locks with the sealing key.
    pub kms_key_id: Option<String>,
    /// `AVATAR_BUCKET`: the S3 bucket of pictures. Only the functions that have to do with files know one.
    pub avatar_bucket: Option<String>,
    /// `PLANS_FILE`: the file of the plans on offer; those that are part of the product where there is none.
    pub plans: Catalogue,
    /// How payments are taken, if they are.
    pub stripe: StripeConfig,
}

/// What is wrong with the configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A variable that must be there is not.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// A variable does not say what it must.
    #[error("the environment variable {0} {1}")]
    Invalid(&'static str, &'static str),
    /// The file of the plans cannot be read.
    #[error("the plans in {0} cannot be read: {1}")]
    PlansUnread(String, std::io::Error),
    /// The file of the plans is wrong.
    #[error("the plans in {0} are wrong: {1}")]
    Plans(String, CatalogueError),
}

impl Config {
    /// The configuration of this process.
    pub fn from_env() -> Result<Self, ConfigError> {
        let app_url = required("APP_URL")?;
        let app_url = app_url.trim_end_matches('/').to_owned();
        if !app_url.starts_with("https://") && !app_url.starts_with("http://") {
            return Err(ConfigError::Invalid("APP_URL", "must begin with https:// (or http://, on a laptop)"));
        }
        let sso = SsoConfig::from_env()?;
        Ok(Self {
            table: required("TABLE_NAME")?,
            app_url,
            mail_from: required("MAIL_FROM")?,
            sealing_key: SealingKey::from_text(&required("SEALING_KEY")?)
                .ok_or(ConfigError::Invalid("SEALING_KEY", "must have at least 32 characters"))?,
            ses_configuration_set: variable("SES_CONFIGURATION_SET"),
            vendor: variable("VENDOR_NAME").unwrap_or_else(|| "Roster".to_owned()),
            operator: operator()?,
            sso_providers: crate::sso::named(variable("SSO_PROVIDERS").as_deref(), &sso)?,
            sso,
            kms_key_id: variable("KMS_KEY_ID"),
            avatar_bucket: variable("AVATAR_BUCKET"),
            plans: plans(None)?,
            stripe: StripeConfig::from_env()?,
        })
    }
}

/// The plans on offer: of that file, else of the one that `PLANS_FILE` names, else those that are part of the product.
pub fn plans(file: Option<&Path>) -> Result<Catalogue, ConfigError> {
    let named = variable("PLANS_FILE");
    let Some(file) = file.or_else(|| named.as_deref().map(Path::new)) else {
        return Catalogue::shipped().map_err(|error| ConfigError::Plans("the product".to_owned(), error));
    };
    let shown = || file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|error| ConfigError::PlansUnread(shown(), error))?;
    Catalogue::parse(&text).map_err(|error| ConfigError::Plans(shown(), error))
}

/// The key of the operator's token, if there is an operator.
pub fn operator() -> Result<Option<OperatorKey>, ConfigError> {
    let Some(key) = variable("OPERATOR_TOKEN_SHA256") else { return Ok(None) };
    let invalid = ConfigError::Invalid("OPERATOR_TOKEN_SHA256", "must be 64 hexadecimal digits");
    OperatorKey::from_hex(&key).map(Some).ok_or(invalid)
}

/// The handler that Lambda runs this process for (`_HANDLER`).
pub fn handler() -> Result<String, ConfigError> {
    required("_HANDLER")
}

/// How the SDK reaches AWS, or what stands in for it.
#[derive(Clone, Debug)]
pub(crate) struct Aws {
    pub(crate) region: String,
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
    pub(crate) session_token: Option<String>,
    pub(crate) attempt_timeout: Duration,
}

impl Aws {
    pub(crate) fn from_env() -> Result<Self, ConfigError> {
        Ok(Self {
            region: variable("AWS_REGION").map_or_else(|| required("AWS_DEFAULT_REGION"), Ok)?,
            access_key_id: required("AWS_ACCESS_KEY_ID")?,
            secret_access_key: required("AWS_SECRET_ACCESS_KEY")?,
            session_token: variable("AWS_SESSION_TOKEN"),
            attempt_timeout: Duration::from_secs(3),
        })
    }
}

/// The endpoint of a service, when it is not AWS's own: `AWS_ENDPOINT_URL_<SERVICE>`, else `AWS_ENDPOINT_URL`.
pub fn endpoint(service: &str) -> Option<String> {
    variable(&format!("AWS_ENDPOINT_URL_{service}")).or_else(|| variable("AWS_ENDPOINT_URL"))
}

/// A variable of the environment; an empty one counts as none.
#[allow(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn required(name: &'static str) -> Result<String, ConfigError> {
    variable(name).ok_or(ConfigError::Missing(name))
}
