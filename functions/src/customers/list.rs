//! `GET /v1/customers`

use domain::Stamp;
use domain::search::Search;
use edge::input::Nothing;
use edge::views::{AccountView, List};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply, cursor};

use crate::customers::partner;
use crate::load::{self, NoQuery, SearchQuery};

/// Lists the customers that one may enter, by name (P6).
#[derive(Debug)]
pub struct ListCustomers;

impl Endpoint for ListCustomers {
    const NAME: &'static str = "customers_list";
    type Path = NoQuery;
    type Query = SearchQuery;
    type Body = Nothing;
    type Answer = List<AccountView>;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, SearchQuery, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        partner(caller)?;
        let (query, store) = (&input.query, &context.store);
        let limit = cursor::limit(query.limit)?;
        let search: Option<Search> = load::search(query.q.as_deref(), &caller.user)?;
        let bound = (caller.user.id, &search);
        let from = cursor::open(context, &bound, query.cursor.as_deref())?;
        let reach = store.reach(&caller.user).await?;
        let (customers, next) = store.customers(caller.account.id, (&reach, search.as_ref()), &from, limit).await?;
        let counts = store.counts_of(&customers).await?;
        let view = |account| AccountView::of(account, &counts.get(&account.id).copied().unwrap_or_default());
        let next_cursor = cursor::seal(context, &bound, next.as_ref())?;
        Ok(Decision::read(Reply::json(&List { items: customers.iter().map(view).collect(), next_cursor })?))
    }
}
