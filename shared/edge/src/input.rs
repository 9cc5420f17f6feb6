//! Parsing what a client sent: strictly, and saying of each fault which field it is.

use chrono::DateTime;
use domain::Instant;
use domain::password::Password;
use domain::refusal::FieldError;
use domain::text;
use domain::text::Email;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, de};

use crate::problem::Problem;
use crate::strict::Strict;

/// Most octets of a request's body.
pub const MAX_BODY: usize = 256 * 1024;

/// A body that must be empty, or an empty object.
#[derive(Clone, Copy, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// A body as it came, octet by octet, for whoever has to check a signature over it.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct Raw(#[schemars(with = "serde_json::Value")] pub Vec<u8>);

/// A JSON body. An absent one reads as an empty object.
pub fn body<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|_| Problem::field("", "invalid_json", "The body is not UTF-8."))?;
    let text = if text.trim().is_empty() { "{}" } else { text };
    let mut json = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(Strict(&mut json)).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.inner();
        if inner.is_data() {
            Problem::invalid(vec![field_error(&path, &inner.to_string())])
        } else {
            Problem::field(
                "",
                "invalid_json",
                format!("The body is not JSON (line {}, column {}).", inner.line(), inner.column()),
            )
        }
    })?;
    json.end().map_err(|_| Problem::field("", "invalid_json", "Something follows the JSON of the body."))?;
    Ok(value)
}

/// A query string, or the parameters of a path given as one.
pub fn query<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    let parser = serde_html_form::Deserializer::new(form_urlencoded::parse(text.as_bytes()));
    serde_path_to_error::deserialize(parser)
        .map_err(|error| Problem::invalid(vec![field_error(&error.path().to_string(), &error.inner().to_string())]))
}

/// What serde says, as a field error that repeats nothing of what was sent.
fn field_error(path: &str, message: &str) -> FieldError {
    let quoted = || message.split('`').nth(1).unwrap_or_default().to_owned();
    let path = if path == "." || path == "?" { "" } else { path };
    let at = |name: String| match path {
        "" => name,
        path if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
        path => format!("{path}.{name}"),
    };
    if message.starts_with("unknown field") {
        FieldError::new(at(quoted()), "unknown_field", "There is no such field here.")
    } else if message.starts_with("missing field") {
        FieldError::new(at(quoted()), "missing_field", "This field is needed.")
    } else if message.starts_with("duplicate field") {
        FieldError::new(at(quoted()), "duplicate_field", "This field is given twice.")
    } else if message.starts_with("invalid type") {
        FieldError::new(path, "invalid_type", "This has the wrong type.")
    } else if message.starts_with("unknown variant") {
        let expected = message.split_once("expected ").map_or("", |(_, expected)| expected);
        let expected = expected.split(" at line").next().unwrap_or_default().replace('`', "");
        FieldError::new(path, "invalid_value", format!("This must be {expected}."))
    } else {
        FieldError::new(path, "invalid_value", "This value is not allowed.")
    }
}

/// Tells a field that is absent from one that is null: `None` for absent, `Some(None)` for null.
pub fn nullable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// A value that may be absent, but not null: nothing can empty it.
pub fn never_null<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A moment as RFC 3339 has it, where one is given.
pub fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Instant>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(Some(DateTime::parse_from_rfc3339(&text).map_err(de::Error::custom)?.to_utc()))
}

/// Collects what is wrong with the fields of an input, so that a client learns all of it at once.
#[derive(Debug, Default)]
pub struct Checks(Vec<FieldError>);

impl Checks {
    /// Notes a fault.
    pub fn fault(&mut self, field: &str, code: &'static str, detail: impl Into<String>) {
        self.0.push(FieldError::new(field, code, detail));
    }

    /// A line of at most `max` characters; empty when it is none.
    pub fn line(&mut self, field: &str, text: &str, max: usize) -> String {
        text::line(text, max).unwrap_or_else(|error| {
            self.fault(field, line_code(error), format!("This {error}."));
            String::new()
        })
    }

    /// What somebody signs in with: a line that is not too long in the form in which it is compared.
    pub fn login(&mut self, field: &str, text: &str) -> String {
        let login = self.line(field, text, 200);
        if text::fold(&login).chars().count() > text::MAX_HANDLE {
            self.fault(field, "too_long", "This is too long.");
        }
        login
    }

    /// A line, where one is given.
    pub fn optional_line(&mut self, field: &str, text: Option<&str>, max: usize) -> Option<String> {
        text.map(|text| self.line(field, text, max))
    }

