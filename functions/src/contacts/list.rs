//! `GET /v1/contacts`

use domain::Stamp;
use edge::contact_views::ContactView;
use edge::input::Nothing;
use edge::views::List;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply, cursor};

use crate::load::{self, NoQuery, SearchQuery};

/// Lists one's contacts, whoever joined the account last first (B3). Who is deactivated stays one; who was deleted does
/// not.
#[derive(Debug)]
pub struct ListContacts;

impl Endpoint for ListContacts {
    const NAME: &'static str = "contacts_list";
    type Path = NoQuery;
    type Query = SearchQuery;
    type Body = Nothing;
    type Answer = List<ContactView>;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, SearchQuery, Nothing>,
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
