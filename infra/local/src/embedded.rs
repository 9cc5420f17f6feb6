//! The embedded DynamoDB: an engine in this process that the AWS SDK reaches through its HTTP client, without a port.

mod call;
mod fault;
mod storage;
#[cfg(test)]
mod tests;
mod token;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use tokio::sync::watch;

use self::call::Reply;
pub use self::fault::{Failure, Fault, FaultHook};
use self::storage::Storage;
use self::token::Tokens;

/// Why the embedded engine did not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The engine knows only paths in UTF-8.
    #[error("{0} is not valid UTF-8")]
    Path(PathBuf),
    /// The engine refused the file.
    #[error("the embedded database: {0}")]
    Engine(#[from] dynoxide::DynoxideError),
    /// The second connection, which keeps the stream short, failed.
    #[error("the embedded database: {0}")]
    Storage(#[from] rusqlite::Error),
}

/// An embedded DynamoDB with its streams. Clones share one database; give one as the `http_client` of the SDK's
/// DynamoDB and streams clients.
///
/// On disk, what was acknowledged survives a process killed at any moment, though not a loss of power: SQLite hands
/// every commit to the operating system and lets it choose when to reach the disk, which a laptop's test data bears
/// and which makes a write twenty times as quick.
#[derive(Clone)]
pub struct EmbeddedDynamo(Arc<Engine>);

struct Engine {
    storage: Storage,
    tokens: Tokens,
    faults: RwLock<Option<FaultHook>>,
    writes: watch::Sender<u64>,
}

impl EmbeddedDynamo {
    /// Opens the database in `path`, or one in memory that ends with the last clone.
    pub fn open(path: Option<&Path>) -> Result<Self, OpenError> {
        Ok(Self(Arc::new(Engine {
            storage: Storage::open(path)?,
            tokens: Tokens::default(),
            faults: RwLock::new(None),
            writes: watch::Sender::new(0),
        })))
    }

    /// This database as the SDK's HTTP client.
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(self.clone())
    }

    /// Counts the writes that were committed, so that whoever follows the stream need not poll.
    pub fn writes(&self) -> watch::Receiver<u64> {
        self.0.writes.subscribe()
    }

    /// From now on asks `hook` before each call whether it shall fail; `None` ends that. The hook runs on the thread
    /// that makes the call and may hold it up.
    pub fn inject(&self, hook: Option<FaultHook>) {
        *self.0.faults.write().unwrap_or_else(PoisonError::into_inner) = hook;
    }
}

impl Engine {
    fn answer(&self, operation: &str, body: &[u8]) -> Result<Reply, ConnectorError> {
        let hook = self.faults.read().unwrap_or_else(PoisonError::into_inner).clone();
        let fault = hook.and_then(|hook| hook(operation, body));
        if let Some(Fault::Before(failure)) = fault {
            return failure.answer(operation, body);
        }
        let reply = self.storage.call(operation, body, &self.tokens);
        if reply.is_success() && call::writes(operation) {
            self.writes.send_modify(|count| *count = count.wrapping_add(1));
        }
        match fault {
            Some(Fault::AfterCommit(failure)) if reply.is_success() => failure.answer(operation, body),
            _ => Ok(reply),
        }
    }
}

impl HttpConnector for EmbeddedDynamo {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let engine = Arc::clone(&self.0);
        HttpConnectorFuture::new(async move {
            let target = request.headers().get("x-amz-target").unwrap_or_default();
            let Some(operation) = call::operation(target).map(str::to_owned) else {
                return Reply::unknown_operation().respond();
            };
            // Once begun, a call runs to its end even when the caller stops waiting, as it would in the cloud.
            let run = tokio::task::spawn_blocking(move || match request.body().bytes() {
                Some(body) => engine.answer(&operation, body),
                None => Ok(Reply::unreadable("the body is a stream")),
            });
            run.await.map_err(|failed| ConnectorError::other(failed.into(), None))??.respond()
        })
    }
}

impl HttpClient for EmbeddedDynamo {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl Reply {
    fn respond(self) -> Result<HttpResponse, ConnectorError> {
        let status = self.status.try_into().map_err(|error| ConnectorError::other(Box::new(error), None))?;
        let mut response = HttpResponse::new(status, SdkBody::from(self.body));
        response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
        Ok(response)
    }
}

impl fmt::Debug for EmbeddedDynamo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedDynamo").field("storage", &self.0.storage).finish_non_exhaustive()
    }
}
