//! The mail service: `SendEmail` of SES v2 as far as the service uses it, over HTTP or in process, into an [`Inbox`].

mod inbox;
mod request;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};

pub use self::inbox::{Inbox, Mail, MailFilter};
use self::request::SendEmail;
use crate::clock::MovableClock;

/// Where `SendEmail` is posted.
pub const SEND_PATH: &str = "/v2/email/outbound-emails";

/// How the next sends fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SesFault {
    /// 429 `TooManyRequestsException`: the SDK retries, and so may the caller later.
    Throttled,
    /// 500: the SDK retries, and so may the caller later.
    InternalError,
    /// 400 `MessageRejected`: trying again is of no use.
    Rejected,
    /// The mail arrives and the answer is lost: in process a timeout, over HTTP a 504.
    AnswerLost,
}

/// A mail service whose mails all arrive, in one inbox. Clones share it; give one as the `http_client` of the SDK's SES
/// client.
#[derive(Clone)]
pub struct LocalSes(Arc<Service>);

struct Service {
    inbox: Arc<Inbox>,
    clock: Arc<MovableClock>,
    faults: Mutex<VecDeque<SesFault>>,
}

struct Refusal {
    status: StatusCode,
    kind: &'static str,
    message: String,
}

impl LocalSes {
    /// A service that delivers into `inbox` and dates by `clock`.
    pub fn new(inbox: Arc<Inbox>, clock: Arc<MovableClock>) -> Self {
        Self(Arc::new(Service { inbox, clock, faults: Mutex::default() }))
    }

    /// Fails the next `count` sends like this, after those that earlier calls let fail.
    pub fn fail_next(&self, count: usize, fault: SesFault) {
        self.faults().extend(std::iter::repeat_n(fault, count));
    }

    /// Lets no further send fail.
    pub fn recover(&self) {
        self.faults().clear();
    }

    /// This service as the SDK's HTTP client.
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(self.clone())
    }

    /// Answers one request of the REST API.
    pub fn call(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let fault = if is_send(request) { self.faults().pop_front() } else { None };
        let outcome = match fault {
            Some(SesFault::Throttled) => Err(refusal(
                StatusCode::TOO_MANY_REQUESTS,
                "TooManyRequestsException",
                "Maximum sending rate exceeded.",
            )),
            Some(SesFault::InternalError) => {
                Err(refusal(StatusCode::INTERNAL_SERVER_ERROR, "InternalServiceErrorException", "Internal failure."))
            }
            Some(SesFault::Rejected) => {
                Err(refusal(StatusCode::BAD_REQUEST, "MessageRejected", "The message was rejected."))
            }
            Some(SesFault::AnswerLost) => self.send(request).and_then(|_| {
                Err(refusal(StatusCode::GATEWAY_TIMEOUT, "InternalServiceErrorException", "The answer was lost."))
            }),
            None => self.send(request),
        };
        match outcome {
            Ok(id) => json(StatusCode::OK, &serde_json::json!({ "MessageId": id })),
            Err(Refusal { status, kind, message }) => {
                let mut response = json(status, &serde_json::json!({ "message": message }));
                response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(kind));
                response
            }
        }
    }

    /// Delivers the mail to each of its recipients and answers the first one's id.
    fn send(&self, request: &Request<Bytes>) -> Result<String, Refusal> {
        if !is_send(request) {
            return Err(refusal(StatusCode::NOT_FOUND, "NotFoundException", "Only SendEmail is served here."));
        }
        let mails = SendEmail::parse(request.body())
            .and_then(SendEmail::into_mails)
            .map_err(|message| refusal(StatusCode::BAD_REQUEST, "BadRequestException", &message))?;
        let delivered = self.0.inbox.deliver(mails, self.0.clock.now());
        let ids = delivered.map_err(|error| {
            tracing::error!(%error, "the inbox could not be written");
            refusal(StatusCode::INTERNAL_SERVER_ERROR, "InternalServiceErrorException", "Internal failure.")
        })?;
        Ok(ids.into_iter().next().unwrap_or_default())
    }

    fn faults(&self) -> std::sync::MutexGuard<'_, VecDeque<SesFault>> {
        self.0.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HttpConnector for LocalSes {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let service = self.clone();
        HttpConnectorFuture::ready((|| {
            let other = |error: Box<dyn std::error::Error + Send + Sync>| ConnectorError::other(error, None);
            let body = Bytes::copy_from_slice(request.body().bytes().unwrap_or_default());
            let request = request.try_into_http1x().map_err(|error| other(error.into()))?.map(|_| body);
            let response = Self::call(&service, &request);
            if response.status() == StatusCode::GATEWAY_TIMEOUT {
                return Err(ConnectorError::timeout("injected: no answer in time".into()));
            }
            HttpResponse::try_from(response.map(SdkBody::from)).map_err(|error| other(error.into()))
        })())
    }
}

impl HttpClient for LocalSes {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl fmt::Debug for LocalSes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalSes").field("faults", &*self.faults()).finish_non_exhaustive()
    }
}

fn is_send(request: &Request<Bytes>) -> bool {
    request.method() == Method::POST && request.uri().path() == SEND_PATH
}

fn refusal(status: StatusCode, kind: &'static str, message: &str) -> Refusal {
    Refusal { status, kind, message: message.to_owned() }
}

fn json(status: StatusCode, body: &serde_json::Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
