//! Invoices, as clients see them.

use domain::Instant;
use domain::id::{AccountId, InvoiceId};
use domain::invoice::{Invoice, InvoiceLine, InvoiceReason, InvoiceStatus};
use domain::plan::Money;
use schemars::JsonSchema;
use serde::Serialize;

/// An invoice.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Invoice")]
pub struct InvoiceView {
    /// Its id.
    pub id: InvoiceId,
    /// Who pays.
    pub account_id: AccountId,
    /// Its place in the account's invoices: from 1, without gaps.
    pub number: i64,
    /// Why it was issued.
    pub reason: InvoiceReason,
    /// In which of the account's periods, from 0: the ledger of that period explains it.
    pub period: i64,
    /// The first moment of what is charged.
    pub period_start: Instant,
    /// The first moment no longer charged.
    pub period_end: Instant,
    /// What is charged.
    pub lines: Vec<InvoiceLine>,
    /// The sum of the lines.
    pub total: Money,
    /// Where it stands.
    pub status: InvoiceStatus,
    /// When it was issued.
    pub issued_at: Instant,
    /// Counts the changes, from 1.
    pub version: u64,
}

impl From<Invoice> for InvoiceView {
    fn from(invoice: Invoice) -> Self {
        Self {
            id: invoice.id,
            account_id: invoice.account_id,
            number: invoice.number,
            reason: invoice.reason,
            period: invoice.period,
            period_start: invoice.period_start,
            period_end: invoice.period_end,
            lines: invoice.lines,
            total: invoice.total,
            status: invoice.status,
            issued_at: invoice.issued_at,
            version: invoice.version,
        }
    }
}
