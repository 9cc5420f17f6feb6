//! Connections to AWS, made by hand from the environment: no profile files, no metadata service, no chain of
//! providers. At a cold start that chain costs more than all else together.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;

use crate::config::{Aws, ConfigError, endpoint, variable};

/// The roots that sign AWS's endpoints (Amazon Trust Services). `NATIVE_ROOTS=1` trusts the system's as well.
const AMAZON_ROOTS: &[u8] = include_bytes!("../certs/amazon-trust-services.pem");

/// A service that has an endpoint of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// State.
    DynamoDb,
    /// The table's stream.
    DynamoDbStreams,
    /// Mail.
    Ses,
    /// The key of secrets at rest.
    Kms,
}

impl Service {
    const fn variable(self) -> &'static str {
        match self {
            Self::DynamoDb => "DYNAMODB",
            Self::DynamoDbStreams => "DYNAMODB_STREAMS",
            Self::Ses => "SESV2",
            Self::Kms => "KMS",
        }
    }
}

/// An HTTP client for every service: rustls with ring. Its connections end with the runtime that opened them, so that
/// runtimes do not share one.
pub fn http_client() -> Result<SharedHttpClient, ConfigError> {
    Ok(Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(trust()?).build_https())
}

/// Whom we trust to be AWS.
pub(crate) fn trust() -> Result<TlsContext, ConfigError> {
    let native_roots = variable("NATIVE_ROOTS").is_some_and(|value| value == "1");
    let trust = TrustStore::empty().with_native_roots(native_roots).with_pem_certificate(AMAZON_ROOTS);
    let tls = TlsContext::builder().with_trust_store(trust).build();
    tls.map_err(|_| ConfigError::Invalid("NATIVE_ROOTS", "names certificates that cannot be read"))
}

/// The SDK's configuration for a service, reached through this client.
pub fn sdk_config(service: Service, client: &SharedHttpClient) -> Result<SdkConfig, ConfigError> {
    let aws = Aws::from_env()?;
    let credentials =
        Credentials::new(aws.access_key_id, aws.secret_access_key, aws.session_token, None, "environment");
    Ok(builder(client.clone(), credentials, aws.region, aws.attempt_timeout, endpoint(service.variable())))
}

/// The SDK's configuration for something that stands in for AWS within this process.
pub fn stand_in(client: SharedHttpClient) -> SdkConfig {
    let credentials = Credentials::new("local", "local", None, None, "stand-in");
    let endpoint = Some("http://localhost".to_owned());
    builder(client, credentials, "us-east-1".to_owned(), Duration::from_secs(30), endpoint)
}

fn builder(
    client: SharedHttpClient,
    credentials: Credentials,
    region: String,
    attempt_timeout: Duration,
    endpoint: Option<String>,
) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_millis(1_500))
        .operation_attempt_timeout(attempt_timeout)
        .operation_timeout(attempt_timeout * 3)
        .build();
    let mut builder = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(client)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .region(Region::new(region))
        .retry_config(retries())
        .timeout_config(timeouts)
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()));
    builder.set_endpoint_url(endpoint);
    builder.build()
}

/// Four attempts, soon after one another: a request waits for them.
fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(4)
        .with_initial_backoff(Duration::from_millis(50))
        .with_max_backoff(Duration::from_secs(1))
}
