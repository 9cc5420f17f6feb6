//! `GET /v1/sessions`

use std::collections::BTreeMap;

use domain::Stamp;
use domain::secret::SecretDigest;
use domain::session::Session;
use edge::input::Nothing;
use edge::views::{List, SessionView};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply, cursor};
use futures::future::try_join_all;
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
        let (user, account) = caller.own();
        let bound = user.id;
        let from = cursor::open(context, &bound, input.query.cursor.as_deref())?;
        let (sessions, next) = context.store.sessions(account.id, user.id, &from, limit).await?;
        let policy = &account.policy;
        let origins = origins(context, &sessions).await?;
        let is_alive = |session: &Session| session.is_alive(user, policy, stamp.now);
        let items = sessions
            .iter()
            .filter(|session| is_alive(session))
            .filter_map(|session| match &session.home {
                None => Some((session, session.expires_at(policy))),
                // Over with the one that it comes from.
                Some(home) => {
                    let origin = origins.iter().find(|origin| origin.digest == home.session && is_alive(origin))?;
                    Some((session, session.expires_at(policy).min(origin.expires_at(policy))))
                }
            })
            .map(|(session, expires_at)| SessionView {
                id: session.id,
                user_agent: session.user_agent.clone(),
                created_at: session.created_at,
                last_active_at: session.last_active_at,
                expires_at,
                acting_for: session.acting_for(),
                current: session.id == caller.session.id,
            })
            .collect();
        let next_cursor = cursor::seal(context, &bound, next.as_ref())?;
        Ok(Decision::read(Reply::json(&List { items, next_cursor })?))
    }
}

/// The sessions that some were switched from.
async fn origins(context: &Context, sessions: &[Session]) -> Result<Vec<Session>, Problem> {
    let homes = sessions.iter().filter_map(|session| session.home.as_ref());
    let digests: BTreeMap<&str, &SecretDigest> = homes.map(|home| (home.session.as_str(), &home.session)).collect();
    let found = try_join_all(digests.into_values().map(|digest| context.store.session(digest))).await?;
    Ok(found.into_iter().flatten().collect())
}
