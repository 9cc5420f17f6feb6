//! `GET /v1/imports/{id}/rows`

use domain::Stamp;
use domain::import::{Import, ROWS_PER_PART};
use edge::import_views::{Outcome, RowView};
use edge::input::Nothing;
use edge::views::List;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply, cursor};
use schemars::JsonSchema;
use serde::Deserialize;
use store::listing::Place;

use crate::imports::{ImportPath, parts, seen};

/// Lists the rows of an import in the order of the file, each with what becomes of it.
#[derive(Debug)]
pub struct ListRows;

/// Which.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// With this outcome. A page looks among some 1,280 rows, so it may be short, or empty, and yet have a next one.
    outcome: Option<Outcome>,
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    cursor: Option<String>,
}

/// Among how many parts a page looks for rows with an outcome.
const MOST_PARTS: usize = 10;

impl Endpoint for ListRows {
    const NAME: &'static str = "imports_rows";
    type Path = ImportPath;
    type Query = Query;
    type Body = Nothing;
    type Answer = List<RowView>;

    async fn decide(
        context: &Context,
        input: &Input<ImportPath, Query, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let query = &input.query;
        let limit = cursor::limit(query.limit)?;
        let import = seen(context, context.caller()?, input.path.id).await?;
        let asked = (import.id, query.outcome);
        let from = cursor::open(context, &asked, query.cursor.as_deref())?;
        let (items, next) = page(context, &import, query.outcome, (&from, limit)).await?;
        let next_cursor = cursor::seal(context, &asked, next.as_ref())?;
        Ok(Decision::read(Reply::json(&List { items, next_cursor })?))
    }
}

/// The rows from a place on: the group of which is the part, and the rest how many of its rows come before.
async fn page(
    context: &Context,
    import: &Import,
    outcome: Option<Outcome>,
    (from, limit): (&Place, usize),
) -> Result<(Vec<RowView>, Option<Place>), Problem> {
    let mut skip: usize = from.after.as_deref().and_then(|after| after.parse().ok()).unwrap_or(0);
    let looked = if outcome.is_some() { MOST_PARTS } else { (skip + limit).div_ceil(ROWS_PER_PART) };
    let all = usize::try_from(import.parts).unwrap_or(usize::MAX);
    let end = (from.group + looked).min(all);
    let mut found = Vec::new();
    for part in parts(context, import, from.group..end).await? {
        let number = usize::try_from(part.number).unwrap_or(usize::MAX);
        for (index, row) in part.rows.iter().enumerate().skip(skip) {
            let view = RowView::of(row);
            if outcome.is_some_and(|outcome| outcome != view.outcome) {
                continue;
            }
            if found.len() == limit {
                return Ok((found, Some(Place { group: number, after: Some(index.to_string()) })));
            }
            found.push(view);
        }
        skip = 0;
    }
    Ok((found, (end < all).then_some(Place { group: end, after: None })))
}
