//! The front of the local cloud: does with an HTTP request what API Gateway's HTTP API does before and after a function.

mod event;
mod routes;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use lambda_http::Body;

use self::event::Event;
use self::routes::Routes;
pub use self::routes::{Route, RouteError};
use crate::clock::MovableClock;

/// The name under which a request that matches no route is handed over, as API Gateway's route of that name.
pub const DEFAULT_ROUTE: &str = "$default";

/// The largest body: API Gateway's limit.
pub const MAX_BODY: usize = 10 << 20;
/// The largest request line and headers together: API Gateway's limit.
const MAX_HEAD: usize = 10_240;
/// The largest answer of a function: Lambda's limit.
const MAX_ANSWER: usize = 6 << 20;
/// How long API Gateway waits for a function.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// What stands behind the front: the functions, by the names that their routes give them.
pub trait Backend: Send + Sync + 'static {
    /// Every route; its name is what `invoke` gets.
    fn routes(&self) -> Vec<Route>;

    /// Runs the function of this name, or the one for [`DEFAULT_ROUTE`]. An error becomes the 500 of API Gateway.
    fn invoke(
        &self,
        name: &str,
        request: lambda_http::Request,
    ) -> BoxFuture<'static, Result<Response<Body>, lambda_http::Error>>;
}

/// An HTTP API in front of a [`Backend`]. It needs no socket.
pub struct Front {
    backend: Arc<dyn Backend>,
    routes: Routes,
    clock: Arc<MovableClock>,
    requests: AtomicU64,
}

impl Front {
    /// The front of these functions. Fails when two routes are the same or one is no template.
    pub fn new(backend: Arc<dyn Backend>, clock: Arc<MovableClock>) -> Result<Self, RouteError> {
        let routes = Routes::new(backend.routes())?;
        Ok(Self { backend, routes, clock, requests: AtomicU64::new(0) })
    }

    /// Answers one request as API Gateway does, its own errors included. The caller's address is the request's extension
    /// of the type `SocketAddr`; without one it is the loopback.
    pub async fn call(&self, request: Request<Bytes>) -> Response<Bytes> {
        let now = self.clock.now();
        let id = format!("{:x}-{:x}", now.timestamp_millis(), self.requests.fetch_add(1, Ordering::Relaxed));
        let mut response = self.answer(request, &id, now).await;
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert("apigw-requestid", id);
        }
        response
    }

    async fn answer(&self, request: Request<Bytes>, id: &str, now: chrono::DateTime<chrono::Utc>) -> Response<Bytes> {
        if request.body().len() > MAX_BODY {
            return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
        }
        if head_size(&request) > MAX_HEAD {
            return message(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "Request Header Fields Too Large");
        }
        let route = self.routes.find(request.method(), request.uri().path());
        let peer = request.extensions().get::<SocketAddr>().map(SocketAddr::ip);
        let event = Event { request: &request, route: &route, id, now, peer }.json();
        let Some(request) = event.and_then(|event| lambda_http::request::from_str(&event).ok()) else {
            return message(StatusCode::BAD_REQUEST, "Bad Request");
        };
        // A task of its own: a function runs on when its caller goes away, and a panic ends no more than its request.
        let run = tokio::spawn(self.backend.invoke(route.name, request));
        match tokio::time::timeout(MAX_WAIT, run).await {
            Ok(Ok(Ok(response))) => finish(response),
            Ok(Ok(Err(error))) => failed(route.name, id, &error),
            Ok(Err(error)) => failed(route.name, id, &error),
            Err(_) => message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        }
    }
}

impl std::fmt::Debug for Front {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Front").field("routes", &self.routes).finish_non_exhaustive()
    }
}

fn head_size(request: &Request<Bytes>) -> usize {
    let line = request.method().as_str().len() + request.uri().path_and_query().map_or(0, |p| p.as_str().len());
    request.headers().iter().fold(line, |size, (name, value)| size + name.as_str().len() + value.len())
}

fn finish(response: Response<Body>) -> Response<Bytes> {
    let response = response.map(|body| match body {
        Body::Text(text) => Bytes::from(text),
        Body::Binary(bytes) => Bytes::from(bytes),
        _ => Bytes::new(),
    });
    if response.body().len() > MAX_ANSWER {
        tracing::error!(bytes = response.body().len(), "the answer is larger than a Lambda function may give");
        return message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
    }
    response
}

fn failed(name: &str, id: &str, error: &dyn std::fmt::Display) -> Response<Bytes> {
    tracing::error!(function = name, request_id = id, %error, "the function failed");
    message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
}

/// An error as API Gateway itself words it.
pub(crate) fn message(status: StatusCode, text: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(serde_json::json!({ "message": text }).to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
