//! The ledger of licenses, as clients see it.

use domain::Instant;
use domain::id::{InvoiceId, PostingId, UserId};
use domain::ledger::{Charge, Entry, EntryKind, Posting};
use domain::reckoning::Difference;
use schemars::JsonSchema;
use serde::Serialize;

/// An entry of the ledger.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EntryView {
    /// The posting that it is of: all entries of one happened together.
    pub posting_id: PostingId,
    /// When.
    pub at: Instant,
    /// In which of the account's periods, from 0.
    pub period: i64,
    /// What happened, as the audit calls it.
    pub cause: String,
    /// What the entry tells of.
    pub kind: EntryKind,
    /// Whose license moves.
    pub user_id: Option<UserId>,
    /// How many licenses or users it is about.
    pub quantity: i64,
    /// Added to the licenses bought.
    pub purchased: i64,
    /// Added to those in use.
    pub in_use: i64,
    /// Added to those kept for invited users.
    pub reserved: i64,
    /// The invoice that it is about.
    pub invoice_id: Option<InvoiceId>,
    /// The line of the invoice that it explains.
    pub charge: Option<Charge>,
}

impl EntryView {
    /// The entries of a posting.
    pub fn of(posting: &Posting) -> impl Iterator<Item = Self> {
        posting.entries.iter().map(|entry: &Entry| Self {
            posting_id: posting.id,
            at: posting.at,
            period: posting.period,
            cause: posting.cause.clone(),
            kind: entry.kind,
            user_id: entry.user_id,
            quantity: entry.quantity,
            purchased: entry.purchased,
            in_use: entry.in_use,
            reserved: entry.reserved,
            invoice_id: entry.invoice_id,
            charge: entry.charge.clone(),
        })
    }
}

/// What the ledger comes to.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Sums {
    /// Licenses bought.
    pub purchased: i64,
    /// Licenses of active users.
    pub in_use: i64,
    /// Licenses kept for invited users.
    pub reserved: i64,
    /// Credit, in minor units.
    pub credit: i64,
    /// Invoices issued.
    pub invoices: i64,
    /// Postings.
    pub postings: i64,
    /// The running period, from 0.
    pub period: i64,
}

/// Whether counts and invoices follow from the ledger.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct VerificationView {
    /// Whether they do.
    pub consistent: bool,
    /// What the ledger comes to.
    pub reckoned: Sums,
    /// In what it differs from what is kept; empty where it does not.
    pub differences: Vec<Difference>,
}
