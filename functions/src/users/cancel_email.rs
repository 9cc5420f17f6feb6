//! `DELETE /v1/users/{id}/email`

use domain::Stamp;
use domain::rules::request_email::cancel_by_admin;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::{self, NoQuery, UserPath};

/// Calls off the change of a user's address that is pending, whoever asked for it.
#[derive(Debug)]
pub struct Cancel;

impl Endpoint for Cancel {
    const NAME: &'static str = "users_cancel_email";
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
        let user = load::user(context, caller, input.path.id).await?;
        let (_, change) = cancel_by_admin(&caller.account, &caller.user, &user, stamp)?;
        Ok(Decision::write(change, Reply::empty()))
    }
}
