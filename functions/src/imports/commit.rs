//! `POST /v1/imports/{id}/commit`

use domain::Stamp;
use domain::import::{Import, ImportRow, ImportStatus, RowOutcome};
use domain::rules::import::{check, commit};
use edge::answer::Then;
use edge::dry_run::RefusalNote;
use edge::import_views::ImportView;
use edge::input::Nothing;
use edge::{Caller, Context, Decision, Endpoint, Input, Problem, Reply};

use crate::imports::create::asked;
use crate::imports::{ImportPath, import, parts};
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
        if context.dry_run && import.status == ImportStatus::Checked {
            return dry_run(context, caller, &import, stamp).await;
        }
        Ok(Decision::write(change, Reply::object(&ImportView::of(&now), now.version)?))
    }
}

/// What the rows that were shown as ready would take now. It is the answer of a dry run: nothing of it is committed.
async fn dry_run(context: &Context, caller: &Caller, import: &Import, stamp: &mut Stamp) -> Result<Decision, Problem> {
    let all = usize::try_from(import.parts).unwrap_or(usize::MAX);
    let rows = parts(context, import, 0..all).await?.into_iter().flat_map(|part| part.rows);
    let ready: Vec<ImportRow> = rows.filter(|row| row.outcome == RowOutcome::Ready).collect();
    let then = Then::Reply(Reply::object(&ImportView::of(import), import.version)?);
    if ready.is_empty() {
        return Ok(Decision { change: None, then, refusals: Vec::new() });
    }
    let asked = asked(context, caller, ready, stamp).await?;
    let counts = context.store.counts(caller.account.id).await?;
    let checked = check(&caller.account, &counts, &caller.user, (import.message.clone(), asked), stamp)?;
    let refusals = checked.parts.iter().flat_map(|part| &part.rows).filter_map(RefusalNote::of_row).collect();
    Ok(Decision { change: Some(checked.would), then, refusals })
}
