//! Passwords: what is accepted, and how they are kept.

use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

/// Fewest characters after NFKC.
pub const MIN_CHARS: usize = 10;
/// Most characters after NFKC.
pub const MAX_CHARS: usize = 256;

/// OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// A password in the clear, after NFKC. Neither serialised nor printed.
#[derive(Clone)]
pub struct Password(String);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Why a password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Under 10 or over 256 characters.
    #[error("must have 10 to 256 characters")]
    Length,
    /// Easy to guess: a zxcvbn score below 3.
    #[error("is easy to guess; choose something longer or less usual")]
    Weak,
}

impl Password {
    /// What somebody presents to be checked; never refused for its form.
    pub fn presented(text: &str) -> Self {
        Self(text.chars().take(4 * MAX_CHARS).nfkc().collect())
    }

    /// A new password: length and strength, with what is known of its owner counted in.
    pub fn chosen(text: &str, about_owner: &[&str]) -> Result<Self, PasswordError> {
        if text.len() > 16 * MAX_CHARS {
            return Err(PasswordError::Length);
        }
        let password: String = text.nfkc().collect();
        let chars = password.chars().count();
        if !(MIN_CHARS..=MAX_CHARS).contains(&chars) {
            return Err(PasswordError::Length);
        }
        let hints: Vec<&str> = about_owner
            .iter()
            .flat_map(|text| std::iter::once(*text).chain(text.split(|c: char| !c.is_alphanumeric())))
            .filter(|text| !text.is_empty())
            .collect();
        if zxcvbn::zxcvbn(&password, &hints).score() < zxcvbn::Score::Three {
            return Err(PasswordError::Weak);
        }
        Ok(Self(password))
    }

    /// What is kept of it: argon2id in PHC form. Takes about 30 ms of one core.
    pub fn hash(&self, salt: [u8; 16]) -> PasswordHash {
        let phc: Option<Phc> =
            hasher().and_then(|hasher| hasher.hash_password_with_salt(self.0.as_bytes(), &salt).ok());
        PasswordHash(phc.map(|phc| phc.to_string()).unwrap_or_default())
    }

    /// Whether this is the password that was kept. The same work is done when there is none.
    pub fn matches(&self, kept: Option<&PasswordHash>) -> bool {
        let decoy;
        let (text, real) = match kept {
            Some(PasswordHash(text)) if !text.is_empty() => (text.as_str(), true),
            _ => {
                decoy = DECOY.to_owned();
                (decoy.as_str(), false)
            }
        };
        let Ok(phc) = Phc::new(text) else { return false };
        Argon2::default().verify_password(self.0.as_bytes(), &phc).is_ok() && real
    }
}

/// A hash of nothing that anybody knows, with today's parameters: what is verified where no user is.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGtub3dzIQ$1Yk9Wq0o1b2mA4n5cF8m1iW0v3r7u2x5z8C1D4F7G9s";

fn hasher() -> Option<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// An argon2id hash with its parameters and salt, as a PHC string.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Whether it was made with less work than is asked for today: then it is made anew when the password comes by.
    pub fn is_outdated(&self) -> bool {
        let params = Phc::new(&self.0).ok().and_then(|phc| Params::try_from(&phc).ok());
        params.is_none_or(|params| params.m_cost() < MEMORY_KIB || params.t_cost() < PASSES)
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_refused() {
        let at = |text: &str| Password::chosen(text, &["Anna Berg", "anna.berg@example.com"]).err();
        assert_eq!(at("short"), Some(PasswordError::Length));
        assert_eq!(at(&"x".repeat(257)), Some(PasswordError::Length));
        assert_eq!(at("password1234"), Some(PasswordError::Weak));
        assert_eq!(at("anna.berg@example.com"), Some(PasswordError::Weak));
        assert_eq!(at("annabergannaberg"), Some(PasswordError::Weak));
        assert_eq!(at("correct horse battery"), None);
        assert_eq!(at("пароль из многих слов"), None);
    }

    #[test]
    fn a_hash_knows_its_password_in_every_spelling() {
        let hash = Password::chosen("ünïcödé horse battery", &[]).unwrap().hash([7; 16]);
        assert!(Password::presented("u\u{308}ni\u{308}co\u{308}de\u{301} horse battery").matches(Some(&hash)));
        assert!(!Password::presented("another horse battery").matches(Some(&hash)));
        assert!(!Password::presented("").matches(None));
        assert!(hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    }

    #[test]
    fn a_hash_of_less_work_is_outdated_and_still_known() {
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).unwrap());
        let phc: Phc = weak.hash_password_with_salt(b"correct horse battery", &[7; 16]).unwrap();
        let weak = PasswordHash(phc.to_string());
        let password = Password::presented("correct horse battery");
        assert!(password.matches(Some(&weak)) && weak.is_outdated());
        assert!(!password.hash([7; 16]).is_outdated());
    }

    #[test]
    fn the_decoy_is_as_much_work_as_a_hash() {
        let phc = Phc::new(DECOY).unwrap();
        let params = Params::try_from(&phc).unwrap();
        assert_eq!((params.m_cost(), params.t_cost(), params.p_cost()), (MEMORY_KIB, PASSES, LANES));
        assert_eq!(phc.hash.unwrap().len(), 32);
        assert!(phc.salt.unwrap().len() >= 8);
    }
}
