//! The page that asks as whom to sign in.

use std::fmt::Write as _;

use bytes::Bytes;
use domain::identity::Provider;
use http::{HeaderValue, Response, header};

use super::authorize::Asked;
use crate::pages::document;

/// The page runs nothing, and its form goes to where it came from, and from there back to the service at the same origin.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; \
                      frame-ancestors 'none'";

pub(super) fn form(kind: Provider, issuer: &str, asked: &Asked) -> Response<Bytes> {
    let provider = match kind {
        Provider::Google => "Google",
        Provider::Microsoft => "Microsoft",
    };
    let mut hidden = String::new();
    for (name, value) in asked.fields() {
        // Writing to a string does not fail.
        let _ = writeln!(hidden, r#"    <input type="hidden" name="{name}" value="{}">"#, escape(value));
    }
    let text = format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in with {provider} (local)</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/_local/local.css">
</head>
<body>
<header>
  <h1>Sign in with {provider}</h1>
  <p>This stands in for {provider} on this machine. It believes whatever you say.</p>
</header>
<main>
  <section id="controls">
  <form class="card" method="post" action="{action}/authorize">
{hidden}    <div><label for="email">E-mail address</label>
    <input id="email" name="email" type="email" required autofocus autocomplete="off" value="{hint}"></div>
    <div><label for="name">Name</label>
    <input id="name" name="name" autocomplete="off" value=""></div>
    <label><input type="checkbox" name="verified" value="1" checked> {provider} has verified the address</label>
    <div class="buttons"><button class="primary">Sign in</button>
    <button name="cancel" value="1" formnovalidate>Cancel</button></div>
  </form>
  </section>
</main>
</body>
</html>
"#,
        action = escape(issuer),
        hint = escape(&asked.login_hint),
    );
    let mut response = document("text/html; charset=utf-8", POLICY, Bytes::from(text));
    // Without a referrer the form would be sent by an origin called `null`, which is nobody's.
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(character),
        }
    }
    escaped
}
