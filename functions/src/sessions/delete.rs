//! `DELETE /v1/sessions/{id}`

use domain::Stamp;
use domain::id::SessionId;
use domain::rules::sign_in::sign_out;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::load::NoQuery;

/// Signs one of one's devices out.
#[derive(Debug)]
pub struct Delete;

/// Which.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub struct Path {
    id: SessionId,
}

impl Endpoint for Delete {
    const NAME: &'static str = "sessions_delete";
    type Path = Path;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = Nothing;

    async fn decide(
        context: &Context,
        input: &Input<Path, NoQuery, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let (user, account) = caller.own();
        // One's own is at hand; the index of the others may be a moment behind.
        let session = if input.path.id == caller.session.id {
            Some(caller.session.clone())
        } else {
            context.store.session_of(account.id, user.id, input.path.id).await?
        };
        let session = session
            .filter(|session| session.is_alive(user, &account.policy, stamp.now))
            .ok_or_else(Problem::not_found)?;
        Ok(Decision::write(sign_out(account, &session, stamp), Reply::empty()))
    }
}
