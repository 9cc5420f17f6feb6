//! Cursors: a place in a list, sealed and bound to the list and its filters.

use serde::Serialize;
use store::listing::Place;

use crate::endpoint::Context;
use crate::problem::Problem;

/// Fewest rows of a page.
pub const MIN_LIMIT: usize = 1;
/// Most rows of a page.
pub const MAX_LIMIT: usize = 200;
/// Rows of a page when nothing is said.
pub const DEFAULT_LIMIT: usize = 50;

/// The number of rows to answer with.
pub fn limit(asked: Option<usize>) -> Result<usize, Problem> {
    match asked.unwrap_or(DEFAULT_LIMIT) {
        limit @ MIN_LIMIT..=MAX_LIMIT => Ok(limit),
        _ => Err(Problem::field("limit", "out_of_range", format!("must be {MIN_LIMIT} to {MAX_LIMIT}"))),
    }
}

/// The cursor of a place in the list of this query; null at the end.
pub fn seal(context: &Context, query: &impl Serialize, next: Option<&Place>) -> Result<Option<String>, Problem> {
    let Some(place) = next else { return Ok(None) };
    let plain = serde_json::to_vec(place).map_err(|error| Problem::internal(error.to_string()))?;
    Ok(Some(context.store.sealer().seal(&bound_to(context, query)?, &plain, context.world.random())))
}

/// The place of a cursor in the list of this query; the beginning without one.
pub fn open(context: &Context, query: &impl Serialize, cursor: Option<&str>) -> Result<Place, Problem> {
    let Some(cursor) = cursor else { return Ok(Place::START) };
    let bound = bound_to(context, query)?;
    context
        .store
        .sealer()
        .open(&bound, cursor)
        .and_then(|plain| serde_json::from_slice(&plain).ok())
        .ok_or_else(|| Problem::new("invalid_cursor", "This cursor does not belong to this list."))
}

fn bound_to(context: &Context, query: &impl Serialize) -> Result<String, Problem> {
    let query = serde_json::to_string(query).map_err(|error| Problem::internal(error.to_string()))?;
    let account = context.caller.as_ref().map(|caller| caller.account.id.to_string()).unwrap_or_default();
    Ok(format!("cursor {} {account} {query}", context.action.name))
}
