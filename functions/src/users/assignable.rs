//! `GET /v1/users/assignable`

use domain::Stamp;
use domain::rules::visible::{Shared, visible};
use domain::user::UserStatus;
use edge::input::Nothing;
use edge::views::{List, PersonView};
use edge::{Context, Decision, Endpoint, Input, Problem};
use schemars::JsonSchema;
use serde::Deserialize;
use store::directory::Choice;

use crate::load::{self, NoQuery};
use crate::users::directory;

/// Lists to whom something can be given: active users only, never pending or deactivated (R6), and only those whom the
/// caller sees (B2).
#[derive(Debug)]
pub struct Assignable;

/// Whom.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// How a word of the name, the login or the address begins; of several words each.
    #[schemars(length(max = 200))]
    q: Option<String>,
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    cursor: Option<String>,
}

impl Endpoint for Assignable {
    const NAME: &'static str = "users_assignable";
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
        let viewer = caller.user.user_type;
        let seen = |user_type| visible(viewer, user_type, Shared::default());
        let choice = Choice::by_status(|status| status == UserStatus::Active, seen);
        let search = load::search(query.q.as_deref(), &caller.user)?;
        let page = (query.cursor.as_deref(), query.limit);
        directory::page(context, &choice.found_by(search), page, |user| {
            PersonView::of(user, &caller.user, &context.config.app_url)
        })
        .await
    }
}
