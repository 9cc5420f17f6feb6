//! `GET /v1/resources/{kind}/{id}/mentionable`

use std::collections::BTreeSet;

use domain::Stamp;
use domain::id::UserId;
use domain::rules::visible::{Shared, visible};
use domain::user::UserStatus;
use edge::input::Nothing;
use edge::views::{List, PersonView};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply, cursor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::boards::MOST_ACQUAINTANCES;
use store::directory::Choice;

use crate::load::{self, ResourcePath};
use crate::sight;

/// Lists whom to mention on a board or in a project, by name: the caller's contacts, the first 500, and who takes part, or
/// the whole team as far as the caller sees it (B2, B5). Active users only (R6), and not the caller.
#[derive(Debug)]
pub struct Mentionable;

/// Whom of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// How a word of what is shown of them begins; of several words each. A page may be short, or empty, and yet have a next
    /// one.
    #[schemars(length(max = 200))]
    q: Option<String>,
    /// `nearby` unless given.
    #[serde(default)]
    scope: Scope,
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    cursor: Option<String>,
}

/// Among whom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Scope {
    /// Contacts, up to 500, and who takes part.
    #[default]
    Nearby,
    /// The whole team, as far as the caller sees it.
    Team,
}

impl Endpoint for Mentionable {
    const NAME: &'static str = "mentionable_list";
    type Path = ResourcePath;
    type Query = Query;
    type Body = Nothing;
    type Answer = List<PersonView>;

    async fn decide(
        context: &Context,
        input: &Input<ResourcePath, Query, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let (me, query, path) = (&caller.user, &input.query, &input.path);
        let resource = load::shared(context, caller, path.kind, &path.id).await?.shown;
        let search = load::search(query.q.as_deref(), me)?;
        let choice = Choice::by_status(|status| status == UserStatus::Active, |_| true).found_by(search);
        let limit = cursor::limit(query.limit)?;
        let asked = (resource.place(), query.scope, &choice);
        let from = cursor::open(context, &asked, query.cursor.as_deref())?;
        let (mut users, next) = match query.scope {
            Scope::Team => sight::users(context, caller, &choice, &from, limit).await?,
            Scope::Nearby => {
                let contacts = context.store.contact_ids(me, MOST_ACQUAINTANCES).await?;
                let beside: BTreeSet<UserId> = resource.participants().collect();
                let among: BTreeSet<UserId> = contacts.union(&beside).copied().filter(|id| *id != me.id).collect();
                let (mut users, next) =
                    context.store.users_among(caller.account.id, &choice, &among, &from, limit).await?;
                // Whoever administers boards of others need not see everybody on them.
                let inside = beside.contains(&me.id);
                users.retain(|user| {
                    let shared =
                        Shared { board: inside && beside.contains(&user.id), contact: contacts.contains(&user.id) };
                    visible(me.user_type, user.user_type, shared)
                });
                (users, next)
            }
        };
        users.retain(|user| user.id != me.id);
        let items: Vec<_> = users.iter().map(|user| PersonView::of(user, me, &context.config.app_url)).collect();
        let next_cursor = cursor::seal(context, &asked, next.as_ref())?;
        Ok(Decision::read(Reply::json(&List { items, next_cursor })?))
    }
}
