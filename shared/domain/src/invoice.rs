//! Invoices: integer money, whole days, lines that sum to the total.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::account::{Account, Subscription};
use crate::calendar::{day_start, days_between, prorate};
use crate::counts::Counts;
use crate::id::{AccountId, InvoiceId};
use crate::payment::Collection;
use crate::plan::Money;
use crate::stamp::Stamp;

/// Why an invoice was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceReason {
    /// Licenses were bought (L2).
    Purchase,
    /// A user of a metered plan became active (B11).
    Activation,
    /// A new period began (L5).
    Renewal,
    /// The plan was changed.
    PlanChange,
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

/// What a line of an invoice is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineItem {
    /// Licenses (L1).
    Licenses,
    /// Users of a licensed type (B11).
    Users,
    /// What is left of a plan that was changed: not to be paid.
    UnusedTime,
    /// What the account had to its credit, and this invoice uses up.
    CreditUsed,
    /// What is kept to the account's credit, since the other lines come to less than nothing.
    CreditKept,
}

impl LineItem {
    /// English words for it.
    pub fn describe(self) -> String {
        match self {
            Self::Licenses => "Licenses",
            Self::Users => "Users",
            Self::UnusedTime => "Unused time on the earlier plan",
            Self::CreditUsed => "Credit used",
            Self::CreditKept => "Credit kept for later invoices",
        }
        .to_owned()
    }
}

/// One line of an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InvoiceLine {
    /// What it is for.
    pub item: LineItem,
    /// The same in English words.
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
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
    /// Whether those who read the billing were told of it.
    #[serde(default)]
    pub announced: bool,
    /// How far its collection is; none until somebody has begun with it. Nobody is shown that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collection: Option<Collection>,
    /// Counts the changes, from 1.
    pub version: u64,
}

impl Invoice {
    /// The account's next invoice, from a moment on to the end of its running period. What the account has to its credit is
    /// used up by it; a sum below nothing becomes credit. So no total is negative, and nothing is owed where it is zero.
    pub fn issue(
        account: &Account,
        counts: &Counts,
        reason: InvoiceReason,
        starts_at: Instant,
        mut lines: Vec<InvoiceLine>,
        stamp: &mut Stamp,
    ) -> Self {
        let subscription = &account.subscription;
        let sum: i64 = lines.iter().map(|line| line.amount.amount).sum();
        let currency = subscription.unit_price.currency;
        let credit = |item, amount| {
            let money = Money { amount, currency };
            InvoiceLine {
                item,
                description: item.describe(),
                quantity: 1,
                unit_price: money,
                proration: None,
                amount: money,
            }
        };
        let used = counts.credit.min(sum).max(0);
        if sum < 0 {
            lines.push(credit(LineItem::CreditKept, -sum));
        } else if used > 0 {
            lines.push(credit(LineItem::CreditUsed, -used));
        }
        let amount = sum.max(0) - used;
        let number = counts.invoices + 1;
        Self {
            id: stamp.numbered_id(number),
            account_id: account.id,
            number,
            reason,
            // A renewal and a change of plan begin one.
            period: counts.period + i64::from(matches!(reason, InvoiceReason::Renewal | InvoiceReason::PlanChange)),
            period_start: starts_at,
            period_end: subscription.renews_at,
            lines,
            total: Money { amount, currency },
            status: if amount == 0 { InvoiceStatus::Paid } else { InvoiceStatus::Open },
            issued_at: stamp.now,
            announced: false,
            collection: None,
            version: 1,
        }
    }

    /// The invoice for licenses bought now (L2): charged by days from today to the renewal.
    pub fn for_purchase(account: &Account, counts: &Counts, quantity: i64, stamp: &mut Stamp) -> Self {
        let subscription = &account.subscription;
        let line = subscription.line(LineItem::Licenses, quantity, stamp.now);
        let today = subscription.day_of(stamp.now);
        Self::issue(account, counts, InvoiceReason::Purchase, today, vec![line], stamp)
    }

    /// What it adds to the account's credit; negative where it uses some up.
    pub fn credit(&self) -> i64 {
        let credit = |line: &&InvoiceLine| matches!(line.item, LineItem::CreditUsed | LineItem::CreditKept);
        self.lines.iter().filter(credit).map(|line| line.amount.amount).sum()
    }
}

impl Subscription {
    /// The day from which on is charged what happens at a moment: one of the running period, even while its renewal is late.
    pub fn day_of(&self, now: Instant) -> Instant {
        day_start(now).max(self.period_start).min(self.renews_at)
    }

    /// A line for so many licenses or users from today to the renewal, by days.
    pub fn line(&self, item: LineItem, quantity: i64, now: Instant) -> InvoiceLine {
        let whole = days_between(self.period_start, self.renews_at);
        let rest = days_between(now, self.renews_at).min(whole);
        let price = self.unit_price;
        InvoiceLine {
            item,
            description: item.describe(),
            quantity,
            unit_price: price,
            proration: (rest < whole).then_some(Proration { numerator_days: rest, denominator_days: whole }),
            amount: Money { amount: prorate(price.amount * quantity, rest, whole), currency: price.currency },
        }
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
            let line = subscription.line(LineItem::Licenses, quantity, now.parse().unwrap());
            let days = days.map(|(numerator_days, denominator_days)| Proration { numerator_days, denominator_days });
            assert_eq!((line.proration, line.amount.amount), (days, amount), "{now}");
        }
    }
}
