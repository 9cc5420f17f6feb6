//! Whoever may see an account's billing is told of its invoices.

use domain::id::AccountId;
use domain::rules::announce::announce;
use domain::stamp::Origin;
use store::{CommitError, StoreError};

use crate::Worker;
use crate::jobs::at_most;
use crate::report::Report;

/// Most invoices of one shard in one run: twelve thousand in all, since many are issued on the same day.
const MOST_IN_A_RUN: usize = 3_000;
/// How often one is tried in a run, when others write to the same invoice.
const ATTEMPTS: u32 = 5;

/// Tells of every invoice of which nobody was told.
pub async fn run(worker: &Worker) -> Report {
    let (now, store) = (worker.world.now(), &worker.store);
    // What was issued in this very moment is due too: places know milliseconds.
    let before = now + chrono::TimeDelta::milliseconds(1);
    at_most(MOST_IN_A_RUN, before, |asked| store.due_invoices(asked), |(account, number)| tell(worker, account, number))
        .await
}

/// Decides and commits, anew while the state moves on. Nothing where there is nothing to do any more.
async fn tell(worker: &Worker, id: AccountId, number: i64) -> Result<Report, StoreError> {
    let store = &worker.store;
    for _ in 0..ATTEMPTS {
        let (account, invoice) = tokio::try_join!(store.account(id), store.invoice_numbered(id, number))?;
        let (Some(account), Some(invoice)) = (account, invoice) else { return Ok(Report::default()) };
        if invoice.announced {
            return Ok(Report::default());
        }
        let readers = store.billing_readers(id).await?;
        let mut stamp = worker.world.stamp(Origin::default());
        let Some(change) = announce(&account, &invoice, &readers, &mut stamp) else { return Ok(Report::default()) };
        match store.commit(&change, None).await {
            Ok(()) => return Ok(Report { invoices_announced: 1, ..Report::default() }),
            Err(CommitError::Stale) => {}
            Err(CommitError::Refused(refusal)) => {
                tracing::error!(account = %id, number, code = refusal.code(), "an invoice cannot be told of");
                return Ok(Report::failure());
            }
            Err(CommitError::Store(error)) => return Err(error),
        }
    }
    Ok(Report::failure())
}
