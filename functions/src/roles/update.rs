//! `PATCH /v1/roles/{id}`

use domain::Stamp;
use domain::role::Permissions;
use domain::rules::roles::edit_role;
use edge::input::Checks;
use edge::views::RoleView;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::load::NoQuery;
use crate::roles::{RolePath, own};

/// Changes a role, for everybody who has it and from the next request on.
#[derive(Debug)]
pub struct Update;

/// What to change.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// 1 to 100 characters.
    name: Option<String>,
    /// All of them, not only those to add.
    permissions: Option<Permissions>,
}

impl Endpoint for Update {
    const NAME: &'static str = "roles_update";
    type Path = RolePath;
    type Query = NoQuery;
    type Body = Body;
    type Answer = RoleView;

    async fn decide(
        context: &Context,
        input: &Input<RolePath, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let mut checks = Checks::default();
        let name = checks.optional_line("name", input.body.name.as_deref(), 100);
        checks.done()?;
        let role = own(context, caller, input.path.id).await?;
        context.matches(role.edition)?;
        let others = if name.is_some() { context.store.roles(caller.account.id).await? } else { Vec::new() };
        let edit = (name, input.body.permissions.clone());
        let (role, change) = edit_role(&caller.account, &caller.user, (&role, &others), edit, stamp)?;
        Ok(Decision::write(change, Reply::object(&RoleView::from(&role), role.edition)?))
    }
}
