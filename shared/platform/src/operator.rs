//! The vendor's own access, for what no customer may do for himself.

use std::fmt;

use ring::digest::{SHA256, digest};
use subtle::ConstantTimeEq as _;

/// What the operator's token is known by: its SHA-256. The token itself is kept nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct OperatorKey([u8; 32]);

impl OperatorKey {
    /// From 64 hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let pairs = text.as_bytes().chunks(2).map(|pair| match *pair {
            [high, low] => Some(digit(high)? << 4 | digit(low)?),
            _ => None,
        });
        let bytes: Vec<u8> = pairs.collect::<Option<_>>()?;
        Some(Self(bytes.try_into().ok()?))
    }

    /// The key of a token.
    pub fn of(token: &str) -> Self {
        let mut key = [0; 32];
        key.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        Self(key)
    }

    /// Whether it is the key of this token, in a time that tells nothing of either.
    pub fn admits(&self, token: &str) -> bool {
        self.0.ct_eq(&Self::of(token).0).into()
    }
}

impl fmt::Debug for OperatorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OperatorKey(…)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_key_admits_its_token() {
        // printf token | sha256sum
        let key = "3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0";
        for text in [key.to_owned(), key.to_uppercase()] {
            let key = OperatorKey::from_hex(&text).unwrap();
            assert_eq!(key, OperatorKey::of("token"));
            assert!(key.admits("token"));
            for wrong in ["", "Token", "token ", "toke", text.as_str()] {
                assert!(!key.admits(wrong), "{wrong:?}");
            }
        }
        for malformed in ["", "3c", &key[..63], &format!("{key}00"), &key.replace('3', "g"), &key.replace("3c", "é")] {
            assert!(OperatorKey::from_hex(malformed).is_none(), "{malformed}");
        }
        assert_eq!(format!("{:?}", OperatorKey::of("token")), "OperatorKey(…)");
    }
}
