//! Changes of address (P1–P3, W9): requested, confirmed at the new address, accepted where the policy says so, in effect;
//! or expired, cancelled, superseded by another, reverted by the old address. The rules are in `rules/request_email.rs`,
//! `rules/change_email.rs` and `rules/revert_email.rs`.

use chrono::{SubsecRound as _, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::id::{AccountId, EmailChangeId, UserId};
use crate::text::Email;

/// Where a window of so many hours from now ends: with a whole second.
pub(crate) fn end_of(now: Instant, hours: i64) -> Instant {
    now.trunc_subsecs(0) + TimeDelta::hours(hours)
}

/// Whether a moment lies within a window, to the second: its last second is inside, the next is not.
pub(crate) fn within(now: Instant, end: Instant) -> bool {
    now.trunc_subsecs(0) <= end
}

/// For how long the old address can take a change back.
pub const REVERT_HOURS: i64 = 72;
/// Most addresses that one user can have left within [`REVERT_HOURS`]: each is kept from others for that long, and the
/// first of them takes the later changes back in one transaction.
pub const MOST_FORMER: usize = 3;

/// By whom an address is changed: it says which window and which policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailChangeKind {
    /// By the holder.
    Own,
    /// By an admin, or the first address of somebody without one.
    Admin,
}

/// Where a change stands that is not in effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailChangeStatus {
    /// The new address has not answered yet.
    AwaitingConfirmation,
    /// The new address has; the holder is to accept (P3).
    AwaitingAccept,
    /// It was over before it took effect. It is kept so that whoever comes late is told why.
    Expired,
}

impl EmailChangeStatus {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AwaitingConfirmation => "awaiting_confirmation",
            Self::AwaitingAccept => "awaiting_accept",
            Self::Expired => "expired",
        }
    }
}

/// A change that was asked for. It is a part of its user, who has one at a time: a newer one supersedes it, and the
/// user's version keeps any two steps apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmailChange {
    /// Its id: only the link that was made for this change confirms it.
    pub id: EmailChangeId,
    /// The address to be.
    pub email: Email,
    /// By whom.
    pub kind: EmailChangeKind,
    /// Where it stands.
    pub status: EmailChangeStatus,
    /// Whether the holder is to accept after the confirmation, as the policy was at the request.
    pub needs_accept: bool,
    /// Who asked.
    pub requested_by: UserId,
    /// When.
    pub requested_at: Instant,
    /// The last second in which it can take effect.
    pub expires_at: Instant,
}

impl EmailChange {
    /// Whether something is still to come of it now, whatever the worker has come to.
    pub fn is_pending(&self, now: Instant) -> bool {
        self.status != EmailChangeStatus::Expired && within(now, self.expires_at)
    }

    /// Whether its window is over and nobody has noted it yet.
    pub fn is_overdue(&self, now: Instant) -> bool {
        self.status != EmailChangeStatus::Expired && !within(now, self.expires_at)
    }
}

/// An address that a user has left, and that can be put back until the window ends. Until then nobody else gets it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FormerEmail {
    /// The change by which it was left: the link to put it back names it.
    pub id: EmailChangeId,
    /// The account.
    pub account_id: AccountId,
    /// Whose it was.
    pub user_id: UserId,
    /// The address.
    pub email: Email,
    /// Whether it was the login too, which went with it.
    pub was_login: bool,
    /// The version of the user that the change made: of two changes the later one has the higher.
    pub changed_in: u64,
    /// The last second in which it can be put back.
    pub until: Instant,
}

impl FormerEmail {
    /// Whether it can be put back now.
    pub fn is_open(&self, now: Instant) -> bool {
        within(now, self.until)
    }
}
