//! Invitations (L3, B8–B11).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::id::{AccountId, InvitationId, RoleId, UserId};
use crate::locale::Locale;
use crate::secret::SecretDigest;
use crate::text::Email;
use crate::token::within;
use crate::user::UserType;

/// An address that is nobody's: the domain can never exist.
const NOBODY: &str = "nobody@deleted.invalid";

/// Where an invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvitationStatus {
    /// An admin has to agree first (B10).
    AwaitingApproval,
    /// Sent, to be accepted.
    Pending,
    /// Accepted: there is a user.
    Accepted,
    /// Taken back.
    Revoked,
    /// Not accepted in time.
    Expired,
    /// An admin did not agree.
    Rejected,
}

impl InvitationStatus {
    /// Every status.
    pub const ALL: [Self; 6] =
        [Self::AwaitingApproval, Self::Pending, Self::Accepted, Self::Revoked, Self::Expired, Self::Rejected];

    /// Those of which something is still to come.
    pub const OPEN: [Self; 2] = [Self::AwaitingApproval, Self::Pending];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AwaitingApproval => "awaiting_approval",
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::Rejected => "rejected",
        }
    }
}

/// An invitation of one address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// The account that invites.
    pub account_id: AccountId,
    /// The user that it makes.
    pub user_id: UserId,
    /// The one address that can accept it.
    pub email: Email,
    /// As what.
    pub user_type: UserType,
    /// With which role.
    pub role_id: RoleId,
    /// Where it stands.
    pub status: InvitationStatus,
    /// Who invited.
    pub invited_by: UserId,
    /// What the inviter was called.
    pub invited_by_name: String,
    /// Who agreed, where somebody had to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<UserId>,
    /// The inviter's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The invitee's language.
    pub locale: Locale,
    /// When the last mail went out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Instant>,
    /// The last moment at which it can be accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Instant>,
    /// How many mails went out.
    pub times_sent: u32,
    /// What is kept of the link that counts: the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<SecretDigest>,
    /// Whether its address was a person's who was deleted for good: then it tells a neutral one (W6).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub erased: bool,
    /// When it was made.
    pub created_at: Instant,
    /// Counts the changes, from 1.
    pub version: u64,
}

impl Invitation {
    /// The same without the person whom it was for. What was said to him goes too.
    pub(crate) fn erased(self) -> Self {
        let email = Email::parse(NOBODY).unwrap_or(self.email);
        Self { email, message: None, locale: Locale::default(), digest: None, erased: true, ..self }
    }

    /// Whether it can be accepted now.
    pub fn is_acceptable(&self, now: Instant) -> bool {
        self.status == InvitationStatus::Pending && !self.is_overdue(now)
    }

    /// Whether it is sent and its window is over, whatever the worker has come to.
    pub fn is_overdue(&self, now: Instant) -> bool {
        self.status == InvitationStatus::Pending && self.expires_at.is_some_and(|expires_at| !within(now, expires_at))
    }

    /// The status as of now: one past its window is expired before the worker says so.
    pub fn status_at(&self, now: Instant) -> InvitationStatus {
        if self.is_overdue(now) { InvitationStatus::Expired } else { self.status }
    }
}
