//! Invoices, and the ledger that explains them.

use chrono::TimeDelta;
use domain::id::{AccountId, PostingId};
use domain::invoice::{Invoice, InvoiceReason};
use domain::ledger::Posting;

use super::Key;

/// An invoice, by its number.
pub fn invoice(account: AccountId, number: i64) -> Key {
    Key::new(invoices(account), format!("{number:010}"))
}

/// Every invoice of an account.
pub fn invoices(account: AccountId) -> String {
    format!("A#{account}{BILL_ENDING}")
}

/// What the partitions of invoices end with.
pub const BILL_ENDING: &str = "#BILL";

/// Who pays for an account.
pub fn payer(account: AccountId) -> Key {
    Key::new(format!("A#{account}"), "PAYER")
}

/// A posting: by period, in which the one that opens it is the first, then by when.
pub fn posting(posting: &Posting) -> Key {
    let place = u8::from(!posting.opens);
    Key::new(ledger(posting.account_id), format!("{}{place}#{}", period(posting.period), posting.id))
}

/// Between which places the posting stands that issued an invoice: the one that opens the period, or one of the same moment.
pub fn posting_of(invoice: &Invoice) -> (String, String) {
    let period = period(invoice.period);
    match invoice.reason {
        InvoiceReason::Renewal | InvoiceReason::PlanChange => (format!("{period}0#"), format!("{period}0$")),
        InvoiceReason::Purchase | InvoiceReason::Activation => {
            let after = invoice.issued_at + TimeDelta::milliseconds(1);
            let bound = |at| PostingId::earliest(at);
            (format!("{period}1#{}", bound(invoice.issued_at)), format!("{period}1#{}", bound(after)))
        }
    }
}

/// What the place of the posting begins with that opens a period.
pub fn opening(number: i64) -> String {
    format!("{}0#", period(number))
}

/// Every posting of an account.
pub fn ledger(account: AccountId) -> String {
    format!("A#{account}#LEDGER")
}

/// What the places of a period's postings begin with.
pub fn period(number: i64) -> String {
    format!("{number:08}#")
}
