//! Files that nobody needs any more: uploads that became pictures, pictures that were replaced, and what a request that was
//! cut off left behind.

use domain::id::DiscardId;
use domain::rules::avatar::removed;
use store::{CommitError, StoreError};

use crate::Worker;
use crate::jobs::each_due;
use crate::report::Report;

/// Removes every file that is due.
pub async fn run(worker: &Worker) -> Report {
    each_due(worker.world.now(), |asked| worker.store.due_discards(asked), |id| remove(worker, id)).await
}

/// Removes the files first and forgets them then: whoever dies in between removes them again, which does no harm.
async fn remove(worker: &Worker, id: DiscardId) -> Result<Report, StoreError> {
    let now = worker.world.now();
    let Some(discard) = worker.store.discard(id).await? else { return Ok(Report::default()) };
    // The index lags: somebody may have put the end off.
    let Some(change) = removed(&discard, now) else { return Ok(Report::default()) };
    for path in &discard.paths {
        if let Err(error) = worker.files.remove(path, now).await {
            tracing::error!(discard = %id, cause = %error, "a file is left for a next run");
            return Ok(Report::failure());
        }
    }
    match worker.store.commit(&change, None).await {
        Ok(()) => {
            let files_removed = u32::try_from(discard.paths.len()).unwrap_or(u32::MAX);
            Ok(Report { files_removed, ..Report::default() })
        }
        // Another worker was here at the same time.
        Err(CommitError::Stale) => Ok(Report::default()),
        Err(CommitError::Refused(refusal)) => {
            tracing::error!(discard = %id, code = refusal.code(), "removed files are not forgotten");
            Ok(Report::failure())
        }
        Err(CommitError::Store(error)) => Err(error),
    }
}
