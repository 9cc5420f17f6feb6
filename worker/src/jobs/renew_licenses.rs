//! Periods that are over are renewed, and admins are reminded of those that soon will be (L5).

use domain::change::Change;
use domain::id::AccountId;
use domain::rules::renew::{remind, renew};
use domain::stamp::Origin;
use store::{CommitError, StoreError};

use crate::Worker;
use crate::jobs::at_most;
use crate::report::Report;

/// Most accounts of one shard in one run: twelve thousand in all, since many periods end with the same day.
const MOST_IN_A_RUN: usize = 3_000;
/// Most periods of one account that are renewed in a run: the next run goes on.
const MOST_PERIODS: usize = 36;
/// How often one change is tried in a run, when others write to the same account.
const ATTEMPTS: u32 = 12;

/// Reminds, then renews. Whose reminder is so late that the period is over is renewed at once.
pub async fn run(worker: &Worker) -> Report {
    let (now, store) = (worker.world.now(), &worker.store);
    let mut report =
        at_most(MOST_IN_A_RUN, now, |asked| store.due_reminders(asked), |account| go_on(worker, account)).await;
    report.add(at_most(MOST_IN_A_RUN, now, |asked| store.due_renewals(asked), |account| go_on(worker, account)).await);
    report
}

/// Does for an account what is due, period by period, in order.
async fn go_on(worker: &Worker, account: AccountId) -> Result<Report, StoreError> {
    let mut report = Report::default();
    for _ in 0..MOST_PERIODS {
        let done = next(worker, account).await?;
        report.add(done);
        if done.renewals == 0 {
            break;
        }
    }
    Ok(report)
}

/// Decides and commits, anew while the state moves on. Nothing where there is nothing to do any more.
async fn next(worker: &Worker, id: AccountId) -> Result<Report, StoreError> {
    let store = &worker.store;
    for _ in 0..ATTEMPTS {
        let mut stamp = worker.world.stamp(Origin::default());
        let (account, counts) = tokio::try_join!(store.account(id), store.counts(id))?;
        let Some(account) = account else { return Ok(Report::default()) };
        let (mut change, report): (Change, Report) = if let Some((_, change)) = renew(&account, &counts, &mut stamp) {
            (change, Report { renewals: 1, ..Report::default() })
        } else {
            // Whether there is anything to say is known before it is known to whom.
            if remind(&account, &counts, &[], &mut stamp).is_none() {
                return Ok(Report::default());
            }
            let admins = store.billing_admins(id).await?;
            let Some(change) = remind(&account, &counts, &admins, &mut stamp) else { return Ok(Report::default()) };
            (change, Report { reminders: 1, ..Report::default() })
        };
        store.settle(&mut change, &mut stamp).await?;
        match store.commit(&change, None).await {
            Ok(()) => return Ok(report),
            Err(CommitError::Stale) => {}
            Err(CommitError::Refused(refusal)) => {
                tracing::error!(account = %id, code = refusal.code(), "a period cannot be renewed");
                return Ok(Report::failure());
            }
            Err(CommitError::Store(error)) => return Err(error),
        }
    }
    Ok(Report::failure())
}
