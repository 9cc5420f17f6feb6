//! `GET /v1/users`

use domain::Stamp;
use domain::user::{User, UserStatus, UserType};
use edge::input::Nothing;
use edge::views::{List, UserView};
use edge::{Context, Decision, Endpoint, Input, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::directory::{Choice, UserOrder};
use store::listing::Direction;

use crate::load::{self, NoQuery};
use crate::users::directory;

/// Lists the users: active, then pending, then deactivated, each by name, unless asked otherwise (R5, R10, W2, W11). A guest
/// sees admins and members, and of the others up to 500 contacts and people on 100 of the same boards and projects (B2).
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
    /// How a word of the name, the login or the address begins; of several words each.
    #[schemars(length(max = 200))]
    q: Option<String>,
    sort: Option<Sort>,
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    cursor: Option<String>,
}

/// An order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub(super) enum Sort {
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

impl Sort {
    /// The name on the wire.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::NameDescending => "-name",
            Self::Activity => "last_active",
            Self::ActivityDescending => "-last_active",
            Self::Created => "created",
            Self::CreatedDescending => "-created",
        }
    }
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
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let query = &input.query;
        let page = (query.cursor.as_deref(), query.limit);
        let (viewer, app_url) = (&context.caller()?.user, &context.config.app_url);
        let choice = choice((&query.status, &query.types), (query.q.as_deref(), query.sort), viewer)?;
        directory::page(context, &choice, page, |user| UserView::of(user, app_url, stamp.now).to(viewer)).await
    }
}

/// Which users, and how they are sorted. Only the order that nobody asked for goes by status first.
pub(super) fn choice(
    (statuses, types): (&[UserStatus], &[UserType]),
    (q, sort): (Option<&str>, Option<Sort>),
    viewer: &User,
) -> Result<Choice, Problem> {
    let status = |status| if statuses.is_empty() { status != UserStatus::Deleted } else { statuses.contains(&status) };
    let of_type = |user_type| types.is_empty() || types.contains(&user_type);
    let choice = Choice::by_status(status, of_type).found_by(load::search(q, viewer)?);
    Ok(match sort {
        None => choice,
        Some(Sort::Name) => choice.sorted(UserOrder::Name, Direction::Ascending),
        Some(Sort::NameDescending) => choice.sorted(UserOrder::Name, Direction::Descending),
        Some(Sort::Activity) => choice.sorted(UserOrder::Activity, Direction::Ascending),
        Some(Sort::ActivityDescending) => choice.sorted(UserOrder::Activity, Direction::Descending),
        Some(Sort::Created) => choice.sorted(UserOrder::Created, Direction::Ascending),
        Some(Sort::CreatedDescending) => choice.sorted(UserOrder::Created, Direction::Descending),
    })
}
