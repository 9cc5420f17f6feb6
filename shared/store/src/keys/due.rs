//! Where what falls due is found: spread over partitions, sorted by when.

use domain::Instant;
use domain::id::{Id, StaticType};

use super::{BREAK, DUE_SHARDS, IndexKey, moment};

/// What can fall due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueKind {
    /// An invitation's window ends.
    Invitation,
    /// A mail is to be tried.
    Mail,
    /// Resources are to be moved.
    Motion,
    /// What is left of a deleted user is to be erased.
    Erasure,
    /// Files are to be removed.
    Discard,
    /// Rows of a file are to be invited.
    Import,
    /// The window of a change of address ends.
    EmailChange,
    /// An address can no longer be put back.
    FormerEmail,
    /// Admins are to be reminded of a renewal.
    Reminder,
    /// A period ends.
    Renewal,
    /// An invoice is to be told of.
    Invoice,
    /// An invoice is to be collected.
    Payment,
    /// There is a new card: the open invoices of an account are to be collected.
    Payer,
}

impl DueKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Mail => "mail",
            Self::Motion => "motion",
            Self::Erasure => "erasure",
            Self::Discard => "discard",
            Self::Import => "import",
            Self::EmailChange => "email_change",
            Self::FormerEmail => "former_email",
            Self::Reminder => "reminder",
            Self::Renewal => "renewal",
            Self::Invoice => "invoice",
            Self::Payment => "payment",
            Self::Payer => "payer",
        }
    }
}

/// One of the partitions of a kind of due item.
pub fn due_partition(kind: DueKind, shard: u8) -> String {
    format!("DUE#{}#{shard}", kind.name())
}

/// Where something that falls due is found: the random end of its id chooses the partition.
pub fn due<K: StaticType>(kind: DueKind, at: Instant, id: Id<K>) -> IndexKey {
    (due_partition(kind, shard(id)), format!("{}#{id}", moment(at)))
}

pub(super) fn shard<K: StaticType>(id: Id<K>) -> u8 {
    u8::try_from(id.bits() % u128::from(DUE_SHARDS)).unwrap_or(0)
}

/// What all due items before a moment sort below.
pub fn due_before(at: Instant) -> String {
    moment(at)
}

/// What sorts right behind a due item.
pub fn due_after(place: &str) -> String {
    format!("{place}{BREAK}")
}
