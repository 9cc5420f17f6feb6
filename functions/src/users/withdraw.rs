//! `POST /v1/users/{id}/withdraw`

use domain::Stamp;
use domain::rules::delete_user::withdraw;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::{self, NoQuery, UserPath};

/// Takes a user back who was made and has never signed in (R6), as an invitation is revoked.
#[derive(Debug)]
pub struct Withdraw;

impl Endpoint for Withdraw {
    const NAME: &'static str = "users_withdraw";
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
        context.matches(user.version)?;
        let change = withdraw(&caller.account, &caller.user, &user, credential.as_ref(), stamp)?;
        Ok(Decision::write(change, Reply::empty()))
    }
}
