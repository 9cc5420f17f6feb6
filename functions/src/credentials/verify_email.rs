//! `POST /v1/email/verify`

use domain::Stamp;
use domain::rules::verify_email::verify_email;
use domain::token::{Grant, Purpose};
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::gate::{self, Gate};
use crate::load::{self, NoQuery};

/// Confirms an address.
#[derive(Debug)]
pub struct VerifyEmail;

/// The link's token.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    token: String,
}

impl Endpoint for VerifyEmail {
    const NAME: &'static str = "email_verify";
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
        let found = load::token(context, Purpose::VerifyEmail, &input.body.token).await;
        let token = gate::counted(&gate, found).await?;
        let Grant::VerifyEmail { user_id, .. } = token.grants else { return Err(Problem::not_found()) };
        let (account, user) =
            tokio::try_join!(context.store.account(token.account_id), context.store.user(token.account_id, user_id))?;
        let (Some(account), Some(user)) = (account, user) else { return Err(Problem::not_found()) };
        stamp.origin.actor = Some(user.id);
        Ok(Decision::write(verify_email(&account, &user, &token, stamp)?, Reply::empty()))
    }
}
