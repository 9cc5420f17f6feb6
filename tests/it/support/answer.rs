//! An HTTP answer, and what tests ask of it.

use http::HeaderMap;
use serde_json::Value;
use store::meter::Units;

#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    pub bytes: Vec<u8>,
    pub body: Value,
    pub asked: String,
    pub units: Units,
}

impl Answer {
    pub fn new(asked: String, parts: http::response::Parts, bytes: &[u8]) -> Self {
        let units = parts.extensions.get().copied().unwrap_or_default();
        let (status, headers) = (parts.status.as_u16(), parts.headers);
        let text = String::from_utf8_lossy(bytes).into_owned();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self { status, headers, bytes: bytes.to_vec(), text, body, asked, units }
    }

    /// The body, if the status is this.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text);
        self.body
    }

    /// Asserts a whole problem: status, code, media type and the members that RFC 9457 and the contract name.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        assert_eq!((self.status, self.code()), (status, code), "{}: {}", self.asked, self.text);
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.asked);
        assert_eq!(self.body["type"], format!("/problems/{code}"), "{}", self.asked);
        assert_eq!(self.body["status"], status, "{}", self.asked);
        for member in ["title", "detail"] {
            assert!(self.body[member].as_str().is_some_and(|text| !text.is_empty()), "{}: {member}", self.asked);
        }
        self.body
    }

    /// Asserts bad input in exactly this field.
    #[track_caller]
    pub fn bad_field(self, field: &str, code: &str) {
        let asked = self.asked.clone();
        let body = self.refused(400, "invalid_request");
        let errors = body["errors"].as_array().cloned().unwrap_or_default();
        assert!(
            errors.iter().any(|error| error["field"] == field && error["code"] == code),
            "{asked}: {field} {code} in {errors:?}"
        );
    }

    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}
