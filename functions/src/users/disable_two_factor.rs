//! `DELETE /v1/users/{id}/two-factor`

use domain::Stamp;
use domain::rules::two_factor::disable_by_admin;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::{self, NoQuery, UserPath};

/// Turns a user's second factor off (L10).
#[derive(Debug)]
pub struct Disable;

impl Endpoint for Disable {
    const NAME: &'static str = "users_disable_two_factor";
    type Path = UserPath;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = Nothing;

    async fn decide(
        context: &Context,
        input: &Input<UserPath, NoQuery, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let (user, credential) = load::user_with_credential(context, caller, input.path.id).await?;
        let change = disable_by_admin(&caller.account, &caller.user, &user, credential.as_ref(), stamp)?;
        Ok(Decision::write(change, Reply::empty()))
    }
}
