//! The HTTP answer that a reply or a problem becomes.

use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, LINK, RETRY_AFTER, SET_COOKIE, WWW_AUTHENTICATE,
};
use http::{HeaderValue, Response, StatusCode};
use lambda_http::Body;

use crate::answer::{Content, Reply};
use crate::problem::Problem;

/// A reply and whether it is one that was given before.
pub(crate) struct Served {
    pub(crate) reply: Reply,
    pub(crate) status: u16,
    pub(crate) replayed: bool,
}

pub(crate) fn succeeded(served: Served) -> Response<Body> {
    let mut response = match served.reply.content {
        Content::Empty => Response::new(Body::Empty),
        Content::Json(body) => {
            let mut response = Response::new(Body::Text(body.to_string()));
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
        }
        Content::Html { page, policy } => {
            let mut response = Response::new(Body::Text(page));
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
            if let Ok(policy) = HeaderValue::from_str(&policy) {
                headers.insert("content-security-policy", policy);
            }
            headers.insert("referrer-policy", HeaderValue::from_static("no-referrer"));
            headers.insert("x-frame-options", HeaderValue::from_static("DENY"));
            response
        }
        Content::File { media_type, name, text, next } => {
            let mut response = Response::new(Body::Text(text));
            let disposition = format!("attachment; filename=\"{name}\"");
            let next = next.map(|next| format!("<{next}>; rel=\"next\""));
            let headers = [(CONTENT_TYPE, Some(media_type)), (CONTENT_DISPOSITION, Some(disposition)), (LINK, next)];
            for (header, value) in headers {
                if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
                    response.headers_mut().insert(header, value);
                }
            }
            response
        }
        Content::Document { media_type, name, bytes } => {
            let mut response = Response::new(Body::Binary(bytes));
            let disposition = format!("attachment; filename=\"{name}\"");
            for (header, value) in [(CONTENT_TYPE, media_type), (CONTENT_DISPOSITION, disposition)] {
                if let Ok(value) = HeaderValue::from_str(&value) {
                    response.headers_mut().insert(header, value);
                }
            }
            response
                .headers_mut()
                .insert("content-security-policy", HeaderValue::from_static("default-src 'none'; sandbox"));
            response
        }
        Content::Picture { media_type, bytes } => {
            let mut response = Response::new(Body::Binary(bytes));
            let headers = response.headers_mut();
            if let Ok(media_type) = HeaderValue::from_str(&media_type) {
                headers.insert(CONTENT_TYPE, media_type);
            }
            headers.insert("content-security-policy", HeaderValue::from_static("default-src 'none'; sandbox"));
            // Pages of other origins show it too.
            headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
            // A name stands for one picture for ever. Still no cache but the browser's keeps it, and that for a day: what a
            // user takes away shall be gone.
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, max-age=86400, immutable"));
            response
        }
    };
    *response.status_mut() = StatusCode::from_u16(served.status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    if let Some(version) = served.reply.version
        && let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\""))
    {
        headers.insert(ETAG, tag);
    }
    if let Some(cookie) = served.reply.cookie.as_deref().and_then(|cookie| HeaderValue::from_str(cookie).ok()) {
        headers.insert(SET_COOKIE, cookie);
    }
    if served.replayed {
        headers.insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    response
}

pub(crate) fn failed(problem: &Problem) -> Response<Body> {
    let body = serde_json::to_string(&problem.body()).unwrap_or_default();
    let mut response = Response::new(Body::Text(body));
    *response.status_mut() = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    if problem.status == 401 {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(seconds) = problem.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(allow) = problem.allow.as_deref().and_then(|allow| HeaderValue::from_str(allow).ok()) {
        headers.insert(ALLOW, allow);
    }
    response
}
