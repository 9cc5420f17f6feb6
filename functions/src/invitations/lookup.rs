//! `GET /v1/invitations/lookup`

use domain::rules::accept::acceptable;
use domain::text::Email;
use domain::user::UserType;
use domain::{Instant, Stamp};
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::gate::{self, Gate};
use crate::load::{self, NoQuery};

/// Tells what an invitation's link leads to. It uses nothing up.
#[derive(Debug)]
pub struct Lookup;

/// The link's token.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Query {
    token: String,
}

/// What an invitee is told before he accepts.
#[derive(Debug, Serialize, JsonSchema)]
pub struct InvitationPreview {
    account_name: String,
    email: Email,
    r#type: UserType,
    invited_by_name: String,
    expires_at: Option<Instant>,
}

impl Endpoint for Lookup {
    const NAME: &'static str = "invitations_lookup";
    type Path = NoQuery;
    type Query = Query;
    type Body = Nothing;
    type Answer = InvitationPreview;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, Query, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let gate = Gate::of_source(context, stamp.now).await?;
        let found = load::invitation_of(context, &input.query.token).await;
        let (invitation, token) = gate::counted(&gate, found).await?;
        acceptable(&invitation, &token.digest, stamp)?;
        let account = context.store.recent_account(invitation.account_id).await?.ok_or_else(Problem::not_found)?;
        Ok(Decision::read(Reply::json(&InvitationPreview {
            account_name: account.name,
            email: invitation.email,
            r#type: invitation.user_type,
            invited_by_name: invitation.invited_by_name,
            expires_at: invitation.expires_at,
        })?))
    }
}
