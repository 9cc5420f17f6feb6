//! `POST /v1/users/{id}/email`

use domain::Stamp;
use domain::rules::request_email::request_by_admin;
use edge::input::Checks;
use edge::views::RequestedEmailChange;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::email::Found;
use crate::load::{self, NoQuery, UserPath};

/// Asks for another address of a user, or for the first one of somebody without (W9, R7).
#[derive(Debug)]
pub struct Change;

/// The address to be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    email: String,
}

impl Endpoint for Change {
    const NAME: &'static str = "users_change_email";
    type Path = UserPath;
    type Query = NoQuery;
    type Body = Body;
    type Answer = RequestedEmailChange;

    async fn decide(
        context: &Context,
        input: &Input<UserPath, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let user = load::user(context, caller, input.path.id).await?;
        let mut checks = Checks::default();
        let address = checks.email("email", &input.body.email);
        checks.done()?;
        let Some(address) = address else { return Err(Problem::invalid(Vec::new())) };
        context.matches(user.version)?;
        let found = Found::of(context, &user, Some(&address)).await?;
        let (now, change) = request_by_admin(&caller.account, &caller.user, &user, &address, found.standing(), stamp)?;
        Ok(Decision::write(change, Reply::json(&RequestedEmailChange::of(&now, stamp.now))?))
    }
}
