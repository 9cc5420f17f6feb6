//! Imports of invitations: the rows of a file are looked at first, and then invited as they were shown.

pub mod commit;
pub mod create;
mod file;
pub mod get;
pub mod list;
pub mod report;
pub mod rows;
pub mod stop;
pub mod upload;

use std::ops::Range;

use domain::erasure::{Erasure, unlisted};
use domain::id::ImportId;
use domain::import::{Import, ImportPart};
use domain::rules::import::is_seen;
use edge::{Caller, Context, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

/// The parameter of a path that names an import.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub struct ImportPath {
    /// The import.
    pub id: ImportId,
}

/// An import that the caller sees, for its rows. Another is as absent as none.
async fn seen(context: &Context, caller: &Caller, id: ImportId) -> Result<Import, Problem> {
    let found = context.store.import(caller.account.id, id).await?;
    found.filter(|import| is_seen(&caller.user, import)).ok_or_else(Problem::not_found)
}

/// An import that the caller sees, as it is shown.
async fn import(context: &Context, caller: &Caller, id: ImportId) -> Result<Import, Problem> {
    let import = seen(context, caller, id).await?;
    Ok(unworded(&context.store.erasures(caller.account.id).await?, import))
}

/// An import as it is going to be once these are erased; the version is as it was.
fn unworded(erasures: &[Erasure], import: Import) -> Import {
    match erasures.iter().find_map(|erasure| erasure.unworded(&import)) {
        Some(erased) => Import { version: import.version, ..erased },
        None => import,
    }
}

/// Some parts of an import, without whom is being erased.
async fn parts(context: &Context, import: &Import, numbers: Range<usize>) -> Result<Vec<ImportPart>, Problem> {
    // Before the rows, so that nobody who is erased meanwhile is missed.
    let erasures = context.store.erasures(import.account_id).await?;
    let parts = context.store.import_parts(import, numbers).await?;
    let shown = |part| unlisted(&erasures, &part).unwrap_or(part);
    Ok(parts.into_iter().map(shown).collect())
}
