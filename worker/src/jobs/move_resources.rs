//! Resources on their way from somebody: what one transaction could not hold is carried out here, step by step.

use std::collections::BTreeSet;

use domain::id::{AccountId, UserId};
use domain::rules::move_resources::{MOST_AT_ONCE, fitting, step};
use domain::stamp::Origin;
use futures::future::try_join_all;
use store::{CommitError, StoreError};

use crate::Worker;
use crate::jobs::each_due;
use crate::report::Report;

/// How often one step is tried in a run, when others write to the same resources.
const ATTEMPTS: u32 = 5;
/// Most steps for one user in one run: the next run goes on.
const MOST_STEPS: usize = 1_000;

/// Carries on every motion that is due.
pub async fn run(worker: &Worker) -> Report {
    each_due(
        worker.world.now(),
        |asked| worker.store.due_motions(asked),
        |(account, user)| carry_on(worker, account, user),
    )
    .await
}

/// Goes on until nothing is left, or nothing is due. Each step is one transaction that says how far it has come, so any
/// number of workers may do this at once, and each may stop anywhere.
async fn carry_on(worker: &Worker, account: AccountId, user: UserId) -> Result<Report, StoreError> {
    let store = &worker.store;
    let Some(account) = store.account(account).await? else { return Ok(Report::default()) };
    let mut report = Report::default();
    let mut failed = 0;
    for _ in 0..MOST_STEPS {
        let holdings = store.holdings(account.id, user).await?;
        let Some(motion) = holdings.motion.clone().filter(|motion| motion.due_at <= worker.world.now()) else { break };
        let after = motion.after.as_deref();
        let (mut rows, end) = store.owned(account.id, user, motion.kinds(), after, MOST_AT_ONCE).await?;
        let fitting = fitting(&holdings, &rows);
        let end = end && fitting == rows.len();
        rows.truncate(fitting);
        // Who is given to is told when everything has come, at the end of a round.
        let takers: BTreeSet<UserId> =
            motion.stages.iter().filter(|_| end).filter_map(|stage| stage.plan.to()).collect();
        let takers = try_join_all(takers.into_iter().map(|to| store.holdings(account.id, to))).await?;
        let mut stamp = worker.world.stamp(Origin::default());
        let ids = (account.id, account.subscription.model);
        let Some(change) = step(ids, &holdings, &takers, &rows, end, &mut stamp) else { break };
        match store.commit(&change, None).await {
            Ok(()) => {
                failed = 0;
                report.resources_moved += u32::try_from(rows.len()).unwrap_or(u32::MAX);
            }
            Err(CommitError::Stale) if failed + 1 < ATTEMPTS => failed += 1,
            Err(CommitError::Stale) => {
                report.add(Report::failure());
                break;
            }
            Err(CommitError::Refused(refusal)) => {
                tracing::error!(user = %user, code = refusal.code(), "resources cannot be moved");
                report.add(Report::failure());
                break;
            }
            Err(CommitError::Store(error)) => return Err(error),
        }
    }
    Ok(report)
}
