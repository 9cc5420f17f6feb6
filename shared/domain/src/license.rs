//! Licenses, as an admin sees them.

use schemars::JsonSchema;
use serde::Serialize;

use crate::Instant;
use crate::account::Subscription;
use crate::counts::Counts;
use crate::plan::{Model, Money, Term};

/// An account's licenses (L1): `available = purchased − in_use − reserved`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Licenses {
    /// How users are paid for.
    pub model: Model,
    /// Bought; null where the plan has no licenses to buy.
    pub purchased: Option<i64>,
    /// Of active users.
    pub in_use: i64,
    /// Kept for invited users.
    pub reserved: i64,
    /// Free; null where the plan has no licenses to buy.
    pub available: Option<i64>,
    /// For one license and term.
    pub unit_price: Money,
    /// The paid period.
    pub term: Term,
    /// Its first moment.
    pub period_start: Instant,
    /// The first moment of the next.
    pub renews_at: Instant,
}

impl Licenses {
    /// The licenses that a subscription and its counts amount to.
    pub fn of(subscription: &Subscription, counts: &Counts, now: Instant) -> Self {
        let subscription = subscription.at(now);
        let limited = subscription.model == Model::Licensed;
        Self {
            model: subscription.model,
            purchased: limited.then_some(counts.purchased),
            in_use: counts.in_use,
            reserved: counts.reserved,
            available: limited.then_some(counts.available),
            unit_price: subscription.unit_price,
            term: subscription.term,
            period_start: subscription.period_start,
            renews_at: subscription.renews_at,
        }
    }
}
