//! Roles: what users may do (R2, P5).

pub mod create;
pub mod delete;
pub mod list;
pub mod permissions;
pub mod update;

use domain::id::RoleId;
use domain::role::{BuiltIn, CustomRole};
use edge::{Caller, Context, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

/// The parameter of a path that names a role.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub struct RolePath {
    id: RoleId,
}

/// A role of the caller's account that can be changed.
async fn own(context: &Context, caller: &Caller, id: RoleId) -> Result<CustomRole, Problem> {
    if BuiltIn::of_id(id).is_some() {
        return Err(domain::Refusal::RoleBuiltIn.into());
    }
    context.store.role(caller.account.id, id).await?.ok_or_else(Problem::not_found)
}
