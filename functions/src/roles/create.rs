//! `POST /v1/roles`

use domain::role::Permissions;
use domain::rules::roles::create_role;
use domain::{Refusal, Stamp};
use edge::input::Checks;
use edge::views::RoleView;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;
use store::read::MAX_ROLES;

use crate::load::NoQuery;

/// Makes a role of rights that one holds oneself (R2, P5).
#[derive(Debug)]
pub struct Create;

/// The new role.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// 1 to 100 characters.
    name: String,
    /// As `GET /v1/permissions` lists them.
    permissions: Permissions,
}

impl Endpoint for Create {
    const NAME: &'static str = "roles_create";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Body;
    type Answer = RoleView;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let mut checks = Checks::default();
        let name = checks.line("name", &input.body.name, 100);
        checks.done()?;
        let others = context.store.roles(caller.account.id).await?;
        if others.len() >= MAX_ROLES {
            return Err(Refusal::TooManyRoles.into());
        }
        let role = (name, input.body.permissions.clone());
        let (role, change) = create_role(&caller.account, &caller.user, &others, role, stamp)?;
        Ok(Decision::write(change, Reply::object(&RoleView::from(&role), role.edition)?))
    }
}
