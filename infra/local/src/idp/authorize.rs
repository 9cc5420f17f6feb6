//! `/authorize`: who comes, from where, and as whom they go back.

use bytes::Bytes;
use chrono::TimeDelta;
use domain::identity::Provider;
use http::{HeaderValue, Response, StatusCode, header};

use super::token::Grant;
use super::{CLIENT_ID, LocalIdp, answer, page, secret};

/// How long a code may be redeemed.
const CODE: TimeDelta = TimeDelta::seconds(60);

/// What the service asks for, and the page passes on.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    pub(super) response_type: String,
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) scope: String,
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) code_challenge: String,
    pub(super) code_challenge_method: String,
    pub(super) login_hint: String,
}

/// Who signs in.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) email: String,
    pub(super) verified: bool,
    pub(super) name: String,
}

impl Asked {
    pub(super) fn parse(text: &[u8]) -> Self {
        let mut asked = Self::default();
        for (name, value) in form_urlencoded::parse(text) {
            let field = match name.as_ref() {
                "response_type" => &mut asked.response_type,
                "client_id" => &mut asked.client_id,
                "redirect_uri" => &mut asked.redirect_uri,
                "scope" => &mut asked.scope,
                "state" => &mut asked.state,
                "nonce" => &mut asked.nonce,
                "code_challenge" => &mut asked.code_challenge,
                "code_challenge_method" => &mut asked.code_challenge_method,
                "login_hint" => &mut asked.login_hint,
                _ => continue,
            };
            *field = value.into_owned();
        }
        asked
    }

    /// What the page sends again with its form.
    pub(super) fn fields(&self) -> [(&'static str, &str); 8] {
        [
            ("response_type", &self.response_type),
            ("client_id", &self.client_id),
            ("redirect_uri", &self.redirect_uri),
            ("scope", &self.scope),
            ("state", &self.state),
            ("nonce", &self.nonce),
            ("code_challenge", &self.code_challenge),
            ("code_challenge_method", &self.code_challenge_method),
        ]
    }
}

impl LocalIdp {
    /// Shows the form.
    pub(super) fn ask(&self, kind: Provider, query: &str) -> Response<Bytes> {
        let asked = Asked::parse(query.as_bytes());
        match self.check(kind, &asked) {
            Ok(()) => page::form(kind, &self.provider(kind).issuer, &asked),
            Err(text) => wrong(text),
        }
    }

    /// Takes what the form sends.
    pub(super) fn decide(&self, kind: Provider, body: &[u8]) -> Response<Bytes> {
        let asked = Asked::parse(body);
        if let Err(text) = self.check(kind, &asked) {
            return wrong(text);
        }
        let mut person = Person { email: String::new(), verified: false, name: String::new() };
        let mut cancelled = false;
        for (name, value) in form_urlencoded::parse(body) {
            match name.as_ref() {
                "email" => value.trim().clone_into(&mut person.email),
                "verified" => person.verified = true,
                "name" => value.trim().clone_into(&mut person.name),
                "cancel" => cancelled = true,
                _ => {}
            }
        }
        let back = if cancelled {
            Ok(query(&[("error", "access_denied"), ("state", &asked.state)]))
        } else {
            self.allow(kind, &asked, person)
        };
        match back {
            Ok(query) => redirect(&format!("{}?{query}", asked.redirect_uri)),
            Err(text) => wrong(&text),
        }
    }

    /// Makes a code for somebody, and the query to come back with.
    pub(super) fn allow(&self, kind: Provider, asked: &Asked, person: Person) -> Result<String, String> {
        self.check(kind, asked)?;
        if !person.email.contains('@') {
            return Err("an e-mail address is needed".to_owned());
        }
        let now = self.0.world.now();
        let code = secret(&self.0.world);
        let grant = Grant {
            kind,
            person,
            redirect_uri: asked.redirect_uri.clone(),
            nonce: asked.nonce.clone(),
            code_challenge: asked.code_challenge.clone(),
            ends_at: now + CODE,
        };
        let mut state = self.state();
        state.grants.retain(|_, grant| now < grant.ends_at);
        state.grants.insert(code.clone(), grant);
        Ok(query(&[("code", &code), ("state", &asked.state)]))
    }

    fn check(&self, kind: Provider, asked: &Asked) -> Result<(), &'static str> {
        // Nobody is sent anywhere unless the first two are right, and here not for the others either: they are mistakes in
        // the program that asks.
        if asked.client_id != CLIENT_ID {
            Err("the client is unknown")
        } else if asked.redirect_uri != self.callback(kind) {
            Err("nobody may be sent back there")
        } else if asked.response_type != "code" {
            Err("the response type must be code")
        } else if !asked.scope.split(' ').any(|scope| scope == "openid") {
            Err("the scope must hold openid")
        } else if asked.code_challenge_method != "S256" || asked.code_challenge.len() != 43 {
            Err("a code challenge with S256 is needed")
        } else {
            Ok(())
        }
    }
}

fn query(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn redirect(address: &str) -> Response<Bytes> {
    let Ok(location) = HeaderValue::from_str(address) else { return wrong("nobody can be sent back there") };
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(header::LOCATION, location);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn wrong(text: &str) -> Response<Bytes> {
    answer(StatusCode::BAD_REQUEST, &serde_json::json!({ "error": "invalid_request", "error_description": text }))
}
