//! `POST /v1/users/{id}/reactivate`

use domain::Stamp;
use domain::rules::reactivate::reactivate;
use edge::input::Nothing;
use edge::views::UserView;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::{self, NoQuery, UserPath};

/// Gives a user access again, if there is a license (L8, R12, W5).
#[derive(Debug)]
pub struct Reactivate;

impl Endpoint for Reactivate {
    const NAME: &'static str = "users_reactivate";
    type Path = UserPath;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = UserView;

    async fn decide(
        context: &Context,
        input: &Input<UserPath, NoQuery, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let user = load::user(context, caller, input.path.id).await?;
        let counts = context.store.counts(caller.account.id).await?;
        let (user, change) = reactivate(&caller.account, &counts, &user, stamp)?;
        Ok(Decision::write(change, Reply::object(&UserView::from(&user), user.version)?))
    }
}
