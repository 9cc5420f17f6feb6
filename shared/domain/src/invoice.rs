//! Invoices: integer money, whole days, lines that sum to the total.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::account::{Account, Subscription};
use crate::calendar::{days_between, prorate};
use crate::id::{AccountId, InvoiceId};
use crate::plan::Money;
use crate::stamp::Stamp;

/// Why an invoice was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum InvoiceReason {
    /// Licenses were bought (L2).
    Purchase,
    /// A user of a metered plan became active (B11).
    Activation,
    /// A new period began (L5).
    Renewal,
}

/// Where an invoice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum InvoiceStatus {
    /// To be paid.
    Open,
    /// Paid.
    Paid,
    /// Not to be paid.
    Void,
}

/// The part of a period that a line charges for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Proration {
    /// Days charged: from today to the renewal.
    pub numerator_days: u32,
    /// Days of the whole period.
    pub denominator_days: u32,
}

/// One line of an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InvoiceLine {
    /// What it is for.
    pub description: String,
    /// How many.
    pub quantity: i64,
    /// For one and a whole period.
    pub unit_price: Money,
    /// The part of the period; null for a whole one.
    pub proration: Option<Proration>,
    /// `quantity × unit_price × proration`, rounded half away from zero, once.
    pub amount: Money,
}

/// An invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Invoice {
    /// Its id.
    pub id: InvoiceId,
    /// Who pays.
    pub account_id: AccountId,
    /// Its place in the account's invoices: from 1, without gaps.
    pub number: i64,
    /// Why it was issued.
    pub reason: InvoiceReason,
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
}

impl Invoice {
    /// The invoice for licenses bought now (L2): charged by days from today to the renewal.
    pub fn for_purchase(account: &Account, quantity: i64, last_number: i64, stamp: &mut Stamp) -> Self {
        let subscription = &account.subscription;
        let line = license_line(subscription, quantity, stamp.now);
        Self {
            id: stamp.id(),
            account_id: account.id,
            number: last_number + 1,
            reason: InvoiceReason::Purchase,
            period_start: crate::calendar::day_start(stamp.now).max(subscription.period_start),
            period_end: subscription.renews_at,
            total: line.amount,
            lines: vec![line],
            status: InvoiceStatus::Open,
            issued_at: stamp.now,
        }
    }
}

/// A line for licenses from today to the renewal.
fn license_line(subscription: &Subscription, quantity: i64, now: Instant) -> InvoiceLine {
    let whole = days_between(subscription.period_start, subscription.renews_at);
    let rest = days_between(now, subscription.renews_at).min(whole);
    let price = subscription.unit_price;
    InvoiceLine {
        description: "Licenses".to_owned(),
        quantity,
        unit_price: price,
        proration: (rest < whole).then_some(Proration { numerator_days: rest, denominator_days: whole }),
        amount: Money { amount: prorate(price.amount * quantity, rest, whole), currency: price.currency },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::plan::plan;

    #[test]
    fn a_purchase_is_charged_by_days_l2() {
        let subscription =
            Subscription::starting(plan("licensed-monthly").unwrap(), "2026-01-31T15:00:00Z".parse().unwrap());
        assert_eq!(subscription.renews_at.to_rfc3339(), "2026-02-28T00:00:00+00:00");
        for (now, quantity, days, amount) in [
            ("2026-01-31T23:59:59Z", 3, None, 3_600),
            ("2026-02-01T00:00:00Z", 1, Some((27, 28)), 1_157),
            ("2026-02-14T09:00:00Z", 10, Some((14, 28)), 6_000),
            ("2026-02-27T23:59:59Z", 7, Some((1, 28)), 300),
            ("2026-02-28T00:00:00Z", 7, Some((0, 28)), 0),
        ] {
            let line = license_line(&subscription, quantity, now.parse().unwrap());
            let days = days.map(|(numerator_days, denominator_days)| Proration { numerator_days, denominator_days });
            assert_eq!((line.proration, line.amount.amount), (days, amount), "{now}");
        }
    }
}
