//! `PUT /v1/users/{id}/type`

use domain::Stamp;
use domain::id::RoleId;
use domain::rules::set_type::{follow, set_type};
use domain::user::UserType;
use edge::views::UserView;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::load::{self, NoQuery, UserPath};

/// Gives a user another type (W7), and with it a license or none.
#[derive(Debug)]
pub struct SetType;

/// The type, and the role if it is not the type's own.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    r#type: UserType,
    role_id: Option<RoleId>,
}

impl Endpoint for SetType {
    const NAME: &'static str = "users_set_type";
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
        let role = load::named_role(context, caller, input.body.role_id).await?;
        let counts = context.store.counts(caller.account.id).await?;
        let to = (input.body.r#type, &role);
        let (user, mut change) = set_type(&caller.account, &counts, &caller.user, &user, to, stamp)?;
        if let Some(invitation) = load::open_invitation(context, caller, &user).await? {
            follow(&invitation, &mut change);
        }
        Ok(Decision::write(
            change,
            Reply::object(&UserView::of(&user, &context.config.app_url, stamp.now), user.version)?,
        ))
    }
}
