//! `DELETE /v1/users/{id}`

use domain::Stamp;
use domain::change::Change;
use domain::holdings::{Holdings, Plan};
use domain::rules::delete_user::{DISPLAY_NAME, delete_user};
use domain::rules::move_resources::begin;
use domain::user::User;
use edge::input::Checks;
use edge::resource_views::UserDetail;
use edge::{Caller, Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::load::{self, NoQuery, UserPath};

/// Deletes a deactivated user for good (W6): what is personal is gone, what he did stays under another name, and what he
/// owned waits for an owner. There is no way back.
#[derive(Debug)]
pub struct Delete;

/// Most resources that a dry run tells.
const MOST_TOLD: usize = 80;

/// Under which name his contents stay.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// 1 to 200 characters; "Deleted member" unless given.
    display_name: Option<String>,
}

impl Endpoint for Delete {
    const NAME: &'static str = "users_delete";
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
        let mut checks = Checks::default();
        let name = input.body.display_name.as_deref().map(|name| checks.line("display_name", name, 200));
        checks.done()?;
        let name = name.as_deref().unwrap_or(DISPLAY_NAME);
        let (user, credential) = load::user_with_credential(context, caller, input.path.id).await?;
        context.matches(user.version)?;
        // There is no way back, so the policy counts as it is now, not as it was a moment ago.
        let account = context.store.account(caller.account.id).await?.ok_or_else(Problem::not_found)?;
        let (now, mut change) = delete_user(&account, &caller.user, &user, credential.as_ref(), name, stamp)?;
        let holdings = end_ownerships(context, caller, &user, &mut change, stamp).await?;
        Ok(Decision::write(
            change,
            Reply::object(&UserDetail::of(&now, &holdings, &context.config.app_url, stamp.now), now.version)?,
        ))
    }
}

/// All that the user owns waits for an owner, and what acts for him stops: readers see it from now on, the worker writes it.
async fn end_ownerships(
    context: &Context,
    caller: &Caller,
    user: &User,
    change: &mut Change,
    stamp: &mut Stamp,
) -> Result<Holdings, Problem> {
    let account = caller.account.id;
    let holdings = context.store.holdings(account, user.id).await?;
    let rows = if context.dry_run && holdings.held.total() > 0 {
        context.store.owned(account, user.id, Plan::Unassign.kinds(), None, MOST_TOLD).await?.0
    } else {
        Vec::new()
    };
    Ok(begin(&caller.account, &holdings, Plan::Unassign, None, &rows, change, stamp).1)
}
