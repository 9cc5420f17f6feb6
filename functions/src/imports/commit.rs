//! `POST /v1/imports/{id}/commit`

use domain::Stamp;
use domain::rules::import::commit;
use edge::import_views::ImportView;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::imports::{ImportPath, import};
use crate::load::NoQuery;

/// Begins to invite exactly the rows that were shown as ready: the worker goes on within a minute, and each row is looked at
/// once more by the rules of the moment.
#[derive(Debug)]
pub struct CommitImport;

impl Endpoint for CommitImport {
    const NAME: &'static str = "imports_commit";
    type Path = ImportPath;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = ImportView;

    async fn decide(
        context: &Context,
        input: &Input<ImportPath, NoQuery, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let import = import(context, caller, input.path.id).await?;
        context.matches(import.version)?;
        let (now, change) = commit(&caller.account, &caller.user, &import, stamp)?;
        Ok(Decision::write(change, Reply::object(&ImportView::of(&now), now.version)?))
    }
}
