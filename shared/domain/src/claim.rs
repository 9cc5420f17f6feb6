//! Claims: what is unique is held by an item that only one can make.

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, UserId};

/// A login or an address, folded, held by one user of one account. It is also what a sign-in looks up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The folded login or address.
    pub handle: String,
    /// The account in which it is unique.
    pub account_id: AccountId,
    /// Whose it is; of a requested invitation, the user to be.
    pub user_id: UserId,
}

/// An account's slug, unique everywhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlugClaim {
    /// The slug.
    pub slug: String,
    /// Whose it is.
    pub account_id: AccountId,
}
