//! `GET /v1/imports`

use domain::Stamp;
use domain::rules::import::is_seen;
use edge::import_views::ImportView;
use edge::input::Nothing;
use edge::views::List;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply, cursor};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::imports::unworded;
use crate::load::NoQuery;

/// Lists imports of the last thirty days, newest first: one's own, and for whoever invites by right all of them. For the others a
/// page may be short, or empty, and yet have a next one.
#[derive(Debug)]
pub struct ListImports;

/// Which.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Query {
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    cursor: Option<String>,
}

impl Endpoint for ListImports {
    const NAME: &'static str = "imports_list";
    type Path = NoQuery;
    type Query = Query;
    type Body = Nothing;
    type Answer = List<ImportView>;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, Query, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let limit = cursor::limit(input.query.limit)?;
        let from = cursor::open(context, &(), input.query.cursor.as_deref())?;
        // Before the page, so that nobody who is erased meanwhile is missed.
        let erasures = context.store.erasures(caller.account.id).await?;
        let (imports, next) = context.store.imports(caller.account.id, &from, limit).await?;
        let seen = imports.into_iter().filter(|import| is_seen(&caller.user, import));
        let items: Vec<_> = seen.map(|import| ImportView::of(&unworded(&erasures, import))).collect();
        let next_cursor = cursor::seal(context, &(), next.as_ref())?;
        Ok(Decision::read(Reply::json(&List { items, next_cursor })?))
    }
}
