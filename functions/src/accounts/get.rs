//! `GET /v1/account`

use domain::Stamp;
use edge::input::Nothing;
use edge::views::AccountView;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::NoQuery;

/// Shows one's account.
#[derive(Debug)]
pub struct Get;

impl Endpoint for Get {
    const NAME: &'static str = "account_get";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = AccountView;

    async fn decide(
        context: &Context,
        _: &Input<NoQuery, NoQuery, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let id = context.caller()?.account.id;
        let (account, counts) = tokio::try_join!(context.store.account(id), context.store.counts(id))?;
        let account = account.ok_or_else(Problem::not_found)?;
        Ok(Decision::read(Reply::object(&AccountView::of(&account, &counts), account.version)?))
    }
}
