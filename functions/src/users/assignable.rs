//! `GET /v1/users/assignable`

use domain::Stamp;
use domain::user::UserStatus;
use edge::input::Nothing;
use edge::views::{List, PersonView};
use edge::{Context, Decision, Endpoint, Input, Problem};
use store::directory::Choice;

use crate::load::{self, NoQuery, SearchQuery};
use crate::users::directory;

/// Lists to whom something can be given: active users only, never pending or deactivated (R6), and only those whom the
/// caller sees: a guest admins and members, and of the others up to 500 contacts and people on 100 of the same boards and
/// projects (B2).
#[derive(Debug)]
pub struct Assignable;

impl Endpoint for Assignable {
    const NAME: &'static str = "users_assignable";
    type Path = NoQuery;
    type Query = SearchQuery;
    type Body = Nothing;
    type Answer = List<PersonView>;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, SearchQuery, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let query = &input.query;
        let choice = Choice::by_status(|status| status == UserStatus::Active, |_| true);
        let search = load::search(query.q.as_deref(), &caller.user)?;
        let page = (query.cursor.as_deref(), query.limit);
        directory::page(context, &choice.found_by(search), page, |user| {
            PersonView::of(user, &caller.user, &context.config.app_url)
        })
        .await
    }
}
