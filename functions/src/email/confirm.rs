//! `POST /v1/email-changes/confirm`

use domain::Stamp;
use domain::email_change::EmailChangeKind;
use domain::rules::change_email::{Confirmed, confirm, confirmable};
use domain::token::{Grant, Purpose};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::email::Found;
use crate::gate::{self, Gate};
use crate::load::{self, NoQuery};

/// Confirms a new address (P2, W9).
#[derive(Debug)]
pub struct Confirm;

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
    /// The address is the user's now.
    Changed,
    /// It is as soon as the holder accepts (P3).
    AwaitingAccept,
}

impl Endpoint for Confirm {
    const NAME: &'static str = "email_changes_confirm";
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
        let found = load::token(context, Purpose::ConfirmEmail, &input.body.token).await;
        let token = gate::counted(&gate, found).await?;
        let Grant::ConfirmEmail { user_id, .. } = token.grants else { return Err(Problem::not_found()) };
        let store = &context.store;
        let (account, user) = tokio::try_join!(store.account(token.account_id), store.user(token.account_id, user_id))?;
        let Some(account) = account else { return Err(Problem::not_found()) };
        // A user who is gone is told as a link that is good no more.
        let user = user.ok_or(domain::Refusal::LinkExpired)?;
        let asked = confirmable(&user, &token, stamp)?;
        let requester = match asked.kind {
            EmailChangeKind::Admin => store.user(account.id, asked.requested_by).await?,
            EmailChangeKind::Own => None,
        };
        let found = Found::of(context, &user, Some(&asked.email)).await?;
        stamp.origin.actor = Some(user.id);
        let (confirmed, change) = confirm(&account, &user, requester.as_ref(), &token, found.standing(), stamp)?;
        let status = match confirmed {
            Confirmed::Changed => Status::Changed,
            Confirmed::AwaitingAccept => Status::AwaitingAccept,
        };
        Ok(Decision::write(change, Reply::json(&Answer { status })?))
    }
}
