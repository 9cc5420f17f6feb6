//! What follows from a change for the licenses: its posting in the ledger and, where users are counted, what they cost. Every
//! change goes through here before it is committed, so that no way to a license forgets either.

use crate::account::Account;
use crate::change::{Change, Record, Write};
use crate::counts::Counts;
use crate::id::UserId;
use crate::invoice::{Invoice, InvoiceReason, LineItem};
use crate::ledger::{Entry, EntryKind, Posting};
use crate::plan::Model;
use crate::stamp::Stamp;
use crate::user::{Seat, User};

/// Whether a change moves licenses or money, so that [`settle`] has something to do.
pub fn is_to_settle(change: &Change) -> bool {
    !change.facts.is_empty() || moves(change).next().is_some()
}

/// Whether the charge of a change needs to know the account: where users are counted and one takes a license.
pub fn is_to_charge(change: &Change) -> bool {
    change.counts.model == Model::Metered && moves(change).any(|(_, now)| seat(now) != Seat::None)
}

/// Completes a change that moves licenses or money, on the counts that it was decided on: notes in which period each user is
/// paid for, charges by days for whoever takes a license in a period in which he is not (B11), and posts all of it.
///
/// `account` may be none where [`is_to_charge`] is false.
pub fn settle(change: &mut Change, account: Option<&Account>, counts: &Counts, stamp: &mut Stamp) {
    if change.posting.is_some() || !is_to_settle(change) {
        return;
    }
    let mut entries: Vec<Entry> = moves(change).filter_map(|(was, now)| entry(was, now)).collect();
    entries.splice(0..0, std::mem::take(&mut change.facts));
    change.counts = change.counts.on(counts);
    if change.counts.model == Model::Metered {
        let (unpaid, prepaid) = pay(change, counts.period);
        change.counts.delta.prepaid += prepaid;
        if let Some(invoice) = account.and_then(|account| charge(account, counts, &unpaid, stamp)) {
            entries.extend(Entry::charges(&invoice, &unpaid));
            change.counts = change.counts.invoiced(&invoice);
            change.create(Record::Invoice(invoice));
        }
    }
    change.counts.delta.postings += 1;
    let opened = change.counts.delta;
    for write in &mut change.writes {
        if let Write::OpenCounts(_, counts) = write {
            counts.postings = opened.postings;
            counts.prepaid += opened.prepaid;
            // What a rule has opened with an invoice is counted already.
            counts.invoices = counts.invoices.max(opened.invoices);
        }
    }
    change.posting = Some(Posting {
        id: stamp.id(),
        account_id: change.account_id,
        at: stamp.now,
        period: counts.period + change.counts.delta.period,
        opens: change.counts.delta.period > 0,
        cause: change.audit.first().map(|entry| entry.action.clone()).unwrap_or_default(),
        entries,
    });
}

/// The users of a change whose license moves: as they were, as they are to be.
fn moves(change: &Change) -> impl Iterator<Item = (Option<&User>, Option<&User>)> {
    fn user(record: &Record) -> Option<&User> {
        if let Record::User(user) = record { Some(user) } else { None }
    }
    change
        .writes
        .iter()
        .filter_map(|write| {
            Some(match write {
                Write::Create(now) => (None, Some(user(now)?)),
                Write::Replace { was, now } => (Some(user(was)?), Some(user(now)?)),
                Write::Remove(was) => (Some(user(was)?), None),
                _ => return None,
            })
        })
        .filter(|(was, now)| seat(*was) != seat(*now))
}

fn seat(user: Option<&User>) -> Seat {
    user.map_or(Seat::None, |user| user.seat)
}

/// What the ledger says of a user whose license moves.
fn entry(was: Option<&User>, now: Option<&User>) -> Option<Entry> {
    let (before, after) = (seat(was), seat(now));
    let kind = match after {
        Seat::Held => EntryKind::Assigned,
        Seat::Reserved => EntryKind::Reserved,
        Seat::None => EntryKind::Released,
    };
    let number = |seat: Seat| i64::from(after == seat) - i64::from(before == seat);
    let user_id = Some(now.or(was)?.id);
    Some(Entry { user_id, in_use: number(Seat::Held), reserved: number(Seat::Reserved), ..Entry::of(kind, 1) })
}

/// Notes that whoever has or had a license in this period is paid for in it: who is to be charged for that, and how many more
/// of the licenses that are kept are paid for.
fn pay(change: &mut Change, period: i64) -> (Vec<UserId>, i64) {
    let kept =
        |user: Option<&User>| i64::from(user.is_some_and(|it| it.seat == Seat::Reserved && it.paid_in == Some(period)));
    let (mut unpaid, mut prepaid) = (Vec::new(), 0);
    for write in &mut change.writes {
        let (was, now) = match write {
            Write::Create(now) => (None, Some(now)),
            Write::Replace { was, now } => (Some(&**was), Some(now)),
            Write::Remove(was) => (Some(&**was), None),
            _ => continue,
        };
        let was = was.and_then(|record| if let Record::User(user) = record { Some(user) } else { None });
        let now = now.and_then(|record| if let Record::User(user) = &mut **record { Some(user) } else { None });
        let Some(now) = now else {
            prepaid -= kept(was);
            continue;
        };
        // Whoever had a license when the period began is on the renewal's invoice.
        let paid = seat(was) == Seat::Held || now.paid_in == Some(period);
        if seat(was) != now.seat {
            if !paid && now.seat != Seat::None {
                unpaid.push(now.id);
            }
            if paid || now.seat != Seat::None {
                now.paid_in = Some(period);
            }
        }
        prepaid += kept(Some(now)) - kept(was);
    }
    (unpaid, prepaid)
}

/// The invoice for users who take a license now; none where nothing of the period is left.
fn charge(account: &Account, counts: &Counts, users: &[UserId], stamp: &mut Stamp) -> Option<Invoice> {
    let quantity = i64::try_from(users.len()).unwrap_or(i64::MAX);
    let line = account.subscription.line(LineItem::Users, quantity, stamp.now);
    let today = account.subscription.day_of(stamp.now);
    (line.amount.amount != 0)
        .then(|| Invoice::issue(account, counts, InvoiceReason::Activation, today, vec![line], stamp))
}

#[cfg(test)]
#[path = "settle_tests.rs"]
mod tests;
