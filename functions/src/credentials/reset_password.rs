//! `POST /v1/password/reset`

use domain::rules::reset_password::{reset_password, resettable};
use domain::token::{Grant, Purpose};
use domain::{Refusal, Stamp};
use edge::input::{Checks, Nothing};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::gate::{self, Gate};
use crate::holders::{self, Person};
use crate::load::{self, NoQuery};

/// Sets a new password with a mailed link, and ends every session (R9, L9).
#[derive(Debug)]
pub struct Reset;

/// The link's token and the new password.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    token: String,
    /// 10 to 256 characters, not easy to guess.
    password: String,
}

impl Endpoint for Reset {
    const NAME: &'static str = "password_reset";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Body;
    type Answer = Nothing;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let gate = Gate::of_source(context, stamp.now).await?;
        let found = load::token(context, Purpose::ResetPassword, &input.body.token).await;
        let token = gate::counted(&gate, found).await?;
        let Grant::ResetPassword { user_id, .. } = token.grants else { return Err(Problem::not_found()) };
        let found = holders::person(context, (token.account_id, user_id)).await?;
        let Person { account, user, credential } = found.ok_or(Refusal::LinkExpired)?;
        resettable(&account, &user, &credential, &token, stamp)?;
        let mut checks = Checks::default();
        let password = checks.new_password("password", &input.body.password, &load::hints(&account, &user));
        checks.done()?;
        let Some(password) = password else { return Err(Problem::invalid(Vec::new())) };
        let hash = context.scratch.once("hash", || password.hash(stamp.bytes()));
        let mut change = reset_password(&account, &user, &credential, &token, hash, stamp)?;
        // Whoever reads the user's mail is let in from here, however many strangers fail on the login.
        gate::remember(context, &user, &mut change, stamp.now).await?;
        Ok(Decision::write(change, Reply::empty()))
    }
}
