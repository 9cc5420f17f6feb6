//! `POST /v1/users/{id}/deactivate`

use domain::Stamp;
use domain::holdings::{Holdings, Plan, Taker};
use domain::id::UserId;
use domain::rules::deactivate::deactivate;
use domain::user::User;
use edge::resource_views::UserDetail;
use edge::{Caller, Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::load::{self, NoQuery, UserPath};
use crate::resources::transfer::{begin_all, successor};

/// Ends a user's access at once and frees the license (L5, R10, W3), and says what becomes of what he owns (L6, W4).
#[derive(Debug)]
pub struct Deactivate;

/// What becomes of what the user owns (L6).
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    resources: Option<Resources>,
}

/// A choice for the user's resources.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Resources {
    strategy: Strategy,
    /// For `reassign`: the active user who gets them.
    to: Option<UserId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Strategy {
    Reassign,
    Unassign,
    Keep,
}

impl Endpoint for Deactivate {
    const NAME: &'static str = "users_deactivate";
    type Path = UserPath;
    type Query = NoQuery;
    type Body = Body;
    type Answer = UserDetail;

    async fn decide(
        context: &Context,
        input: &Input<UserPath, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let user = load::user(context, caller, input.path.id).await?;
        let to = successor_of(context, caller, &input.body, user.id).await?;
        let to = to.as_ref().map(|(user, holdings)| Taker { user, holdings });
        let counts = context.store.counts(caller.account.id).await?;
        let (now, mut change) = deactivate(&caller.account, &counts, &caller.user, &user, stamp)?;
        let holdings = context.store.holdings(caller.account.id, user.id).await?;
        if change.is_nothing() {
            let shown = UserDetail::of(&now, &holdings, &context.config.app_url, stamp.now);
            return Ok(Decision::write(change, Reply::object(&shown, now.version)?));
        }
        let plan = match (strategy(&input.body), to) {
            (Strategy::Unassign, _) => Plan::Unassign,
            (_, Some(to)) => Plan::Reassign { to: to.user.id, epoch: to.holdings.epoch },
            (_, None) => Plan::Keep,
        };
        let (_, holdings) = begin_all(context, caller, &holdings, plan, to, &mut change, stamp).await?;
        let shown = UserDetail::of(&now, &holdings, &context.config.app_url, stamp.now);
        Ok(Decision::write(change, Reply::object(&shown, now.version)?))
    }
}

fn strategy(body: &Body) -> Strategy {
    body.resources.as_ref().map_or(Strategy::Keep, |resources| resources.strategy)
}

/// Who is to get the resources, where somebody is, must be able to have them.
async fn successor_of(
    context: &Context,
    caller: &Caller,
    body: &Body,
    leaver: UserId,
) -> Result<Option<(User, Holdings)>, Problem> {
    let fault = |detail: &str| Err(Problem::field("resources.to", "invalid_successor", detail));
    match (strategy(body), body.resources.as_ref().and_then(|resources| resources.to)) {
        (Strategy::Reassign, Some(to)) => Ok(Some(successor(context, caller, "resources.to", to, Some(leaver)).await?)),
        (Strategy::Reassign, None) => fault("Say who gets the resources."),
        (_, Some(_)) => fault("Only `reassign` has somebody to give to."),
        (_, None) => Ok(None),
    }
}
