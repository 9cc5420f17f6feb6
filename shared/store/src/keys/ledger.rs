//! Invoices, and the ledger that explains them.

use domain::id::AccountId;
use domain::ledger::Posting;

use super::Key;

/// An invoice, by its number.
pub fn invoice(account: AccountId, number: i64) -> Key {
    Key::new(invoices(account), format!("{number:010}"))
}

/// Every invoice of an account.
pub fn invoices(account: AccountId) -> String {
    format!("A#{account}#BILL")
}

/// A posting: by period, in which the one that opens it is the first, then by when.
pub fn posting(posting: &Posting) -> Key {
    let place = u8::from(!posting.opens);
    Key::new(ledger(posting.account_id), format!("{}{place}#{}", period(posting.period), posting.id))
}

/// Every posting of an account.
pub fn ledger(account: AccountId) -> String {
    format!("A#{account}#LEDGER")
}

/// What the places of a period's postings begin with.
pub fn period(number: i64) -> String {
    format!("{number:08}#")
}