    /// Lines, where some are given.
    pub fn optional_lines(&mut self, field: &str, text: Option<&str>, max: usize) -> Option<String> {
        let text = text?;
        match text::lines(text, max) {
            Ok(text) => Some(text),
            Err(error) => {
                self.fault(field, line_code(error), format!("This {error}."));
                None
            }
        }
    }

    /// An address.
    pub fn email(&mut self, field: &str, text: &str) -> Option<Email> {
        let email = Email::parse(text);
        if email.is_none() {
            self.fault(field, "invalid_email", "This is not an e-mail address.");
        }
        email
    }

    /// A new password: long enough, and hard to guess even for somebody who knows these texts about its owner.
    pub fn new_password(&mut self, field: &str, text: &str, about_owner: &[&str]) -> Option<Password> {
        match Password::chosen(text, about_owner) {
            Ok(password) => Some(password),
            Err(error) => {
                self.fault(field, "weak_password", format!("This {error}."));
                None
            }
        }
    }

    /// A whole number within bounds.
    pub fn within(&mut self, field: &str, value: i64, (least, most): (i64, i64)) -> i64 {
        if !(least..=most).contains(&value) {
            self.fault(field, "out_of_range", format!("This must be {least} to {most}."));
        }
        value
    }

    /// Fails if anything was wrong.
    pub fn done(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::invalid(self.0)) }
    }
}

fn line_code(error: text::LineError) -> &'static str {
    match error {
        text::LineError::Empty => "empty",
        text::LineError::TooLong(_) => "too_long",
        text::LineError::Unprintable => "invalid_characters",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Outer {
        name: String,
        #[serde(default)]
        inner: Option<Inner>,
        #[serde(default)]
        list: Vec<u8>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Inner {
        kind: Kind,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Kind {
        One,
        Two,
    }

    #[test]
    fn each_fault_names_its_field_and_repeats_nothing() {
        for (text, field, code) in [
            ("", "name", "missing_field"),
            ("{", "", "invalid_json"),
            ("[]", "", "invalid_type"),
            ("null", "", "invalid_type"),
            (r#"["a"]"#, "", "invalid_type"),
            (r#"{"name":"a","inner":["one"]}"#, "inner", "invalid_type"),
            (r#"{"name":"a","inner":{"kind":{"one":null}}}"#, "inner.kind", "invalid_type"),
            ("{} {}", "name", "missing_field"),
            (r#"{"name":"a"} x"#, "", "invalid_json"),
            (r#"{"name":"a","secret":1}"#, "secret", "unknown_field"),
            (r#"{"name":"a","name":"b"}"#, "name", "duplicate_field"),
            (r#"{"name":123456}"#, "name", "invalid_type"),
            (r#"{"name":"a","inner":{"kind":"hunter2"}}"#, "inner.kind", "invalid_value"),
            (r#"{"name":"a","inner":{}}"#, "inner.kind", "missing_field"),
            (r#"{"name":"a","inner":{"kind":"one","x":1}}"#, "inner.x", "unknown_field"),
            (r#"{"name":"a","list":[1,"hunter2"]}"#, "list[1]", "invalid_type"),
            (r#"{"name":"a","list":[1,999]}"#, "list[1]", "invalid_value"),
        ] {
            let problem = body::<Outer>(text.as_bytes()).err();
            let error = problem.as_ref().and_then(|problem| problem.errors.first());
            assert_eq!(error.map(|error| (error.field.as_str(), error.code)), Some((field, code)), "{text}");
            assert!(!format!("{problem:?}").contains("hunter2"), "{text}");
            assert!(!format!("{problem:?}").contains("123456"), "{text}");
        }
        assert!(body::<Outer>(&[0xff, 0xfe]).is_err());
        assert!(body::<Nothing>(b"").is_ok() && body::<Nothing>(b" {} ").is_ok());
    }

    #[test]
    fn queries_are_as_strict() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Query {
            #[serde(default)]
            kind: Vec<Kind>,
            limit: Option<usize>,
        }
        let good: Query = query("kind=one&kind=two&limit=3").unwrap_or(Query { kind: vec![], limit: None });
        assert_eq!((good.kind.len(), good.limit), (2, Some(3)));
        for (text, field) in [("x=1", "x"), ("limit=a", "limit"), ("kind=three", "kind"), ("limit=1&limit=2", "limit")]
        {
            let problem = query::<Query>(text).err();
            let found = problem.and_then(|problem| problem.errors.first().map(|error| error.field.clone()));
            assert_eq!(found.as_deref().map(|found| found.trim_end_matches("[0]")), Some(field), "{text}");
        }
    }
}
