//! The page at `/_local`, and a mail's HTML as that page shows it.

use bytes::Bytes;
use http::{HeaderValue, Response, header};

const INDEX: &str = include_str!("pages/index.html");
const STYLE: &str = include_str!("pages/local.css");
const SCRIPT: &str = include_str!("pages/local.js");

/// The page runs its own script and nothing else, and nothing may frame it.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; \
                           img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// A mail runs no script and loads nothing; its links may open, in tabs of their own. It is a document of its own and
/// not part of the page, whose policy would else forbid the styles that mails are made of.
const MAIL_POLICY: &str = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; \
                           style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'";

/// The page or one of its parts, by the path below `/_local`.
pub(crate) fn page(path: &str) -> Option<Response<Bytes>> {
    let (kind, text) = match path {
        "" => ("text/html; charset=utf-8", INDEX),
        "local.css" => ("text/css; charset=utf-8", STYLE),
        "local.js" => ("text/javascript; charset=utf-8", SCRIPT),
        _ => return None,
    };
    Some(document(kind, PAGE_POLICY, Bytes::from_static(text.as_bytes())))
}

/// A mail's HTML, whose links open in new tabs.
pub(crate) fn mail(html: &str) -> Response<Bytes> {
    const BASE: &str = r#"<base target="_blank">"#;
    // Before a document type it would put the mail into quirks mode.
    let at = html.find("<head>").map_or(0, |head| head + "<head>".len());
    let (before, after) = html.split_at(at);
    document("text/html; charset=utf-8", MAIL_POLICY, Bytes::from(format!("{before}{BASE}{after}")))
}

/// A document under a policy, kept by nobody.
pub(crate) fn document(kind: &'static str, policy: &'static str, text: Bytes) -> Response<Bytes> {
    let mut response = Response::new(text);
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
