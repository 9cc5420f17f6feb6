//! Sessions, one-time tokens, and what is counted of those who try to get in.

use domain::id::{AccountId, UserId};
use domain::secret::SecretDigest;
use domain::token::Purpose;

use super::Key;

/// A session.
pub fn session(digest: &SecretDigest) -> Key {
    Key::new(format!("SESSION#{}", digest.as_str()), "SESSION")
}

/// The list of a user's sessions.
pub fn sessions(account: AccountId, user: UserId) -> String {
    format!("A#{account}#S#{user}")
}

/// A one-time token.
pub fn token(purpose: Purpose, digest: &SecretDigest) -> Key {
    Key::new(format!("TOKEN#{}#{}", purpose.name(), digest.as_str()), "TOKEN")
}

/// A sign-in on its way at a provider.
pub fn flow(digest: &SecretDigest) -> Key {
    Key::new(format!("FLOW#{}", digest.as_str()), "FLOW")
}

/// The failures of somebody, by the digest of who it is.
pub fn tally(digest: &str) -> Key {
    Key::new(format!("TALLY#{digest}"), "TALLY")
}
