//! Texts that people type, made comparable: trimmed, Unicode NFKC, case folded.

use std::fmt;

use caseless::Caseless as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

/// Most characters of a folded login or address: what a key can hold.
pub const MAX_HANDLE: usize = 400;

/// The form in which names, logins and addresses are compared and claimed: NFKC, folded, NFKC again.
pub fn fold(text: &str) -> String {
    text.trim().nfkc().default_case_fold().nfkc().collect()
}

/// A line of text that a person typed: trimmed, NFC-neutral, without control or line characters, 1 to `max` characters.
pub fn line(text: &str, max: usize) -> Result<String, LineError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(LineError::Empty);
    }
    if text.chars().count() > max {
        return Err(LineError::TooLong(max));
    }
    if text.chars().any(is_unprintable) {
        return Err(LineError::Unprintable);
    }
    Ok(text.to_owned())
}

/// Text of several lines: as [`line`], with line feeds allowed.
pub fn lines(text: &str, max: usize) -> Result<String, LineError> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    if text.is_empty() {
        return Err(LineError::Empty);
    }
    if text.chars().count() > max {
        return Err(LineError::TooLong(max));
    }
    if text.chars().any(|c| c != '\n' && is_unprintable(c)) {
        return Err(LineError::Unprintable);
    }
    Ok(text.to_owned())
}

/// Control characters, line separators, marks that reverse or hide how a text reads, and what nobody sees. The joiners that
/// some scripts need are none of them.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{AD}' | '\u{180E}' | '\u{200B}' | '\u{2060}'..='\u{2064}' | '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// Why a text is no good line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// Longer than so many characters.
    #[error("must have at most {0} characters")]
    TooLong(usize),
    /// Control characters, line separators or direction overrides.
    #[error("must not contain control characters")]
    Unprintable,
}

/// An e-mail address, as typed but trimmed; compared by [`Email::folded`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("format" = "email", "maxLength" = 254))]
pub struct Email(String);

impl Email {
    /// The address in a text: trimmed, NFKC, at most 254 octets, with a dotted domain; none if it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let text: String = text.trim().nfkc().collect();
        if text.len() > 254 || text.chars().any(|c| is_unprintable(c) || c.is_whitespace() || c == '"' || c == '<') {
            return None;
        }
        let address = text.parse::<email_address::EmailAddress>().ok()?;
        let domain = address.domain();
        (domain.contains('.') && !domain.starts_with('[')).then_some(Self(text))
    }

    /// The address as it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address as it is compared.
    pub fn folded(&self) -> String {
        fold(&self.0)
    }

    /// The folded domain.
    pub fn domain(&self) -> String {
        let folded = self.folded();
        folded.rsplit_once('@').map(|(_, domain)| domain.to_owned()).unwrap_or_default()
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Addresses are personal: debug output hides them.
impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are_the_same_fold_to_the_same() {
        for (one, other) in [
            ("Anna@Example.com", "anna@example.COM"),
            (" anna@example.com ", "anna@example.com"),
            ("ａnna@example.com", "anna@example.com"),
            ("STRASSE@example.com", "straße@example.com"),
            ("ΣΊΣΥΦΟΣ@example.com", "σίσυφος@example.com"),
            ("e\u{301}@example.com", "\u{e9}@example.com"),
        ] {
            let folded = |text| Email::parse(text).map(|email| email.folded());
            assert_eq!(folded(one), folded(other), "{one} and {other}");
            assert!(folded(one).is_some(), "{one}");
        }
    }

    #[test]
    fn texts_that_are_no_address() {
        let long = format!("{}@example.com", "a".repeat(250));
        for text in [
            "",
            "anna",
            "anna@",
            "@example.com",
            "a b@example.com",
            "anna@localhost",
            "a@b@c.com",
            "Anna <anna@example.com>",
            "\"a b\"@example.com",
            "a@[127.0.0.1]",
            "a\r\nBcc: b@example.com",
            "a@example.com\u{202e}",
            &long,
        ] {
            assert_eq!(Email::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn lines_keep_to_their_bounds() {
        assert_eq!(line(" Anna ", 4).as_deref(), Ok("Anna"));
        assert_eq!(line("Annas", 4), Err(LineError::TooLong(4)));
        assert_eq!(line(" \t ", 4), Err(LineError::Empty));
        assert_eq!(line("a\nb", 4), Err(LineError::Unprintable));
        assert_eq!(line("a\u{202e}b", 4), Err(LineError::Unprintable));
        assert_eq!(lines("a\r\nb", 4).as_deref(), Ok("a\nb"));
        assert_eq!(lines("a\0b", 4), Err(LineError::Unprintable));
    }
}
