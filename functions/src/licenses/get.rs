//! `GET /v1/licenses`

use domain::Stamp;
use domain::license::Licenses;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::NoQuery;

/// Shows licenses bought, in use, reserved and free (L1).
#[derive(Debug)]
pub struct Get;

impl Endpoint for Get {
    const NAME: &'static str = "licenses_get";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = Licenses;

    async fn decide(
        context: &Context,
        _: &Input<NoQuery, NoQuery, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let account = &context.caller()?.account;
        let counts = context.store.counts(account.id).await?;
        Ok(Decision::read(Reply::json(&Licenses::of(&account.subscription, &counts, stamp.now))?))
    }
}
