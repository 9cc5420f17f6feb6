//! The controls under `/_local`, which no deployment has: the inbox, the clock, the worker, and a page for all three.

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::{ClockError, MovableClock};
use crate::host::is_loopback;
use crate::pages;
use crate::ses::{Inbox, MailFilter};

/// Where the controls are.
pub const PREFIX: &str = "/_local";

/// Runs the scheduled worker once and answers its report, or what went wrong.
pub type RunWorker = Arc<dyn Fn() -> BoxFuture<'static, Result<Value, String>> + Send + Sync>;
/// Waits until every mail that has been decided has been sent or has failed, for so long as it has patience.
pub type Settle = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

/// The controls of one local cloud. They answer pages of this machine alone: the inbox holds live links.
#[derive(Clone)]
pub struct Controls {
    clock: Arc<MovableClock>,
    inbox: Arc<Inbox>,
    run_worker: RunWorker,
    settle: Settle,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    advance_seconds: Option<i64>,
    now: Option<DateTime<Utc>>,
}

impl Controls {
    /// Controls of this clock, inbox and worker; `settle` runs before the inbox is read.
    pub fn new(clock: Arc<MovableClock>, inbox: Arc<Inbox>, run_worker: RunWorker, settle: Settle) -> Self {
        Self { clock, inbox, run_worker, settle }
    }

    /// Answers a request for `/_local` or below.
    pub async fn call(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path().strip_prefix(PREFIX).unwrap_or_default().trim_matches('/');
        // A link to the page itself may stand anywhere: it shows nothing until its own script asks.
        if let Some(page) = pages::page(path) {
            return if request.method() == Method::GET { page } else { method_not_allowed() };
        }
        if let Some(refusal) = refuse_foreigners(request.headers()) {
            return refusal;
        }
        let mail = path.strip_prefix("mails/").and_then(|rest| rest.strip_suffix("/html"));
        match (request.method().as_str(), path, mail) {
            ("GET", "health", _) => answer(StatusCode::OK, &json!({ "status": "ready" })),
            ("GET", "mails", _) => self.mails(request.uri().query().unwrap_or_default()).await,
            ("GET", _, Some(id)) => self.mail(id),
            ("GET", "clock", _) => self.time(self.clock.now()),
            ("POST", "clock", _) => self.move_clock(request.body()),
            ("POST", "worker", _) => self.run_worker().await,
            (_, "health" | "mails" | "clock" | "worker", _) | (_, _, Some(_)) => method_not_allowed(),
            _ => problem(StatusCode::NOT_FOUND, "not_found", "There is no such control."),
        }
    }

    async fn mails(&self, query: &str) -> Response<Bytes> {
        let mut filter = MailFilter::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()).filter(|(_, value)| !value.is_empty()) {
            match name.as_ref() {
                "to" => filter.to = Some(value.into_owned()),
                "template" => filter.template = Some(value.into_owned()),
                "limit" => filter.limit = value.parse().ok(),
                _ => {}
            }
        }
        (self.settle)().await;
        answer(StatusCode::OK, &json!({ "items": self.inbox.list(&filter) }))
    }

    fn mail(&self, id: &str) -> Response<Bytes> {
        match self.inbox.get(id).and_then(|mail| mail.html) {
            Some(html) => pages::mail(&html),
            None => problem(StatusCode::NOT_FOUND, "not_found", "There is no such mail, or it has no HTML."),
        }
    }

    fn move_clock(&self, body: &[u8]) -> Response<Bytes> {
        let moved = match serde_json::from_slice(body) {
            Ok(Move { advance_seconds: Some(seconds), now: None }) => self.clock.advance(seconds),
            Ok(Move { advance_seconds: None, now: Some(now) }) => self.clock.set(now),
            Ok(_) => return invalid("Give either advance_seconds or now."),
            Err(error) => return invalid(&error.to_string()),
        };
        match moved {
            Ok(now) => self.time(now),
            Err(error @ ClockError::OutOfRange) => invalid(&error.to_string()),
            Err(error @ ClockError::File(_)) => {
                problem(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", &error.to_string())
            }
        }
    }

    fn time(&self, now: DateTime<Utc>) -> Response<Bytes> {
        let now = now.to_rfc3339_opts(SecondsFormat::Millis, true);
        answer(StatusCode::OK, &json!({ "now": now, "offset_seconds": self.clock.offset_ms() / 1000 }))
    }

    async fn run_worker(&self) -> Response<Bytes> {
        // A task of its own: a run goes on when its caller leaves, and a panic ends no more than the run.
        let run = tokio::spawn((self.run_worker)()).await;
        match run.unwrap_or_else(|failed| Err(failed.to_string())) {
            Ok(report) => answer(StatusCode::OK, &report),
            Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, "worker_failed", &error),
        }
    }
}

impl fmt::Debug for Controls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Controls").field("clock", &self.clock).finish_non_exhaustive()
    }
}

/// Refuses what a page of another origin sends: by a name of its own for this address, or as a request across sites.
/// A caller that is no browser sends none of these headers but `Host`.
pub(crate) fn refuse_foreigners(headers: &HeaderMap) -> Option<Response<Bytes>> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let host = host(headers);
    let own_origin = text("origin")
        .is_none_or(|origin| origin.strip_prefix("http://").is_some_and(|origin| origin.eq_ignore_ascii_case(host)));
    let own_site = text("sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"));
    refuse_foreign_names(headers).or_else(|| (!(own_origin && own_site)).then(foreign))
}

/// Refuses what is asked by a name that is not this machine's. A link from anywhere may lead here, by the right name.
pub(crate) fn refuse_foreign_names(headers: &HeaderMap) -> Option<Response<Bytes>> {
    (!is_loopback(host(headers))).then(foreign)
}

fn host(headers: &HeaderMap) -> &str {
    headers.get(header::HOST).map_or("localhost", |value| value.to_str().unwrap_or("?"))
}

fn foreign() -> Response<Bytes> {
    problem(StatusCode::FORBIDDEN, "forbidden", "Only pages of this address may ask.")
}

fn method_not_allowed() -> Response<Bytes> {
    problem(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "The control does not know this method.")
}

fn invalid(detail: &str) -> Response<Bytes> {
    problem(StatusCode::BAD_REQUEST, "invalid_request", detail)
}

fn problem(status: StatusCode, code: &str, detail: &str) -> Response<Bytes> {
    let title = status.canonical_reason();
    let problem = json!({
        "type": format!("/problems/{code}"), "title": title, "status": status.as_u16(), "detail": detail, "code": code
    });
    let mut response = answer(status, &problem);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

fn answer(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
