//! `GET /v1/users/export`

use chrono::SecondsFormat;
use domain::user::{UserStatus, UserType};
use domain::{Instant, Stamp};
use edge::input::Nothing;
use edge::views::UserView;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply, cursor};
use form_urlencoded::Serializer;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::load::NoQuery;
use crate::sheet::{self, Csv};
use crate::sight;
use crate::users::list::{Sort, choice};

/// The users as a file of CSV, in the order of the list, each with what the caller is told of him. Where the users do not fit
/// one file, the header `Link` says where the next one is.
#[derive(Debug)]
pub struct Export;

/// Which, and in which order: as in the list.
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
    cursor: Option<String>,
}

/// Users of one file: the longest ones fit an answer.
const ROWS: usize = 2_000;

const COLUMNS: [&str; 17] = [
    "id",
    "name",
    "login",
    "email",
    "email_verified",
    "type",
    "role",
    "status",
    "licensed",
    "title",
    "phone",
    "language",
    "time_zone",
    "last_active_at",
    "created_at",
    "activated_at",
    "deactivated_at",
];

impl Endpoint for Export {
    const NAME: &'static str = "users_export";
    const ANSWERS: &'static str = "text/csv";
    type Path = NoQuery;
    type Query = Query;
    type Body = Nothing;
    type Answer = Csv;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, Query, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let query = &input.query;
        let choice = choice((&query.status, &query.types), (query.q.as_deref(), query.sort), &caller.user)?;
        let from = cursor::open(context, &choice, query.cursor.as_deref())?;
        let (users, next) = sight::users(context, caller, &choice, &from, ROWS).await?;
        let cursor = cursor::seal(context, &choice, next.as_ref())?;
        let row = |user| cells(UserView::of(user, &context.config.app_url, stamp.now).to(&caller.user));
        let text = sheet::table(COLUMNS, users.iter().map(row))?;
        let next = cursor.map(|cursor| query.with_cursor(&cursor));
        Ok(Decision::read(Reply::table("users.csv", text, next)))
    }
}

impl Query {
    /// The path of what comes behind a cursor.
    fn with_cursor(&self, cursor: &str) -> String {
        let path = "/v1/users/export?";
        let mut query = Serializer::for_suffix(path.to_owned(), path.len());
        query.extend_pairs(self.status.iter().map(|status| ("status", status.name())));
        query.extend_pairs(self.types.iter().map(|user_type| ("type", user_type.name())));
        query.extend_pairs(self.q.iter().map(|q| ("q", q)));
        query.extend_pairs(self.sort.iter().map(|sort| ("sort", sort.name())));
        query.append_pair("cursor", cursor);
        query.finish()
    }
}

fn cells(user: UserView) -> [String; 17] {
    let moment = |at: Option<Instant>| at.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true)).unwrap_or_default();
    [
        user.id.to_string(),
        user.name,
        user.login.unwrap_or_default(),
        user.email.map(|email| email.to_string()).unwrap_or_default(),
        user.email_verified.to_string(),
        user.r#type.name().to_owned(),
        user.role_name,
        user.status.name().to_owned(),
        user.licensed.to_string(),
        user.title.unwrap_or_default(),
        user.phone.unwrap_or_default(),
        user.locale.tag().to_owned(),
        user.time_zone.unwrap_or_default(),
        moment(user.last_active_at),
        moment(Some(user.created_at)),
        moment(user.activated_at),
        moment(user.deactivated_at),
    ]
}
