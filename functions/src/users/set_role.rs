//! `PUT /v1/users/{id}/role`

use domain::Stamp;
use domain::id::RoleId;
use domain::rules::set_type::{follow, set_role};
use edge::views::UserView;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::load::{self, NoQuery, UserPath};

/// Gives a user another role (R2, P5).
#[derive(Debug)]
pub struct SetRole;

/// The role.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    role_id: RoleId,
}

impl Endpoint for SetRole {
    const NAME: &'static str = "users_set_role";
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
        context.matches(user.version)?;
        let role = load::named_role(context, caller, Some(input.body.role_id)).await?;
        let counts = context.store.counts(caller.account.id).await?;
        let (user, mut change) = set_role(&caller.account, &counts, &caller.user, &user, &role, stamp)?;
        if let Some(invitation) = load::open_invitation(context, caller, &user).await? {
            follow(&invitation, &mut change);
        }
        Ok(Decision::write(
            change,
            Reply::object(&UserView::of(&user, &context.config.app_url, stamp.now), user.version)?,
        ))
    }
}
