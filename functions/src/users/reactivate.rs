//! `POST /v1/users/{id}/reactivate`

use domain::Stamp;
use domain::holdings::Plan;
use domain::rules::reactivate::reactivate;
use edge::input::Nothing;
use edge::resource_views::UserDetail;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::{self, NoQuery, UserPath};
use crate::resources::transfer::begin_all;

/// Gives a user access again, if there is a license (L8, R12, W5). What had closed with him opens (W4).
#[derive(Debug)]
pub struct Reactivate;

impl Endpoint for Reactivate {
    const NAME: &'static str = "users_reactivate";
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
        let user = load::user(context, caller, input.path.id).await?;
        let counts = context.store.counts(caller.account.id).await?;
        let (now, mut change) = reactivate(&caller.account, &counts, &caller.user, &user, stamp)?;
        let mut holdings = context.store.holdings(caller.account.id, user.id).await?;
        // What is on its way to another owner goes on.
        if !change.is_nothing() {
            (_, holdings) = begin_all(context, caller, &holdings, Plan::Restore, None, &mut change, stamp).await?;
        }
        Ok(Decision::write(
            change,
            Reply::object(&UserDetail::of(&now, &holdings, &context.config.app_url, stamp.now), now.version)?,
        ))
    }
}
