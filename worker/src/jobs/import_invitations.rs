//! Imports that were begun: their rows are invited, some in each transaction, which also notes each row's outcome. So any
//! number of workers may do this at once, each may stop anywhere, and nobody is invited twice.

use std::collections::HashMap;

use domain::Refusal;
use domain::id::{AccountId, ImportId};
use domain::import::{Import, ImportPart};
use domain::role::BuiltIn;
use domain::rules::confer::Named;
use domain::rules::import::{step, stop, upcoming};
use domain::rules::invite::Held;
use domain::stamp::Origin;
use domain::text::Email;
use store::commit::MAX_ACTIONS;
use store::imports::Holder;
use store::{CommitError, StoreError};

use crate::Worker;
use crate::jobs::{each_due, expire_invitations};
use crate::report::Report;

/// How often a step is tried again in a run, when others write to the same account.
const ATTEMPTS: u32 = 8;
/// Most steps for one import in one run, some thousand rows: as many mails as SES usually takes until the next run, so that
/// nobody's link waits behind those of a file.
const MOST_STEPS: usize = 100;

/// Goes on with every import that is due.
pub async fn run(worker: &Worker) -> Report {
    each_due(
        worker.world.now(),
        |asked| worker.store.due_imports(asked),
        |(account, import)| carry_on(worker, account, import),
    )
    .await
}

async fn carry_on(worker: &Worker, account: AccountId, id: ImportId) -> Result<Report, StoreError> {
    let mut report = Report::default();
    let mut failed = 0;
    for _ in 0..MOST_STEPS {
        let Some(import) = worker.store.import(account, id).await? else { break };
        if !import.is_due(worker.world.now()) {
            break;
        }
        match Box::pin(next(worker, &import)).await {
            Ok(rows) => {
                failed = 0;
                report.rows_imported += rows;
            }
            Err(CommitError::Store(error)) => return Err(error),
            Err(CommitError::Stale | CommitError::Refused(_)) if failed + 1 < ATTEMPTS => failed += 1,
            Err(CommitError::Stale | CommitError::Refused(_)) => {
                report.add(Report::failure());
                break;
            }
        }
    }
    Ok(report)
}

/// One transaction; how many rows it gave an outcome.
async fn next(worker: &Worker, import: &Import) -> Result<u32, CommitError> {
    let store = &worker.store;
    let (id, user) = (import.account_id, import.created_by);
    let (account, counts, inviter, part) = tokio::try_join!(
        store.account(id),
        store.counts(id),
        store.user(id, user),
        store.import_part(id, import.id, import.part)
    )?;
    let Some(account) = account else {
        return Err(StoreError::Broken(format!("{} is of no account", import.id)).into());
    };
    let mut stamp = worker.world.stamp(Origin { actor: Some(user), ..Origin::default() });
    let Some(part) = part else {
        // Nobody begins it so late that this comes to pass.
        tracing::error!(import = %import.id, "the rows of an import are gone");
        return store.commit(&stop(&account, import, Some(&Refusal::NotFound), &mut stamp).1, None).await.map(|()| 0);
    };
    let (end, ready) = upcoming(import, &part, MAX_ACTIONS);
    let people = people(worker, &part, ready).await?;
    let rows = u32::try_from(people.len()).unwrap_or(u32::MAX);
    let mut change = step(&account, &counts, inviter.as_ref(), (import, &part), (end, people), &mut stamp);
    store.settle(&mut change, &mut stamp).await?;
    store.commit(&change, None).await?;
    Ok(rows)
}

/// The role that each of these rows names, and who holds its address. An open invitation whose window is over is closed
/// first.
async fn people(worker: &Worker, part: &ImportPart, rows: Vec<usize>) -> Result<Vec<(usize, Named, Held)>, StoreError> {
    let (store, account) = (&worker.store, part.account_id);
    let row = |index: &usize| part.rows.get(*index);
    let emails: Vec<Email> = rows.iter().filter_map(row).filter_map(|row| Email::parse(&row.email)).collect();
    let mut holders = store.holders_of(account, &emails).await?;
    let now = worker.world.now();
    let overdue = |holder: &Holder| holder.invitation.as_ref().filter(|it| it.is_overdue(now)).map(|it| it.id);
    for id in holders.values().filter_map(overdue) {
        expire_invitations::expire(worker, account, id).await?;
    }
    // Their addresses are free. Where one is not, its claim says so, and the step is tried again.
    holders.retain(|_, holder| overdue(holder).is_none());
    let mut roles = HashMap::new();
    let mut people = Vec::new();
    for index in rows {
        let Some(row) = part.rows.get(index) else { continue };
        let named = match row.wish.as_ref().and_then(|wish| wish.role_id) {
            None => Named::Own,
            Some(id) => match (BuiltIn::of_id(id), roles.get(&id)) {
                (Some(built_in), _) => Named::Role(built_in.role()),
                (None, Some(known)) => Named::clone(known),
                (None, None) => {
                    let role = store.role(account, id).await?;
                    let named = role.map_or(Named::Unknown, |role| Named::Role(role.role()));
                    roles.insert(id, named.clone());
                    named
                }
            },
        };
        let holder = Email::parse(&row.email).and_then(|email| holders.get(&email.folded()));
        people.push((index, named, holder.map_or(Held::Free, |holder| Held::by(holder.user.as_ref()))));
    }
    Ok(people)
}
