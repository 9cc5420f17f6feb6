//! `POST /v1/licenses`

use domain::Stamp;
use domain::license::Licenses;
use domain::rules::purchase::{MAX_QUANTITY, purchase};
use edge::input::Checks;
use edge::invoice_views::InvoiceView;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::load::NoQuery;

/// Buys licenses, charged by days to the renewal (L2).
#[derive(Debug)]
pub struct Purchase;

/// How many.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// 1 to 10000.
    quantity: i64,
}

/// The licenses as they are then, and what they cost.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Purchased {
    licenses: Licenses,
    invoice: InvoiceView,
}

impl Endpoint for Purchase {
    const NAME: &'static str = "licenses_purchase";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Body;
    type Answer = Purchased;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let mut checks = Checks::default();
        let quantity = checks.within("quantity", input.body.quantity, (1, MAX_QUANTITY));
        checks.done()?;
        let id = context.caller()?.account.id;
        // In this order: if the period, the price with it, changes in between, the counts' guard fails.
        let counts = context.store.counts(id).await?;
        let account = context.store.account(id).await?.ok_or_else(Problem::not_found)?;
        let (counts, invoice, change) = purchase(&account, &counts, quantity, stamp)?;
        let licenses = Licenses::of(&account.subscription, &counts, stamp.now);
        Ok(Decision::write(change, Reply::json(&Purchased { licenses, invoice: invoice.into() })?))
    }
}
