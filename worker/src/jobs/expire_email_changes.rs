//! Changes of address that nobody finished in time, and addresses that can no longer be put back: those are free again.

use domain::change::Change;
use domain::id::{AccountId, EmailChangeId, UserId};
use domain::rules::request_email::expire;
use domain::rules::revert_email::release;
use domain::stamp::Origin;
use store::{CommitError, StoreError};

use crate::Worker;
use crate::jobs::each_due;
use crate::report::Report;

/// How often one is tried in a run, when others write to the same user.
const ATTEMPTS: u32 = 5;

/// What has fallen due.
#[derive(Clone, Copy, Debug)]
enum Ended {
    /// The window of a user's change.
    Change(AccountId, UserId),
    /// The time in which a user could put an address back.
    Former(AccountId, UserId, EmailChangeId),
}

/// Expires every change whose window is over, and lets go of every address whose window is.
pub async fn run(worker: &Worker) -> Report {
    let (now, store) = (worker.world.now(), &worker.store);
    let mut report = each_due(
        now,
        |asked| store.due_email_changes(asked),
        |(account, user)| end(worker, Ended::Change(account, user)),
    )
    .await;
    let former = each_due(
        now,
        |asked| store.due_former_emails(asked),
        |(account, user, id)| end(worker, Ended::Former(account, user, id)),
    );
    report.add(former.await);
    report
}

/// Decides and commits, anew while the state moves on. Nothing where there is nothing to do any more.
async fn end(worker: &Worker, ended: Ended) -> Result<Report, StoreError> {
    for _ in 0..ATTEMPTS {
        let Some((change, report)) = decide(worker, ended).await? else { return Ok(Report::default()) };
        match worker.store.commit(&change, None).await {
            Ok(()) => return Ok(report),
            Err(CommitError::Stale) => {}
            Err(CommitError::Refused(refusal)) => {
                tracing::error!(?ended, code = refusal.code(), "a change of address cannot end");
                return Ok(Report::failure());
            }
            Err(CommitError::Store(error)) => return Err(error),
        }
    }
    Ok(Report::failure())
}

async fn decide(worker: &Worker, ended: Ended) -> Result<Option<(Change, Report)>, StoreError> {
    let store = &worker.store;
    Ok(match ended {
        Ended::Change(account, user) => {
            let (account, user) = tokio::try_join!(store.account(account), store.user(account, user))?;
            let (Some(account), Some(user)) = (account, user) else { return Ok(None) };
            let change = expire(&account, &user, &mut worker.world.stamp(Origin::default()));
            change.map(|change| (change, Report { expired_email_changes: 1, ..Report::default() }))
        }
        Ended::Former(account, user, id) => {
            let former = store.former_email(account, user, id).await?;
            former.and_then(|former| release(&former, worker.world.now())).map(|change| (change, Report::default()))
        }
    })
}
