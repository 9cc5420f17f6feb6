//! `DELETE /v1/billing/payment-method`

use domain::Stamp;
use domain::rules::give_card::take_card;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::NoQuery;
use crate::payment_method::{refused, stripe};

/// Takes the account's card away, here and at Stripe. Invoices wait for whoever marks them then.
#[derive(Debug)]
pub struct Remove;

impl Endpoint for Remove {
    const NAME: &'static str = "payment_method_remove";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = Nothing;

    async fn decide(
        context: &Context,
        _: &Input<NoQuery, NoQuery, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let stripe = stripe(context)?;
        let id = context.caller()?.account.id;
        let (account, payer) = tokio::try_join!(context.store.account(id), context.store.payer(id))?;
        let account = account.ok_or_else(Problem::not_found)?;
        let change = payer.as_ref().and_then(|payer| take_card(&account, payer, stamp));
        let (Some(change), Some(method)) = (change, payer.and_then(|payer| payer.method)) else {
            return Ok(Decision::read(Reply::empty()));
        };
        // First there: a card that is named here and is nobody's at Stripe is declined, the other way round it could be charged.
        if !context.dry_run {
            stripe.detach(&method.id).await.map_err(refused)?;
        }
        Ok(Decision::write(change, Reply::empty()))
    }
}
