//! `GET /v1/me`

use domain::Stamp;
use edge::input::Nothing;
use edge::views::{MeView, UserView};
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
    type Answer = MeView;

    async fn decide(
        context: &Context,
        _: &Input<NoQuery, NoQuery, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let (user, _) = caller.own();
        let reach = context.store.reach(user).await?;
        let view = MeView {
            user: UserView::of(user, &context.config.app_url, stamp.now).with_reach(&reach),
            acting_for: caller.session.acting_for(),
        };
        Ok(Decision::read(Reply::object(&view, user.version)?))
    }
}
