//! `POST /v1/email-changes/revert`

use domain::Stamp;
use domain::rules::revert_email::revert;
use domain::token::{Grant, Purpose};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::gate::{self, Gate};
use crate::load::{self, NoQuery};

/// Puts an address back, and ends every session.
#[derive(Debug)]
pub struct Revert;

/// The link's token.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    token: String,
}

/// What became of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Answer {
    status: Status,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    /// The address is back.
    Reverted,
}

impl Endpoint for Revert {
    const NAME: &'static str = "email_changes_revert";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Body;
    type Answer = Answer;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let gate = Gate::of_source(context, stamp.now).await?;
        let found = load::token(context, Purpose::RevertEmail, &input.body.token).await;
        let token = gate::counted(&gate, found).await?;
        let Grant::RevertEmail { user_id, .. } = token.grants else { return Err(Problem::not_found()) };
        let (store, account) = (&context.store, token.account_id);
        let (account, user, former) = tokio::try_join!(
            store.account(account),
            store.user(account, user_id),
            store.former_emails(account, user_id)
        )?;
        let Some(account) = account else { return Err(Problem::not_found()) };
        let user = user.ok_or(domain::Refusal::LinkExpired)?;
        stamp.origin.actor = Some(user.id);
        let (_, change) = revert(&account, &user, &former, &token, stamp)?;
        Ok(Decision::write(change, Reply::json(&Answer { status: Status::Reverted })?))
    }
}
