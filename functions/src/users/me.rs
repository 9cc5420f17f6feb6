//! `GET /v1/me`

use domain::Stamp;
use edge::input::Nothing;
use edge::views::UserView;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::NoQuery;

/// Shows one's own profile.
#[derive(Debug)]
pub struct Get;

impl Endpoint for Get {
    const NAME: &'static str = "me_get";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = UserView;

    async fn decide(
        context: &Context,
        _: &Input<NoQuery, NoQuery, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let user = &context.caller()?.user;
        Ok(Decision::read(Reply::object(&UserView::of(user, &context.config.app_url), user.version)?))
    }
}
