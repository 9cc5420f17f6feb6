//! The ledger of licenses: what every transaction did to them, and what it charged. Postings are written once, in the
//! transaction that they tell of, and never again; the counts and every number on every invoice follow from them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::id::{AccountId, InvoiceId, PostingId, UserId};
use crate::invoice::{Invoice, LineItem, Proration};
use crate::plan::Money;

/// What an entry tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Licenses were bought (L2).
    Purchased,
    /// A license is kept for somebody who is invited (B11).
    Reserved,
    /// A user takes one.
    Assigned,
    /// A user takes none any more, or the invitation that one was kept for is over (L5, L7).
    Released,
    /// Nobody used them at the renewal: they are gone, and not invoiced (L5).
    Dropped,
    /// A period began: with so many licenses or users.
    Renewed,
    /// The plan was changed: with so many licenses or users.
    Switched,
    /// A line of an invoice.
    Charged,
    /// An invoice was paid.
    Paid,
    /// An invoice was declared void.
    Voided,
}

/// One entry: what it adds to each figure, or which amount it charges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What it tells of.
    pub kind: EntryKind,
    /// Whose license moves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// How many licenses or users it is about.
    pub quantity: i64,
    /// Added to the licenses bought.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub purchased: i64,
    /// Added to those in use.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub in_use: i64,
    /// Added to those kept for invited users.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reserved: i64,
    /// The invoice that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice_id: Option<InvoiceId>,
    /// The line that it explains.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charge: Option<Charge>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_zero(number: &i64) -> bool {
    *number == 0
}

/// A line of an invoice, as the ledger has it: enough to work it out again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Charge {
    /// Which line of the invoice, from 1.
    pub line: u32,
    /// What it is for.
    pub item: LineItem,
    /// For one and a whole period.
    pub unit_price: Money,
    /// The part of the period; null for a whole one.
    pub proration: Option<Proration>,
    /// What it comes to.
    pub amount: Money,
    /// Who is charged for, where users are counted and charged one by one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub user_ids: Vec<UserId>,
}

impl Entry {
    /// An entry that moves nothing yet.
    pub const fn of(kind: EntryKind, quantity: i64) -> Self {
        Self { kind, user_id: None, quantity, purchased: 0, in_use: 0, reserved: 0, invoice_id: None, charge: None }
    }

    /// Licenses that are bought, or dropped where there are fewer than before.
    pub fn bought(kind: EntryKind, quantity: i64, difference: i64) -> Self {
        Self { purchased: difference, ..Self::of(kind, quantity) }
    }

    /// An invoice that is paid or void.
    pub fn about(kind: EntryKind, invoice: &Invoice) -> Self {
        Self { invoice_id: Some(invoice.id), ..Self::of(kind, 0) }
    }

    /// The lines of an invoice; `users` are those whom its lines for users charge one by one.
    pub fn charges(invoice: &Invoice, users: &[UserId]) -> Vec<Self> {
        let charge = |(place, line): (usize, &crate::invoice::InvoiceLine)| Self {
            invoice_id: Some(invoice.id),
            charge: Some(Charge {
                line: u32::try_from(place + 1).unwrap_or(u32::MAX),
                item: line.item,
                unit_price: line.unit_price,
                proration: line.proration,
                amount: line.amount,
                user_ids: if line.item == LineItem::Users { users.to_vec() } else { Vec::new() },
            }),
            ..Self::of(EntryKind::Charged, line.quantity)
        };
        invoice.lines.iter().enumerate().map(charge).collect()
    }
}

/// What one transaction did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// Its id.
    pub id: PostingId,
    /// The account.
    pub account_id: AccountId,
    /// When.
    pub at: Instant,
    /// In which of the account's periods, from 0.
    pub period: i64,
    /// Whether the period begins with it: then it stands before all others of the period.
    #[serde(default)]
    pub opens: bool,
    /// The audit's word for what happened.
    pub cause: String,
    /// What it did, in this order.
    pub entries: Vec<Entry>,
}
