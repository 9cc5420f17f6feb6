//! Requests beside the SDK's: small documents from identity providers, and the store of files.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings, SharedHttpConnector};
use aws_smithy_types::body::SdkBody;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

/// How long a call may take, from the connection to the last byte.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(2);
/// How long a connection is kept for the next call. A frozen function thaws with connections that ended long ago.
const IDLE: Duration = Duration::from_secs(5);
/// The largest answer, in bytes.
pub const MAX_ANSWER: usize = 1024 * 1024;

/// A client for the public web: one attempt for each call, no redirects, no cookies. Clones share their connections.
#[derive(Clone)]
pub struct Web(Arc<Inner>);

struct Inner {
    made: OnceLock<SharedHttpConnector>,
    trust: fn() -> Result<TlsContext, String>,
}

/// Why there is no answer. What it says is for logs.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// The system's certificates cannot be read.
    #[error("the system's certificates cannot be read: {0}")]
    Certificates(String),
    /// The request is none that HTTP carries.
    #[error("the request cannot be sent: {0}")]
    Request(String),
    /// The other side cannot be reached, or broke off.
    #[error("no answer: {0}")]
    Connection(String),
    /// The answer was not there within five seconds.
    #[error("no answer within {} seconds", TIMEOUT.as_secs())]
    Timeout,
    /// The answer is larger than what was asked for.
    #[error("the answer is too large")]
    TooLarge,
}

impl Web {
    /// The real web, over TLS with the system's roots. Nothing is made before the first call, so that a function that
    /// makes none starts as fast as ever.
    pub fn lazy() -> Self {
        Self::trusting(public_trust)
    }

    /// AWS alone, over TLS with Amazon's roots; made as late.
    pub fn to_aws() -> Self {
        Self::trusting(|| crate::aws::trust().map_err(|error| error.to_string()))
    }

    fn trusting(trust: fn() -> Result<TlsContext, String>) -> Self {
        Self(Arc::new(Inner { made: OnceLock::new(), trust }))
    }

    /// What stands in for the web: every call goes there, whatever its address.
    pub fn with(connector: SharedHttpConnector) -> Self {
        Self(Arc::new(Inner { made: OnceLock::from(connector), trust: public_trust }))
    }

    /// Sends one request to an absolute address and reads the whole answer, whatever its status; a redirect is an answer
    /// like any other.
    pub async fn call(&self, request: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, WebError> {
        self.call_within(request, MAX_ANSWER).await
    }

    /// The same with an answer of at most so many bytes.
    pub async fn call_within(
        &self,
        request: http::Request<Vec<u8>>,
        most: usize,
    ) -> Result<http::Response<Vec<u8>>, WebError> {
        tokio::time::timeout(TIMEOUT, self.exchange(request, most)).await.map_err(|_| WebError::Timeout)?
    }

    async fn exchange(
        &self,
        request: http::Request<Vec<u8>>,
        most: usize,
    ) -> Result<http::Response<Vec<u8>>, WebError> {
        let request = request.map(SdkBody::from).try_into().map_err(|error| WebError::Request(chain(&error)))?;
        let answer = self.connector()?.call(request).await.map_err(|error| WebError::Connection(chain(&error)))?;
        let answer = answer.try_into_http1x().map_err(|error| WebError::Connection(chain(&error)))?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, most).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() { WebError::TooLarge } else { WebError::Connection(chain(&*error)) }
        })?;
        Ok(http::Response::from_parts(head, body.to_bytes().to_vec()))
    }

    fn connector(&self) -> Result<&SharedHttpConnector, WebError> {
        if let Some(connector) = self.0.made.get() {
            return Ok(connector);
        }
        // Two that come first at once make one each, and share the one that was done sooner.
        let made = connector((self.0.trust)().map_err(WebError::Certificates)?);
        Ok(self.0.made.get_or_init(|| made))
    }
}

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Web").field("made", &self.0.made.get().is_some()).finish()
    }
}

fn public_trust() -> Result<TlsContext, String> {
    let tls = TlsContext::builder().with_trust_store(TrustStore::empty().with_native_roots(true)).build();
    tls.map_err(|error| error.to_string())
}

fn connector(tls: TlsContext) -> SharedHttpConnector {
    let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT).read_timeout(TIMEOUT).build();
    let connector = Connector::builder()
        .connector_settings(settings)
        .sleep_impl(TokioSleep::new())
        .pool_idle_timeout(IDLE)
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(tls)
        .build();
    SharedHttpConnector::new(connector)
}

/// An error with what caused it: the connector's own words say no more than that it failed.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture};
    use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};

    use super::*;

    /// Answers `/<n>` with n bytes, `/moved` with a redirect, and anything else never.
    #[derive(Debug)]
    struct Elsewhere;

    impl HttpConnector for Elsewhere {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let path = request.uri().rsplit('/').next().unwrap_or_default().to_owned();
            HttpConnectorFuture::new(async move {
                let (status, body) = match path.parse() {
                    Ok(size) => (200, vec![b'x'; size]),
                    Err(_) if path == "moved" => (302, Vec::new()),
                    Err(_) => std::future::pending().await,
                };
                let mut answer = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
                answer.headers_mut().insert("location", "/1");
                Ok(answer)
            })
        }
    }

    async fn get(path: &str) -> Result<http::Response<Vec<u8>>, WebError> {
        let web = Web::with(SharedHttpConnector::new(Elsewhere));
        web.call(http::Request::get(format!("https://idp.example/{path}")).body(Vec::new()).unwrap()).await
    }

    #[tokio::test]
    async fn an_answer_is_read_up_to_a_mebibyte() {
        assert_eq!(get("7").await.unwrap().body(), b"xxxxxxx");
        assert_eq!(get(&MAX_ANSWER.to_string()).await.unwrap().body().len(), MAX_ANSWER);
        assert!(matches!(get(&(MAX_ANSWER + 1).to_string()).await, Err(WebError::TooLarge)));
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer() {
        assert_eq!(get("moved").await.unwrap().status(), 302);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_never_comes_is_not_waited_for() {
        assert!(matches!(get("never").await, Err(WebError::Timeout)));
    }

    #[tokio::test]
    async fn nothing_is_made_before_the_first_call() {
        let web = Web::lazy();
        assert_eq!(format!("{web:?}"), "Web { made: false }");
        // Nobody listens at the port 1 of this machine.
        let nobody = http::Request::get("http://127.0.0.1:1/").body(Vec::new()).unwrap();
        assert!(matches!(web.call(nobody).await, Err(WebError::Connection(_))));
        assert_eq!(format!("{web:?}"), "Web { made: true }");
    }
}
