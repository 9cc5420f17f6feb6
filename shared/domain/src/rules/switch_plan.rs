//! Switching to another plan.

use serde_json::json;

use crate::account::{Account, Subscription};
use crate::audit::AuditEntry;
use crate::change::{Change, Record};
use crate::counts::Counts;
use crate::invoice::{Invoice, InvoiceReason, LineItem};
use crate::ledger::{Entry, EntryKind};
use crate::plan::{Model, Plan};
use crate::refusal::Refusal;
use crate::stamp::Stamp;

/// Where an account goes.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// How many licenses; those in use and reserved unless given. Only where licenses are bought.
    pub licenses: Option<i64>,
    /// Whether the account has guests or viewers who are not deleted. Only asked of plans that have none.
    pub has_outsiders: bool,
}

/// What a switch comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Switched {
    /// The account on its new plan.
    pub account: Account,
    /// Its counts then.
    pub counts: Counts,
    /// What is set off and what is charged; none where both are nothing.
    pub invoice: Option<Invoice>,
}

/// Switches to another plan, at once and at the price that the catalogue has now. The days that are paid for and not used are
/// set off by days; what is set off beyond the new charge stays to the account's credit.
///
/// Between two paid plans of one term the period goes on, and the charge is by days to its end. Otherwise a new period begins
/// today and is charged whole.
///
/// Refuses the plan that the account is on, one without guests and viewers while there are some (B4), one in another currency
/// while anything is to be set off, fewer licenses than are in use and reserved, licenses where none are bought, and whatever is
/// asked between a period's end and its renewal.
pub fn switch_plan(
    account: &Account,
    counts: &Counts,
    target: &Target<'_>,
    stamp: &mut Stamp,
) -> Result<(Switched, Change), Refusal> {
    let (plan, old) = (target.plan, account.subscription.at(stamp.now));
    if plan.id == account.plan_id {
        return Err(Refusal::PlanUnchanged);
    }
    if !plan.professional && target.has_outsiders {
        return Err(Refusal::PlanLacksGuestsAndViewers);
    }
    if old.renews_at <= stamp.now {
        return Err(Refusal::RenewalDue);
    }
    let paid = match old.model {
        Model::Licensed => counts.purchased,
        Model::Metered => counts.in_use + counts.prepaid,
        Model::Unlimited => 0,
    };
    if plan.unit_price.currency != old.unit_price.currency && (paid > 0 || counts.credit > 0) {
        return Err(Refusal::PlanInAnotherCurrency);
    }
    let taken = counts.in_use + counts.reserved;
    let quantity = match (plan.model, target.licenses) {
        (Model::Licensed, Some(licenses)) if licenses < taken => return Err(Refusal::NoLicenseAvailable),
        (Model::Licensed, licenses) => licenses.unwrap_or(taken.max(1)),
        (_, Some(_)) => return Err(Refusal::ModelHasNoLicenses),
        (_, None) => counts.in_use,
    };
    let is_licensed = plan.model == Model::Licensed;
    let now = Account {
        plan_id: plan.id.clone(),
        subscription: subscription(&old, plan, stamp),
        version: account.version + 1,
        ..account.clone()
    };
    let mut change = Change::new(account.id, old.model);
    change.counts = change.counts.exactly(counts);
    change.counts.becomes = Some(plan.model);
    change.counts.delta.purchased = if is_licensed { quantity } else { 0 } - counts.purchased;
    change.counts.delta.available = if is_licensed { quantity - taken } else { 0 } - counts.available;
    change.counts.delta.prepaid = -counts.prepaid;
    change.counts.delta.period = 1;
    change.facts.push(Entry::bought(EntryKind::Switched, quantity, change.counts.delta.purchased));
    let invoice = invoice(&now, counts, (&old, paid), quantity, stamp);
    if let Some(invoice) = &invoice {
        change.issue(invoice);
    }
    change.replace(Record::Account(account.clone()), Record::Account(now.clone()));
    let facts = |account: &Account, subscription: &Subscription, purchased: i64| json!({ "plan_id": account.plan_id, "purchased": purchased, "renews_at": subscription.renews_at });
    let after = counts.plus(&change.counts.delta);
    let values = (facts(account, &old, counts.purchased), facts(&now, &now.subscription, after.purchased));
    change.audit.push(AuditEntry::of(account.id, "plan.changed", account.id, values, stamp));
    Ok((Switched { account: now, counts: after, invoice }, change))
}

/// What is agreed to: on the dates of the old plan, or from today on.
fn subscription(old: &Subscription, plan: &Plan, stamp: &Stamp) -> Subscription {
    let new = Subscription::starting(plan, stamp.now);
    let free = |model| model == Model::Unlimited;
    if free(old.model) || free(new.model) || old.term != new.term {
        return new;
    }
    Subscription {
        period_start: old.period_start,
        renews_at: old.renews_at,
        anchor_day: old.anchor_day,
        reminded: old.reminded,
        ..new
    }
}

/// The invoice: the rest of what is paid for, set off, and the new plan's charge.
fn invoice(
    now: &Account,
    counts: &Counts,
    (old, paid): (&Subscription, i64),
    quantity: i64,
    stamp: &mut Stamp,
) -> Option<Invoice> {
    let new = &now.subscription;
    let item = if new.model == Model::Metered { LineItem::Users } else { LineItem::Licenses };
    let mut lines = vec![old.line(LineItem::UnusedTime, -paid, stamp.now), new.line(item, quantity, stamp.now)];
    lines.retain(|line| line.amount.amount != 0);
    let today = new.day_of(stamp.now);
    (!lines.is_empty()).then(|| Invoice::issue(now, counts, InvoiceReason::PlanChange, today, lines, stamp))
}

#[cfg(test)]
#[path = "switch_plan_tests.rs"]
mod tests;
