//! Accounts.

use chrono::Datelike as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::calendar::{day_start, months_later};
use crate::id::AccountId;
use crate::locale::Locale;
use crate::plan::{Model, Money, Plan, Term};
use crate::policy::Policy;
use crate::rules::renew::REMINDER;

/// What an account is to other accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AccountKind {
    /// Stands by itself.
    #[default]
    Standard,
    /// Has customers.
    Partner,
    /// Is a partner's customer.
    Customer,
}

/// Where an account's data protection rules come from (W9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Region {
    /// The United States.
    #[default]
    Us,
    /// The European Union.
    Eu,
}

/// What an account pays for, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// How users are paid for.
    pub model: Model,
    /// The paid period.
    pub term: Term,
    /// For one license and term, as agreed when the plan was chosen.
    pub unit_price: Money,
    /// Whether the plan has guests, viewers and a team.
    pub professional: bool,
    /// The first moment of the paid period: midnight UTC.
    pub period_start: Instant,
    /// The first moment of the next one.
    pub renews_at: Instant,
    /// The day of the month on which periods begin, where the month has it.
    pub anchor_day: u32,
    /// Whether the admins were reminded of the next renewal.
    #[serde(default)]
    pub reminded: bool,
}

impl Subscription {
    /// A subscription that begins today.
    pub fn starting(plan: &Plan, now: Instant) -> Self {
        let period_start = day_start(now);
        let anchor_day = period_start.day();
        Self {
            model: plan.model,
            term: plan.term,
            unit_price: plan.unit_price,
            professional: plan.professional,
            period_start,
            renews_at: months_later(period_start, plan.term.months(), anchor_day),
            anchor_day,
            reminded: false,
        }
    }

    /// The same in the next period.
    pub fn next(&self) -> Self {
        Self {
            period_start: self.renews_at,
            renews_at: months_later(self.renews_at, self.term.months(), self.anchor_day),
            reminded: false,
            ..self.clone()
        }
    }

    /// As it stands at a moment: a plan that is free begins its periods without anybody's doing.
    pub fn at(&self, now: Instant) -> Self {
        let mut subscription = self.clone();
        while subscription.model == Model::Unlimited && subscription.renews_at <= now {
            subscription = subscription.next();
        }
        subscription
    }

    /// What the worker is to do next, and when; nothing on plans that are free.
    pub fn due(&self) -> Option<(Renewing, Instant)> {
        match (self.model, self.reminded) {
            (Model::Unlimited, _) => None,
            (_, false) => Some((Renewing::Remind, self.renews_at - REMINDER)),
            (_, true) => Some((Renewing::Renew, self.renews_at)),
        }
    }
}

/// What comes next of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewing {
    /// Its admins are reminded of the renewal; if that is over already, it is renewed.
    Remind,
    /// It is renewed.
    Renew,
}

/// A vendor's customer: the unit of users, licenses, policy and isolation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// What it is called.
    pub name: String,
    /// What its people name it by when they sign in: unique, lower case.
    pub slug: String,
    /// What it is to other accounts.
    pub kind: AccountKind,
    /// The partner whose customer it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_account_id: Option<AccountId>,
    /// Its region.
    pub region: Region,
    /// The language of people who have chosen none.
    pub locale: Locale,
    /// Its plan.
    pub plan_id: String,
    /// What it pays for.
    pub subscription: Subscription,
    /// What its admins decided.
    #[serde(default)]
    pub policy: Policy,
    /// How many of its invoices were declined for the last time and are open still.
    #[serde(default)]
    pub overdue_invoices: u32,
    /// When it was made.
    pub created_at: Instant,
    /// Counts the changes, from 1.
    pub version: u64,
}

/// The address part that a name makes: lower-case ASCII letters, digits and hyphens, at most 40; none when nothing of
/// the name can be written so.
pub fn slug_of(name: &str) -> Option<String> {
    let slug: String = slug::slugify(name).chars().take(40).collect();
    let slug = slug.trim_matches('-');
    (!slug.is_empty()).then(|| slug.to_owned())
}
