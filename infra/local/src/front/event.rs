//! The event that API Gateway makes of a request: an HTTP API's, payload format 2.0.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, Request, header};
use serde_json::{Map, Value, json};

use super::routes::Matched;
use crate::host::is_loopback;

/// Headers of the connection, which end at a gateway.
const OF_THE_CONNECTION: [&str; 7] =
    ["connection", "keep-alive", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade"];

/// A request and what the gateway knows besides.
pub(super) struct Event<'a> {
    pub(super) request: &'a Request<Bytes>,
    pub(super) route: &'a Matched<'a>,
    pub(super) id: &'a str,
    pub(super) now: DateTime<Utc>,
    pub(super) peer: Option<IpAddr>,
}

impl Event<'_> {
    /// The event's JSON, or nothing for a request without a path (`OPTIONS *`).
    pub(super) fn json(&self) -> Option<String> {
        let (uri, method) = (self.request.uri(), self.request.method().as_str());
        let peer = self.peer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)).to_string();
        if !uri.path().starts_with('/') {
            return None;
        }
        let host = host(self.request);
        let query = uri.query().unwrap_or_default();
        let mut event = json!({
            "version": "2.0",
            "routeKey": self.route.key,
            "rawPath": uri.path(),
            "rawQueryString": query,
            "headers": headers(self.request.headers(), &host, &peer),
            "requestContext": {
                "accountId": "000000000000",
                "apiId": "local",
                "domainName": host,
                "domainPrefix": host.split('.').next(),
                "http": {
                    "method": method,
                    "path": uri.path(),
                    "protocol": "HTTP/1.1",
                    "sourceIp": peer,
                    "userAgent": text(self.request.headers(), header::USER_AGENT.as_str()),
                },
                "requestId": self.id,
                "routeKey": self.route.key,
                "stage": "$default",
                "time": self.now.format("%d/%b/%Y:%H:%M:%S +0000").to_string(),
                "timeEpoch": self.now.timestamp_millis(),
            },
            "isBase64Encoded": false,
        });
        let cookies = cookies(self.request.headers());
        if !cookies.is_empty() {
            event["cookies"] = cookies.into();
        }
        if !query.is_empty() {
            event["queryStringParameters"] = parameters(query);
        }
        if !self.route.parameters.is_empty() {
            let decoded = self.route.parameters.iter().map(|(name, value)| (name.clone(), decode(value).into()));
            event["pathParameters"] = decoded.collect::<Map<_, _>>().into();
        }
        if !self.request.body().is_empty() {
            let text = std::str::from_utf8(self.request.body()).ok().filter(|_| is_text(self.request.headers()));
            event["isBase64Encoded"] = text.is_none().into();
            event["body"] = text.map_or_else(|| STANDARD.encode(self.request.body()), str::to_owned).into();
        }
        Some(event.to_string())
    }
}

/// A gateway has one host, and the function's library takes it on trust, to the point of a panic: what is no name of
/// this machine is passed as `localhost`.
fn host(request: &Request<Bytes>) -> String {
    let named = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let named = named.or(request.uri().authority().map(http::uri::Authority::as_str));
    named.filter(|host| is_loopback(host)).unwrap_or("localhost").to_owned()
}

fn headers(all: &HeaderMap, host: &str, peer: &str) -> Value {
    let mut headers: BTreeMap<&str, String> = BTreeMap::new();
    for (name, value) in all {
        let name = name.as_str();
        if name == header::COOKIE.as_str() || OF_THE_CONNECTION.contains(&name) {
            continue;
        }
        let value = String::from_utf8_lossy(value.as_bytes());
        headers.entry(name).and_modify(|joined| *joined = format!("{joined},{value}")).or_insert(value.into_owned());
    }
    headers.insert(header::HOST.as_str(), host.to_owned());
    // The gateway's word on who called is the last; what the caller claims stands before it.
    let forwarded = headers.get("x-forwarded-for").map_or_else(|| peer.to_owned(), |claim| format!("{claim}, {peer}"));
    headers.insert("x-forwarded-for", forwarded);
    headers.insert("x-forwarded-proto", "http".to_owned());
    json!(headers)
}

fn text(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).unwrap_or_default()
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';')).map(|cookie| cookie.trim().to_owned()).filter(|c| !c.is_empty()).collect()
}

fn parameters(query: &str) -> Value {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        all.entry(name.into_owned())
            .and_modify(|joined| *joined = format!("{joined},{value}"))
            .or_insert_with(|| value.into_owned());
    }
    json!(all)
}

/// API Gateway passes text as it is and the rest, forms included, in base64.
fn is_text(headers: &HeaderMap) -> bool {
    let kind = text(headers, header::CONTENT_TYPE.as_str()).to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.is_empty()
        || kind.starts_with("text/")
        || kind.ends_with("+json")
        || kind.ends_with("+xml")
        || matches!(kind, "application/json" | "application/xml" | "application/javascript")
}

/// Undoes percent-encoding; what is none stays as it stands.
fn decode(value: &str) -> String {
    let bytes = value.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code = value.get(at + 1..at + 3).filter(|code| byte == b'%' && !code.starts_with('+'));
        let code = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        at += if code.is_some() { 3 } else { 1 };
        decoded.push(code.unwrap_or(byte));
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
