//! `POST /v1/users/{id}/deactivate`

use domain::Stamp;
use domain::id::UserId;
use domain::rules::deactivate::deactivate;
use domain::user::UserStatus;
use edge::views::UserView;
use edge::{Caller, Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::load::{self, NoQuery, UserPath};

/// Ends a user's access at once and frees the license (L5, R10, W3).
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
    type Answer = UserView;

    async fn decide(
        context: &Context,
        input: &Input<UserPath, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let user = load::user(context, caller, input.path.id).await?;
        check_successor(context, caller, &input.body, user.id).await?;
        let counts = context.store.counts(caller.account.id).await?;
        let (user, change) = deactivate(&caller.account, &counts, &caller.user, &user, stamp)?;
        Ok(Decision::write(change, Reply::object(&UserView::from(&user), user.version)?))
    }
}

/// Who is to get the resources must be able to have them.
async fn check_successor(context: &Context, caller: &Caller, body: &Body, leaver: UserId) -> Result<(), Problem> {
    let fault = |detail: &str| Err(Problem::field("resources.to", "invalid_successor", detail));
    match &body.resources {
        Some(Resources { strategy: Strategy::Reassign, to: Some(to) }) => {
            let successor = context.store.user(caller.account.id, *to).await?;
            match successor.filter(|user| user.status == UserStatus::Active && user.id != leaver) {
                Some(_) => Ok(()),
                None => fault("This must be another active user of the account."),
            }
        }
        Some(Resources { strategy: Strategy::Reassign, to: None }) => fault("Say who gets the resources."),
        Some(Resources { to: Some(_), .. }) => fault("Only `reassign` has somebody to give to."),
        _ => Ok(()),
    }
}
