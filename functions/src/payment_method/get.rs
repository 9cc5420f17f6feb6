//! `GET /v1/billing/payment-method`

use domain::Stamp;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::NoQuery;
use crate::payment_method::HowToPay;

/// Shows the card that invoices are charged to, and whether anything is overdue.
#[derive(Debug)]
pub struct Get;

impl Endpoint for Get {
    const NAME: &'static str = "payment_method_get";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = HowToPay;

    async fn decide(
        context: &Context,
        _: &Input<NoQuery, NoQuery, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let id = context.caller()?.account.id;
        let (account, payer) = tokio::try_join!(context.store.account(id), context.store.payer(id))?;
        let account = account.ok_or_else(Problem::not_found)?;
        Ok(Decision::read(Reply::json(&HowToPay::of(context, &account, payer.as_ref()))?))
    }
}
