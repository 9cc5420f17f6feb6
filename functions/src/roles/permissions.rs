//! `GET /v1/permissions`

use domain::Stamp;
use domain::role::Permission;
use edge::input::Nothing;
use edge::views::List;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Serialize;

use crate::load::NoQuery;

/// Lists what a role can allow.
#[derive(Debug)]
pub struct Permissions;

/// A right that a role can hold.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PermissionDescription")]
pub struct Described {
    name: Permission,
    /// What it lets somebody do.
    description: &'static str,
}

impl Endpoint for Permissions {
    const NAME: &'static str = "permissions_list";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = List<Described>;

    async fn decide(_: &Context, _: &Input<NoQuery, NoQuery, Nothing>, _: &mut Stamp) -> Result<Decision, Problem> {
        let described =
            |permission: &Permission| Described { name: *permission, description: permission.description() };
        let items = Permission::ALL.iter().map(described).collect();
        Ok(Decision::read(Reply::json(&List { items, next_cursor: None })?))
    }
}
