//! Payment: the card of an account, and how far the collection of an invoice is.

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::id::{AccountId, InvoiceId};
use crate::invoice::{Invoice, InvoiceStatus};

/// How long after each decline a card is charged again. After one more, the invoice is overdue.
pub const RETRIES: [TimeDelta; 4] = [TimeDelta::days(1), TimeDelta::days(3), TimeDelta::days(5), TimeDelta::days(7)];
/// After so long an attempt whose outcome nobody has noted is looked after again.
pub const LEASE: TimeDelta = TimeDelta::minutes(15);

/// Whether an account owes what could not be collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BillingStatus {
    /// It does not.
    Current,
    /// An invoice was declined for the last time.
    PastDue,
}

impl BillingStatus {
    /// That of an account with so many overdue invoices.
    pub const fn of(overdue_invoices: u32) -> Self {
        if overdue_invoices == 0 { Self::Current } else { Self::PastDue }
    }
}

/// A card that an account pays with, as far as it is known here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Method {
    /// Its name at the payment service.
    pub id: String,
    /// Whose kind it is: `visa`, for example.
    pub brand: String,
    /// The last four digits of its number.
    pub last4: String,
    /// The last month in which it is good, from 1.
    pub exp_month: u32,
    /// The year of that.
    pub exp_year: i32,
}

/// Who pays for an account at the payment service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payer {
    /// The account.
    pub account_id: AccountId,
    /// Its name at the payment service; it outlives its cards.
    pub customer: String,
    /// The card; none once it was taken away.
    pub method: Option<Method>,
    /// When its open invoices are to be looked through, since there is a new card; none while they need not be.
    pub due_at: Option<Instant>,
    /// Counts the changes, from 1.
    pub version: u64,
}

/// One attempt to collect an invoice. It is written down before anybody is asked, with all that is asked: so it can be
/// asked again in the very same words, and is done once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// From 1; never used twice for an invoice.
    pub number: u32,
    /// Who is charged, at the payment service.
    pub customer: String,
    /// Which card, at the payment service.
    pub method: String,
    /// When it was first asked for.
    pub begun_at: Instant,
}

impl Attempt {
    /// What it is known by at the payment service: the same attempt, the same key.
    pub fn key(&self, invoice: InvoiceId) -> String {
        format!("{invoice}-{}", self.number)
    }
}

/// How far the collection of an invoice is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collection {
    /// Attempts that were ever begun.
    pub attempts: u32,
    /// Declines in a row, since there is this card.
    pub declines: u32,
    /// When to go on; none while there is nobody to charge, and once the last attempt was declined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Instant>,
    /// The attempt whose outcome is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under_way: Option<Attempt>,
    /// Whether the last attempt was declined and the account counts it among what is overdue.
    #[serde(default)]
    pub overdue: bool,
}

impl Invoice {
    /// When its collection goes on. One that was just issued is due at once; who is to be charged is found out then. One that
    /// is no longer open but counted as overdue is due once more, to be counted no longer.
    pub fn collection_due(&self) -> Option<Instant> {
        match (&self.collection, self.status) {
            (None, InvoiceStatus::Open) => Some(self.issued_at),
            (Some(collection), InvoiceStatus::Open) => collection.due_at,
            (Some(collection), _) if collection.overdue => Some(self.issued_at),
            _ => None,
        }
    }
}
