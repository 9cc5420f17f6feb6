//! `POST /v1/sessions/switch`

use domain::Stamp;
use domain::id::AccountId;
use domain::rules::switch::switch;
use edge::views::{OpenedSession, SwitchedSession, UserView};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::load::NoQuery;

/// Enters a customer's account (P6). Any other account is as absent as none.
#[derive(Debug)]
pub struct Switch;

/// Whose.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    account_id: AccountId,
}

impl Endpoint for Switch {
    const NAME: &'static str = "sessions_switch";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Body;
    type Answer = SwitchedSession;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let (user, store, id) = (&caller.user, &context.store, input.body.account_id);
        let (reach, customer, visited) =
            tokio::try_join!(store.reach(user), store.account(id), store.has_visited(user, id))?;
        let asking = (user, &reach, &caller.session);
        let (session, token, change) = switch(asking, customer.as_ref(), visited, stamp)?;
        // The rule has let nobody in but to a customer that there is.
        let customer = customer.ok_or_else(Problem::not_found)?;
        let mut opened = OpenedSession::of(&session, &token, &customer.policy);
        opened.expires_at = opened.expires_at.min(caller.session.expires_at(&caller.account.policy));
        let reply = Reply::json(&SwitchedSession {
            session: opened,
            acting_for: customer.id,
            user: UserView::of(user, &context.config.app_url, stamp.now).with_reach(&reach),
        })?;
        Ok(Decision::write(change, reply))
    }
}
