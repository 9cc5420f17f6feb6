//! `GET /v1/roles`

use domain::Stamp;
use domain::role::BuiltIn;
use domain::text::fold;
use edge::input::Nothing;
use edge::views::{List, RoleView};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::NoQuery;

/// Lists the roles of the account: those that every account has, then its own by name. There are never so many that they
/// need pages.
#[derive(Debug)]
pub struct ListRoles;

impl Endpoint for ListRoles {
    const NAME: &'static str = "roles_list";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = List<RoleView>;

    async fn decide(
        context: &Context,
        _: &Input<NoQuery, NoQuery, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let mut own = context.store.roles(context.caller()?.account.id).await?;
        own.sort_by_cached_key(|role| (fold(&role.name), role.id));
        let built_in = BuiltIn::ALL.into_iter().map(RoleView::built_in);
        let items = built_in.chain(own.iter().map(RoleView::from)).collect();
        Ok(Decision::read(Reply::json(&List { items, next_cursor: None })?))
    }
}
