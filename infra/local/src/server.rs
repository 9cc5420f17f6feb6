//! The local cloud as one HTTP application, and the server that puts it on a socket.

#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};

use crate::controls::{self, Controls, refuse_foreigners};
use crate::front::{Front, MAX_BODY, message};
use crate::idp::{self, LocalIdp};
use crate::s3::{self, LocalS3};
use crate::ses::{LocalSes, SEND_PATH};

/// How long a client may take for its request's head, and again for its body.
const READ: Duration = Duration::from_secs(30);
/// How long requests in flight may take to finish once the server is told to end.
const FINISH: Duration = Duration::from_secs(10);
/// How much of a body that is too large is read and thrown away, so that its sender comes to read the answer.
const DISCARDED: usize = 8 * MAX_BODY;

/// The front, the mail service, the identity provider, the store of files and the controls, each under its own paths. It needs no socket.
#[derive(Debug)]
pub struct App {
    front: Front,
    ses: LocalSes,
    idp: Option<LocalIdp>,
    s3: LocalS3,
    controls: Controls,
}

impl App {
    /// The application of these parts.
    pub fn new(front: Front, ses: LocalSes, idp: Option<LocalIdp>, s3: LocalS3, controls: Controls) -> Self {
        Self { front, ses, idp, s3, controls }
    }

    /// Answers one request. The caller's address is the request's extension of the type `SocketAddr`.
    pub async fn call(&self, request: Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path();
        let below = path.strip_prefix(controls::PREFIX);
        let idp = self.idp.as_ref().filter(|_| path.starts_with(idp::PREFIX));
        if let Some(idp) = idp {
            idp.serve(&request)
        } else if path.starts_with(s3::PREFIX) {
            self.s3.serve(&request).await
        } else if below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
            self.controls.call(&request).await
        } else if path == SEND_PATH {
            refuse_foreigners(request.headers()).unwrap_or_else(|| self.ses.call(&request))
        } else {
            self.front.call(request).await
        }
    }
}

/// Serves `app` until `shutdown` comes to pass; then takes no more connections, lets the requests in flight finish for
/// ten seconds at most, and returns.
pub async fn serve(listener: TcpListener, app: Arc<App>, shutdown: impl Future<Output = ()>) {
    let connections = GracefulShutdown::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => connect(stream, peer, Arc::clone(&app), &connections),
                Err(error) => {
                    // Such as too many open files: one connection has to end before another can begin.
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            () = &mut shutdown => break,
        }
    }
    drop(listener);
    if tokio::time::timeout(FINISH, connections.shutdown()).await.is_err() {
        tracing::warn!("requests in flight did not finish in time");
    }
}

/// Waits for SIGTERM or SIGINT. Call it before the address is announced: what comes before it is asked kills.
pub fn terminated() -> io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async { tokio::signal::ctrl_c().await.unwrap_or_default() })
}

fn connect(stream: TcpStream, peer: SocketAddr, app: Arc<App>, connections: &GracefulShutdown) {
    // Small answers go out at once.
    stream.set_nodelay(true).unwrap_or_default();
    let answer = service_fn(move |request| {
        let app = Arc::clone(&app);
        async move { Ok::<_, Infallible>(exchange(&app, request, peer).await.map(Full::new)) }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(READ)
        .serve_connection(TokioIo::new(stream), answer);
    let connection = connections.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, %peer, "a connection broke");
        }
    });
}

async fn exchange(app: &App, request: Request<Incoming>, peer: SocketAddr) -> Response<Bytes> {
    let (head, body) = request.into_parts();
    match tokio::time::timeout(READ, read(body)).await {
        Ok(Ok(body)) => {
            let mut request = Request::from_parts(head, body);
            request.extensions_mut().insert(peer);
            app.call(request).await
        }
        Ok(Err(refusal)) => refusal,
        Err(_) => last(message(StatusCode::REQUEST_TIMEOUT, "Request Timeout")),
    }
}

async fn read(body: Incoming) -> Result<Bytes, Response<Bytes>> {
    // The whole is bounded by what is thrown away; what is kept, by the gateway's limit.
    let mut body = Limited::new(body, DISCARDED);
    let mut kept = Vec::new();
    let mut too_large = false;
    while let Some(frame) = body.frame().await {
        match frame.map(hyper::body::Frame::into_data) {
            Ok(Ok(data)) if kept.len() + data.len() <= MAX_BODY && !too_large => kept.extend_from_slice(&data),
            Ok(Ok(_)) => too_large = true,
            Ok(Err(_trailers)) => {}
            Err(error) if error.is::<LengthLimitError>() => {
                too_large = true;
                break;
            }
            Err(_) => return Err(last(message(StatusCode::BAD_REQUEST, "Bad Request"))),
        }
    }
    if too_large {
        return Err(last(message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large")));
    }
    Ok(kept.into())
}

/// The last answer of a connection, whose request was not read to its end.
fn last(mut response: Response<Bytes>) -> Response<Bytes> {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}
