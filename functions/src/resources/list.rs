//! `GET /v1/resources`

use domain::Stamp;
use domain::id::UserId;
use domain::resource::{Kind, State};
use domain::rules::reach::reaches_all;
use edge::input::Nothing;
use edge::resource_views::ResourceView;
use edge::views::List;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply, cursor};
use schemars::JsonSchema;
use serde::Deserialize;
use store::resource_list::Which;

use crate::load::NoQuery;

/// Lists the resources by kind and id, at the same cost for an owner of fifty and of fifty thousand.
#[derive(Debug)]
pub struct ListResources;

/// Which.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// Those of this owner. A member sees none but his own.
    owner: Option<UserId>,
    /// Those in this state.
    state: Option<State>,
    /// Those of this kind.
    kind: Option<Kind>,
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    cursor: Option<String>,
}

impl Endpoint for ListResources {
    const NAME: &'static str = "resources_list";
    type Path = NoQuery;
    type Query = Query;
    type Body = Nothing;
    type Answer = List<ResourceView>;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, Query, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let query = &input.query;
        let limit = cursor::limit(query.limit)?;
        let bound = (query.owner, query.state, query.kind);
        let from = cursor::open(context, &bound, query.cursor.as_deref())?;
        // Whoever reaches his own alone sees those, and none of anybody else's.
        let own = (!reaches_all(&caller.user)).then_some(caller.user.id);
        let nothing = own.is_some() && query.owner.is_some() && query.owner != own;
        let which = Which { owner: query.owner.or(own), state: query.state, kind: query.kind };
        let (resources, next) = if nothing {
            (Vec::new(), None)
        } else {
            let motions = context.store.motions(caller.account.id).await?;
            context.store.resources(caller.account.id, &motions, which, &from, limit).await?
        };
        let next_cursor = cursor::seal(context, &bound, next.as_ref())?;
        let items = resources.iter().map(ResourceView::from).collect();
        Ok(Decision::read(Reply::json(&List { items, next_cursor })?))
    }
}
