//! `DELETE /v1/roles/{id}`

use domain::Stamp;
use domain::rules::roles::delete_role;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::NoQuery;
use crate::roles::{RolePath, own};

/// Removes a role that nobody has.
#[derive(Debug)]
pub struct Delete;

impl Endpoint for Delete {
    const NAME: &'static str = "roles_delete";
    type Path = RolePath;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = Nothing;

    async fn decide(
        context: &Context,
        input: &Input<RolePath, NoQuery, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let role = own(context, caller, input.path.id).await?;
        Ok(Decision::write(delete_role(&caller.account, &caller.user, &role, stamp)?, Reply::empty()))
    }
}
