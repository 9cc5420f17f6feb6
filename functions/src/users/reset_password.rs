//! `POST /v1/users/{id}/password-reset`

use domain::Stamp;
use domain::rules::admin_password::reset_by_admin;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::{self, NoQuery, UserPath};

/// Deletes a user's password, ends every session, and mails a link to choose another (L9).
#[derive(Debug)]
pub struct Reset;

impl Endpoint for Reset {
    const NAME: &'static str = "users_reset_password";
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
        let change = reset_by_admin(&caller.account, &caller.user, &user, credential.as_ref(), stamp)?;
        Ok(Decision::write(change, Reply::empty()))
    }
}
