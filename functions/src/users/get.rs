//! `GET /v1/users/{id}`

use domain::Stamp;
use edge::input::Nothing;
use edge::resource_views::UserDetail;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::{self, NoQuery, UserPath};

/// Shows one user.
#[derive(Debug)]
pub struct Get;

impl Endpoint for Get {
    const NAME: &'static str = "users_get";
    type Path = UserPath;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = UserDetail;

    async fn decide(
        context: &Context,
        input: &Input<UserPath, NoQuery, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let (user, holdings) = load::taker(context, caller, input.path.id).await?.ok_or_else(Problem::not_found)?;
        let reach = context.store.reach(&user).await?;
        let mut shown = UserDetail::of(&user, &holdings, &context.config.app_url, stamp.now);
        shown.user = shown.user.with_reach(&reach);
        let shown = shown.to(&caller.user);
        Ok(Decision::read(Reply::object(&shown, user.version)?))
    }
}
