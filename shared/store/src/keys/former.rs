//! Where addresses are that users have left.

use domain::id::{AccountId, EmailChangeId, UserId};

use super::Key;

/// An address that a user has left.
pub fn former_email(account: AccountId, user: UserId, id: EmailChangeId) -> Key {
    Key::new(former_emails(account, user), id.to_string())
}

/// The addresses that a user has left and could put back.
pub fn former_emails(account: AccountId, user: UserId) -> String {
    format!("A#{account}#{FORMER_PREFIX}{user}")
}

/// What stands before the user in the partitions of addresses that were left.
pub const FORMER_PREFIX: &str = "FORMER#";
