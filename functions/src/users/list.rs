//! `GET /v1/users`

use domain::Stamp;
use domain::user::{UserStatus, UserType};
use edge::input::Nothing;
use edge::views::{List, UserView};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply, cursor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::listing::Direction;

use crate::load::NoQuery;

/// Lists the users: active, then pending, then deactivated, each by name, unless asked otherwise (R10, W2).
#[derive(Debug)]
pub struct ListUsers;

/// Which, and in which order.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// Of these statuses; all but `deleted` unless given.
    #[serde(default)]
    status: Vec<UserStatus>,
    /// Of these types; all unless given.
    #[serde(default, rename = "type")]
    types: Vec<UserType>,
    sort: Option<Sort>,
    limit: Option<usize>,
    cursor: Option<String>,
}

/// An order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
enum Sort {
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "-name")]
    NameDescending,
}

impl Endpoint for ListUsers {
    const NAME: &'static str = "users_list";
    type Path = NoQuery;
    type Query = Query;
    type Body = Nothing;
    type Answer = List<UserView>;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, Query, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let query = &input.query;
        let limit = cursor::limit(query.limit)?;
        let (groups, direction) = order(query);
        let bound = (&groups, direction);
        let from = cursor::open(context, &bound, query.cursor.as_deref())?;
        let (users, next) = context.store.users(caller.account.id, &groups, &from, direction, limit).await?;
        let next_cursor = cursor::seal(context, &bound, next.as_ref())?;
        let items = users.iter().map(UserView::from).collect();
        Ok(Decision::read(Reply::json(&List { items, next_cursor })?))
    }
}

/// The groups of the directory to read one after the other.
fn order(query: &Query) -> (Vec<Vec<(UserStatus, UserType)>>, Direction) {
    let statuses = UserStatus::ALL.into_iter().filter(|status| {
        if query.status.is_empty() { *status != UserStatus::Deleted } else { query.status.contains(status) }
    });
    let types: Vec<UserType> =
        UserType::ALL.into_iter().filter(|it| query.types.is_empty() || query.types.contains(it)).collect();
    let groups = statuses.map(|status| types.iter().map(|user_type| (status, *user_type)).collect());
    match query.sort {
        None => (groups.collect(), Direction::Ascending),
        Some(Sort::Name) => (vec![groups.collect::<Vec<Vec<_>>>().concat()], Direction::Ascending),
        Some(Sort::NameDescending) => (vec![groups.collect::<Vec<Vec<_>>>().concat()], Direction::Descending),
    }
}
