//! `GET /v1/users/{id}`

use domain::Stamp;
use edge::input::Nothing;
use edge::views::UserView;
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
    type Answer = UserView;

    async fn decide(
        context: &Context,
        input: &Input<UserPath, NoQuery, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let user = load::user(context, context.caller()?, input.path.id).await?;
        Ok(Decision::read(Reply::object(&UserView::from(&user), user.version)?))
    }
}
