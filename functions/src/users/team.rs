//! `GET /v1/team`

use domain::Stamp;
use domain::rules::visible::team;
use domain::user::{UserStatus, UserType};
use edge::input::Nothing;
use edge::views::{List, PersonView};
use edge::{Context, Decision, Endpoint, Input, Problem};
use schemars::JsonSchema;
use serde::Deserialize;
use store::directory::Choice;

use crate::load::{self, NoQuery};
use crate::users::directory;

/// Lists the team by role: who is active, then who is expected, each by name (B2, B4). Whoever has left is not in it.
#[derive(Debug)]
pub struct Team;

/// Whom of it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// Of these types; all unless given.
    #[serde(default, rename = "type")]
    types: Vec<UserType>,
    /// How a word of the name, the login or the address begins; of several words each.
    #[schemars(length(max = 200))]
    q: Option<String>,
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    cursor: Option<String>,
}

impl Endpoint for Team {
    const NAME: &'static str = "team_list";
    type Path = NoQuery;
    type Query = Query;
    type Body = Nothing;
    type Answer = List<PersonView>;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, Query, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let query = &input.query;
        team(&caller.account, caller.user.user_type)?;
        let of_type = |user_type| query.types.is_empty() || query.types.contains(&user_type);
        let there = |status| matches!(status, UserStatus::Active | UserStatus::Pending);
        let choice = Choice::by_status(there, of_type).found_by(load::search(query.q.as_deref(), &caller.user)?);
        let page = (query.cursor.as_deref(), query.limit);
        directory::page(context, &choice, page, |user| PersonView::of(user, &caller.user, &context.config.app_url))
            .await
    }
}
