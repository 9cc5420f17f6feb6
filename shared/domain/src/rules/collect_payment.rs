//! Collecting an invoice: who is charged, how often, and what becomes of it.

use serde_json::json;

use crate::Instant;
use crate::account::Account;
use crate::audit::AuditEntry;
use crate::change::{Change, Record};
use crate::invoice::{Invoice, InvoiceStatus};
use crate::ledger::{Entry, EntryKind};
use crate::mail::Mail;
use crate::payment::{Attempt, Collection, LEASE, Payer, RETRIES};
use crate::stamp::Stamp;
use crate::user::User;

/// What to do about an invoice that is due.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// Nothing: it is not due, or nothing is owed.
    Nothing,
    /// This is written, and nobody is asked for money.
    Write(Box<Change>),
    /// This is written first; then the card is charged.
    Charge(Box<Change>, Attempt),
}

/// What to do about an invoice. Whoever is to charge holds the invoice for a while from then on; an attempt that nobody has
/// heard of is made once more, in the same words.
pub fn collect(account: &Account, invoice: &Invoice, payer: Option<&Payer>, now: Instant) -> Next {
    if invoice.collection_due().is_none_or(|due| due > now) {
        return Next::Nothing;
    }
    let was = invoice.collection.clone().unwrap_or_default();
    if invoice.status != InvoiceStatus::Open {
        let mut change = Change::new(account.id, account.subscription.model);
        let counted = Collection { due_at: None, under_way: None, overdue: false, ..was };
        write(&mut change, invoice, invoice.status, counted);
        count_overdue(&mut change, account, -1);
        return Next::Write(Box::new(change));
    }
    let method = payer.and_then(|payer| Some((payer, payer.method.as_ref()?)));
    let attempt = match (&was.under_way, method) {
        (Some(attempt), _) => attempt.clone(),
        (None, Some((payer, method))) => Attempt {
            number: was.attempts + 1,
            customer: payer.customer.clone(),
            method: method.id.clone(),
            begun_at: now,
        },
        (None, None) => return Next::Write(Box::new(written(account, invoice, Collection { due_at: None, ..was }))),
    };
    let begun =
        Collection { attempts: attempt.number, due_at: Some(now + LEASE), under_way: Some(attempt.clone()), ..was };
    Next::Charge(Box::new(written(account, invoice, begun)), attempt)
}

/// The money is there: the invoice is paid, whatever attempt it was. None where it is no longer open. `reference` is the
/// payment's name at the payment service.
pub fn collected(account: &Account, invoice: &Invoice, reference: &str, stamp: &mut Stamp) -> Option<Change> {
    if invoice.status != InvoiceStatus::Open {
        return None;
    }
    let was = invoice.collection.clone().unwrap_or_default();
    let mut change = Change::new(account.id, account.subscription.model);
    if was.overdue {
        count_overdue(&mut change, account, -1);
    }
    let paid = Collection { due_at: None, under_way: None, overdue: false, ..was };
    write(&mut change, invoice, InvoiceStatus::Paid, paid);
    change.facts.push(Entry::about(EntryKind::Paid, invoice));
    let values = (json!({ "status": "open" }), json!({ "status": "paid", "reference": reference }));
    change.audit.push(AuditEntry::of(account.id, "invoice.paid", invoice.id, values, stamp));
    Some(change)
}

/// The card was declined in this attempt. None where the attempt's outcome is known already, or nothing is owed any more.
/// The admins are told: of the next attempt, or that there will be none.
pub fn declined(
    account: &Account,
    invoice: &Invoice,
    payer: Option<&Payer>,
    (number, word): (u32, &str),
    admins: &[User],
    stamp: &mut Stamp,
) -> Option<Change> {
    let was = invoice.collection.as_ref()?;
    let attempt = was.under_way.as_ref().filter(|attempt| attempt.number == number)?;
    if invoice.status != InvoiceStatus::Open {
        return None;
    }
    // Another card was given meanwhile: that one has its own attempts, from now on.
    let another = payer.and_then(|payer| payer.method.as_ref()).is_some_and(|method| method.id != attempt.method);
    let retry = RETRIES.get(usize::try_from(was.declines).unwrap_or(usize::MAX));
    let (due_at, declines) = match retry {
        _ if another => (Some(stamp.now), 0),
        Some(pause) => (Some(stamp.now + *pause), was.declines + 1),
        None => (None, was.declines + 1),
    };
    let mut change = Change::new(account.id, account.subscription.model);
    let ends = due_at.is_none();
    if ends && !was.overdue {
        count_overdue(&mut change, account, 1);
    }
    let now = Collection { declines, due_at, under_way: None, overdue: was.overdue || ends, ..was.clone() };
    write(&mut change, invoice, invoice.status, now);
    let values = (json!(null), json!({ "attempt": number, "reason": word, "retry_at": due_at }));
    change.audit.push(AuditEntry::of(account.id, "invoice.payment_failed", invoice.id, values, stamp));
    let mail = |admin: &User| match due_at {
        Some(retry_at) => Mail::payment_failed(account, admin, invoice, retry_at, stamp),
        None => Mail::account_past_due(account, admin, invoice, stamp),
    };
    change.mails.extend(admins.iter().filter_map(mail));
    Some(change)
}

/// There is a new card: an open invoice is due at once, with all attempts before it. None where nothing is owed, or where an
/// attempt's outcome has to be known first.
pub fn due_again(account: &Account, invoice: &Invoice, now: Instant) -> Option<Change> {
    let was = invoice.collection.clone().unwrap_or_default();
    if invoice.status != InvoiceStatus::Open || was.under_way.is_some() {
        return None;
    }
    Some(written(account, invoice, Collection { declines: 0, due_at: Some(now), ..was }))
}

/// A change that only writes how far the collection is.
fn written(account: &Account, invoice: &Invoice, collection: Collection) -> Change {
    let mut change = Change::new(account.id, account.subscription.model);
    write(&mut change, invoice, invoice.status, collection);
    change
}

fn write(change: &mut Change, invoice: &Invoice, status: InvoiceStatus, collection: Collection) {
    let now = Invoice { status, collection: Some(collection), version: invoice.version + 1, ..invoice.clone() };
    change.replace(Record::Invoice(invoice.clone()), Record::Invoice(now));
}

fn count_overdue(change: &mut Change, account: &Account, difference: i32) {
    let overdue_invoices = account.overdue_invoices.saturating_add_signed(difference);
    let now = Account { overdue_invoices, version: account.version + 1, ..account.clone() };
    change.replace(Record::Account(account.clone()), Record::Account(now));
}

#[cfg(test)]
#[path = "collect_payment_tests.rs"]
mod tests;
