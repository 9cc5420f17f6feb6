//! Renewal: what nobody uses is dropped, what is used is invoiced for the next period.

use chrono::TimeDelta;
use serde_json::json;

use crate::account::{Account, Subscription};
use crate::audit::AuditEntry;
use crate::change::{Change, Record};
use crate::counts::Counts;
use crate::invoice::{Invoice, InvoiceReason, LineItem};
use crate::ledger::{Entry, EntryKind};
use crate::mail::{Mail, Reminder};
use crate::plan::{Model, Money};
use crate::stamp::Stamp;
use crate::user::User;

/// How long before the renewal the admins are reminded.
pub const REMINDER: TimeDelta = TimeDelta::days(7);

/// What a renewal comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Renewal {
    /// The account in its next period.
    pub account: Account,
    /// Licenses, or users where those are counted, that are paid for.
    pub quantity: i64,
    /// Licenses that nobody uses, and that are gone (L5).
    pub dropped: i64,
    /// The invoice; none where there is nothing to charge.
    pub invoice: Option<Invoice>,
}

impl Renewal {
    /// What a renewal of these numbers comes to; none on plans that are free. Where licenses are bought, those in use and those
    /// kept for invited users stay, at least one; where users are counted, the active ones of licensed types (B11, W5).
    pub fn of(account: &Account, counts: &Counts, stamp: &mut Stamp) -> Option<Self> {
        let subscription = account.subscription.next();
        let (item, quantity, dropped) = match subscription.model {
            Model::Licensed => {
                let quantity = (counts.in_use + counts.reserved).max(1);
                (LineItem::Licenses, quantity, counts.purchased - quantity)
            }
            Model::Metered => (LineItem::Users, counts.in_use, 0),
            Model::Unlimited => return None,
        };
        let account = Account { subscription, version: account.version + 1, ..account.clone() };
        let start = account.subscription.period_start;
        let line = account.subscription.line(item, quantity, start);
        let invoice =
            (quantity > 0).then(|| Invoice::issue(&account, counts, InvoiceReason::Renewal, start, vec![line], stamp));
        Some(Self { account, quantity, dropped, invoice })
    }
}

/// Renews an account whose period is over: sets the licenses to those in use and kept, invoices them for the next period and
/// begins it. None before the time, and on plans that are free. Of several periods that are over it renews the first.
pub fn renew(account: &Account, counts: &Counts, stamp: &mut Stamp) -> Option<(Renewal, Change)> {
    let is_due = stamp.now >= account.subscription.renews_at;
    let renewal = if is_due { Renewal::of(account, counts, stamp)? } else { return None };
    let mut change = Change::new(account.id, account.subscription.model);
    change.counts = change.counts.purchased(-renewal.dropped).exactly(counts);
    change.counts.delta.prepaid = -counts.prepaid;
    change.counts.delta.period = 1;
    if renewal.dropped != 0 {
        change.facts.push(Entry::bought(EntryKind::Dropped, renewal.dropped, -renewal.dropped));
    }
    change.facts.push(Entry::of(EntryKind::Renewed, renewal.quantity));
    if let Some(invoice) = &renewal.invoice {
        change.issue(invoice);
    }
    change.replace(Record::Account(account.clone()), Record::Account(renewal.account.clone()));
    let values = (
        json!({ "renews_at": account.subscription.renews_at, "purchased": counts.purchased }),
        json!({ "renews_at": renewal.account.subscription.renews_at, "purchased": counts.purchased - renewal.dropped }),
    );
    change.audit.push(AuditEntry::of(account.id, "licenses.renewed", account.id, values, stamp));
    Some((renewal, change))
}

/// Reminds the admins of a renewal that is less than [`REMINDER`] away: what it will come to, and what would be dropped (L5).
/// None before that time, after the renewal's, and where it was done.
pub fn remind(account: &Account, counts: &Counts, admins: &[User], stamp: &mut Stamp) -> Option<Change> {
    let subscription = &account.subscription;
    let in_time = subscription.renews_at - REMINDER <= stamp.now && stamp.now < subscription.renews_at;
    if subscription.reminded || !in_time {
        return None;
    }
    let renewal = Renewal::of(account, counts, stamp)?;
    let mut change = Change::new(account.id, subscription.model);
    let reminded = Subscription { reminded: true, ..subscription.clone() };
    let now = Account { subscription: reminded, version: account.version + 1, ..account.clone() };
    change.replace(Record::Account(account.clone()), Record::Account(now));
    let nothing = Money { amount: 0, currency: subscription.unit_price.currency };
    let reminder = Reminder {
        renews_at: subscription.renews_at,
        quantity: renewal.quantity,
        dropped: renewal.dropped,
        total: renewal.invoice.map_or(nothing, |invoice| invoice.total),
    };
    let mail = |admin: &User| Mail::renewal_reminder(account, admin, &reminder, stamp);
    change.mails = admins.iter().filter_map(mail).collect();
    Some(change)
}

#[cfg(test)]
#[path = "renew_tests.rs"]
mod tests;
