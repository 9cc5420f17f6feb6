//! `GET /v1/sessions`

use domain::Stamp;
use edge::input::Nothing;
use edge::views::{List, SessionView};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply, cursor};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::load::NoQuery;

/// Lists one's devices, newest first.
#[derive(Debug)]
pub struct ListSessions;

/// Which page.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Query {
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    cursor: Option<String>,
}

impl Endpoint for ListSessions {
    const NAME: &'static str = "sessions_list";
    type Path = NoQuery;
    type Query = Query;
    type Body = Nothing;
    type Answer = List<SessionView>;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, Query, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let limit = cursor::limit(input.query.limit)?;
        let bound = caller.user.id;
        let from = cursor::open(context, &bound, input.query.cursor.as_deref())?;
        let (sessions, next) = context.store.sessions(caller.account.id, caller.user.id, &from, limit).await?;
        let policy = &caller.account.policy;
        let items = sessions
            .iter()
            .filter(|session| session.is_alive(&caller.user, policy, stamp.now))
            .map(|session| SessionView {
                id: session.id,
                user_agent: session.user_agent.clone(),
                created_at: session.created_at,
                last_active_at: session.last_active_at,
                expires_at: session.expires_at(policy),
                current: session.id == caller.session.id,
            })
            .collect();
        let next_cursor = cursor::seal(context, &bound, next.as_ref())?;
        Ok(Decision::read(Reply::json(&List { items, next_cursor })?))
    }
}
