//! One-time tokens: what the links in mails carry, each for one purpose only.

use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::id::{AccountId, InvitationId, UserId};
use crate::secret::SecretDigest;
use crate::text::Email;

/// What a token is good for; it is kept under its purpose, so that it is worthless for any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To accept an invitation.
    Invitation,
    /// To show that an address is one's own.
    VerifyEmail,
}

impl Purpose {
    /// The name in keys.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::VerifyEmail => "verify_email",
        }
    }
}

/// A token that was mailed, by its digest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OneTimeToken {
    /// What is kept of it.
    pub digest: SecretDigest,
    /// The account.
    pub account_id: AccountId,
    /// The last moment at which it is good.
    pub expires_at: Instant,
    /// What it is good for.
    pub grants: Grant,
}

/// What a token lets its bearer do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// Accept this invitation.
    Invitation {
        /// The invitation.
        invitation_id: InvitationId,
    },
    /// Show that this address is this user's.
    VerifyEmail {
        /// The user.
        user_id: UserId,
        /// The address as it was when the mail went out.
        email: Email,
    },
}

impl Grant {
    /// The purpose that it is kept under.
    pub const fn purpose(&self) -> Purpose {
        match self {
            Self::Invitation { .. } => Purpose::Invitation,
            Self::VerifyEmail { .. } => Purpose::VerifyEmail,
        }
    }
}

/// Whether a moment lies within a window: its last moment is inside, the next is not.
pub fn within(now: Instant, expires_at: Instant) -> bool {
    now <= expires_at
}
