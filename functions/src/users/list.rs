//! `GET /v1/users`

use domain::Stamp;
use domain::user::{UserStatus, UserType};
use edge::input::Nothing;
use edge::views::{List, UserView};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply, cursor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::listing::Direction;
use store::read::UserOrder;

use crate::load::NoQuery;

/// Lists the users: active, then pending, then deactivated, each by name, unless asked otherwise (R10, W2, W11).
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

/// Partitions of the directory: a group's are merged, and the groups follow each other.
type Groups = Vec<Vec<(UserStatus, UserType)>>;

/// An order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
enum Sort {
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "-name")]
    NameDescending,
    #[serde(rename = "last_active")]
    Activity,
    #[serde(rename = "-last_active")]
    ActivityDescending,
    #[serde(rename = "created")]
    Created,
    #[serde(rename = "-created")]
    CreatedDescending,
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
        let (groups, order) = sorted(query);
        let bound = (&groups, order);
        let from = cursor::open(context, &bound, query.cursor.as_deref())?;
        let (users, next) = context.store.users(caller.account.id, &groups, order, &from, limit).await?;
        let next_cursor = cursor::seal(context, &bound, next.as_ref())?;
        let items = users.iter().map(UserView::from).collect();
        Ok(Decision::read(Reply::json(&List { items, next_cursor })?))
    }
}

/// The groups of the directory to read one after the other, and how each is sorted. Only the order that nobody asked for
/// goes by status first.
fn sorted(query: &Query) -> (Groups, (UserOrder, Direction)) {
    let statuses = UserStatus::ALL.into_iter().filter(|status| {
        if query.status.is_empty() { *status != UserStatus::Deleted } else { query.status.contains(status) }
    });
    let types: Vec<UserType> =
        UserType::ALL.into_iter().filter(|it| query.types.is_empty() || query.types.contains(it)).collect();
    let groups = statuses.map(|status| types.iter().map(|user_type| (status, *user_type)).collect());
    let groups: Groups = groups.collect();
    let order = match query.sort {
        None => return (groups, (UserOrder::Name, Direction::Ascending)),
        Some(Sort::Name) => (UserOrder::Name, Direction::Ascending),
        Some(Sort::NameDescending) => (UserOrder::Name, Direction::Descending),
        Some(Sort::Activity) => (UserOrder::Activity, Direction::Ascending),
        Some(Sort::ActivityDescending) => (UserOrder::Activity, Direction::Descending),
        Some(Sort::Created) => (UserOrder::Created, Direction::Ascending),
        Some(Sort::CreatedDescending) => (UserOrder::Created, Direction::Descending),
    };
    (vec![groups.concat()], order)
}
