//! `GET /v1/contacts`

use domain::Stamp;
use edge::contact_views::ContactView;
use edge::input::Nothing;
use edge::views::List;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply, cursor};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::load::{self, NoQuery};

/// Lists one's contacts, whoever joined the account last first (B3). Who is deactivated stays one; who was deleted does
/// not.
#[derive(Debug)]
pub struct ListContacts;

/// Which of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// How a word of the name begins; of several words each. A page looks among 200 contacts, so it may be short, or empty,
    /// and yet have a next one.
    #[schemars(length(max = 200))]
    q: Option<String>,
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    cursor: Option<String>,
}

impl Endpoint for ListContacts {
    const NAME: &'static str = "contacts_list";
    type Path = NoQuery;
    type Query = Query;
    type Body = Nothing;
    type Answer = List<ContactView>;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, Query, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let query = &input.query;
        let search = load::search(query.q.as_deref(), &caller.user)?.map(|search| search.without_logins(false));
        let limit = cursor::limit(query.limit)?;
        let asked = (caller.user.id, &search);
        let from = cursor::open(context, &asked, query.cursor.as_deref())?;
        let (users, next) = context.store.contacts(&caller.user, search.as_ref(), &from, limit).await?;
        let items: Vec<_> = users.iter().map(|user| ContactView::of(user, &caller.user, &caller.account)).collect();
        let next_cursor = cursor::seal(context, &asked, next.as_ref())?;
        Ok(Decision::read(Reply::json(&List { items, next_cursor })?))
    }
}
