//! `GET /v1/billing/renewal-preview`

use domain::counts::Counts;
use domain::invoice::{InvoiceLine, InvoiceReason};
use domain::plan::{Model, Money};
use domain::rules::purchase::MAX_QUANTITY;
use domain::rules::renew::Renewal;
use domain::{Instant, Stamp};
use edge::input::{Checks, Nothing};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::load::NoQuery;

/// Shows the invoice that would be issued if the renewal were now, and what would be dropped (L5); also as if another number
/// were in use.
#[derive(Debug)]
pub struct Preview;

/// What if.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// As if so many licenses were in use or kept, or so many users were active: 0 to 10000. As it is unless given.
    quantity: Option<i64>,
}

/// The invoice that would be issued.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RenewalPreview {
    /// `renewal`.
    reason: InvoiceReason,
    /// The place that it would have among the account's invoices; null where none would be issued.
    number: Option<i64>,
    /// When the renewal is.
    renews_at: Instant,
    /// The first moment of what would be charged.
    period_start: Instant,
    /// The first moment no longer charged.
    period_end: Instant,
    /// What would be charged.
    lines: Vec<InvoiceLine>,
    /// The sum of the lines.
    total: Money,
    /// Licenses, or users where those are counted, that would be paid for.
    quantity: i64,
    /// Licenses that nobody uses, and that would be gone.
    dropped_licenses: i64,
    /// Of the account's credit what would be left, in minor units.
    credit_left: i64,
}

impl Endpoint for Preview {
    const NAME: &'static str = "billing_preview";
    type Path = NoQuery;
    type Query = Query;
    type Body = Nothing;
    type Answer = RenewalPreview;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, Query, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let mut checks = Checks::default();
        let quantity = input.query.quantity.map(|quantity| checks.within("quantity", quantity, (0, MAX_QUANTITY)));
        checks.done()?;
        let id = context.caller()?.account.id;
        let (account, counts) = tokio::try_join!(context.store.account(id), context.store.counts(id))?;
        let account = account.ok_or_else(Problem::not_found)?;
        let counts = match quantity {
            None => counts,
            Some(quantity) => as_if(account.subscription.model, counts, quantity),
        };
        let next = account.subscription.at(stamp.now).next();
        let renewal = Renewal::of(&account, &counts, stamp);
        let invoice = renewal.as_ref().and_then(|renewal| renewal.invoice.as_ref());
        let nothing = Money { amount: 0, currency: account.subscription.unit_price.currency };
        let preview = RenewalPreview {
            reason: InvoiceReason::Renewal,
            number: invoice.map(|invoice| invoice.number),
            renews_at: next.period_start,
            period_start: next.period_start,
            period_end: next.renews_at,
            lines: invoice.map(|invoice| invoice.lines.clone()).unwrap_or_default(),
            total: invoice.map_or(nothing, |invoice| invoice.total),
            quantity: renewal.as_ref().map_or(0, |renewal| renewal.quantity),
            dropped_licenses: renewal.as_ref().map_or(0, |renewal| renewal.dropped),
            credit_left: counts.credit + invoice.map_or(0, domain::invoice::Invoice::credit),
        };
        Ok(Decision::read(Reply::json(&preview)?))
    }
}

/// The counts as if so many were in use. Whoever uses more than are bought would have bought them by then.
fn as_if(model: Model, counts: Counts, quantity: i64) -> Counts {
    let purchased = if model == Model::Licensed { counts.purchased.max(quantity) } else { counts.purchased };
    Counts { in_use: quantity, reserved: 0, purchased, ..counts }
}
