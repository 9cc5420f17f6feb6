//! `POST /v1/invitations/accept`

use domain::policy::SignIn;
use domain::rules::accept::{self, acceptable};
use domain::rules::contacts::introduce;
use domain::{Refusal, Stamp};
use edge::input::Checks;
use edge::views::{OpenedSession, SignedIn, UserView};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::gate::{self, Gate};
use crate::load::{self, NoQuery};
use crate::proof::proof;

/// Accepts an invitation and signs in.
#[derive(Debug)]
pub struct Accept;

/// The link's token and what the invitee brings. The address is the invited one, whatever anybody says.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    token: String,
    /// 1 to 200 characters.
    name: String,
    /// 10 to 256 characters, not easy to guess; not with another `sign_in`.
    password: Option<String>,
    /// `password` unless given. With `google` or `microsoft` a mail asks to confirm who one is there.
    sign_in: Option<SignIn>,
}

impl Endpoint for Accept {
    const NAME: &'static str = "invitations_accept";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Body;
    type Answer = SignedIn;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let body = &input.body;
        let gate = Gate::of_source(context, stamp.now).await?;
        let found = load::invitation_of(context, &body.token).await;
        let (invitation, token) = gate::counted(&gate, found).await?;
        acceptable(&invitation, &token.digest, stamp)?;
        let mut checks = Checks::default();
        let name = checks.line("name", &body.name, 200);
        let hints = [body.name.as_str(), invitation.email.as_str()];
        let sign_in = body.sign_in.unwrap_or_default();
        let proof = proof(context, &mut checks, sign_in, body.password.as_deref(), &hints, stamp);
        checks.done()?;
        let Some(proof) = proof else { return Err(Problem::invalid(Vec::new())) };
        let id = invitation.account_id;
        let (account, counts, user, inviter) = tokio::try_join!(
            context.store.account(id),
            context.store.counts(id),
            context.store.user(id, invitation.user_id),
            context.store.user(id, invitation.invited_by)
        )?;
        let (Some(account), Some(user)) = (account, user) else { return Err(Refusal::InvitationRevoked.into()) };
        let command = accept::Accept { name, proof, user_agent: context.user_agent.clone() };
        let (user, session, secret, mut change) =
            accept::accept(&account, &counts, &invitation, &user, &token.digest, command, stamp)?;
        if let Some(inviter) = inviter {
            // Nobody has had a contact who was never there: neither has the other yet.
            introduce((&inviter, &user), (None, None), &mut change);
        }
        gate::remember(context, &user, &mut change, stamp.now).await?;
        let reply = Reply::json(&SignedIn {
            session: OpenedSession::of(&session, &secret, &account.policy),
            user: UserView::of(&user, &context.config.app_url, stamp.now),
        })?;
        Ok(Decision::write(change, reply))
    }
}
