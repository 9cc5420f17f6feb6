//! Claims: what is unique is held by an item that only one can make.

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, UserId};
use crate::identity::Identity;

/// What is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClaimKind {
    /// A login or an address, folded.
    Handle,
    /// An identity at Google or Microsoft.
    Identity,
}

/// A login, an address or an identity, held by one user of one account. It is also what a sign-in looks up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// What is claimed.
    pub kind: ClaimKind,
    /// The folded login or address, or the identity's handle.
    pub handle: String,
    /// The account in which it is unique.
    pub account_id: AccountId,
    /// Whose it is; of a requested invitation, the user to be.
    pub user_id: UserId,
}

impl Claim {
    /// A claim of a folded login or address.
    pub fn handle(handle: String, account_id: AccountId, user_id: UserId) -> Self {
        Self { kind: ClaimKind::Handle, handle, account_id, user_id }
    }

    /// A claim of an identity.
    pub fn identity(identity: &Identity, account_id: AccountId, user_id: UserId) -> Self {
        Self { kind: ClaimKind::Identity, handle: identity.handle(), account_id, user_id }
    }
}

/// An account's slug, unique everywhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlugClaim {
    /// The slug.
    pub slug: String,
    /// Whose it is.
    pub account_id: AccountId,
}
