//! Invitations that nobody accepted in time: the user to be goes, the license is free again.

use domain::id::{AccountId, InvitationId};
use domain::rules::expire::expire_invitation;
use domain::stamp::Origin;
use domain::user::UserStatus;
use store::{CommitError, StoreError};

use crate::Worker;
use crate::jobs::each_due;
use crate::report::Report;

/// How often one invitation is tried in a run, when others write to the same account.
const ATTEMPTS: u32 = 5;

/// Expires every invitation whose window is over.
pub async fn run(worker: &Worker) -> Report {
    each_due(
        worker.world.now(),
        |asked| worker.store.due_invitations(asked),
        |(account, invitation)| expire(worker, account, invitation),
    )
    .await
}

pub(super) async fn expire(worker: &Worker, account: AccountId, id: InvitationId) -> Result<Report, StoreError> {
    let store = &worker.store;
    for _ in 0..ATTEMPTS {
        let (account, invitation) = tokio::try_join!(store.account(account), store.invitation(account, id))?;
        let (Some(account), Some(invitation)) = (account, invitation) else { return Ok(Report::default()) };
        let user = store.user(account.id, invitation.user_id).await?;
        let user = user.filter(|user| user.status == UserStatus::Pending && user.invitation_id == Some(id));
        let mut stamp = worker.world.stamp(Origin::default());
        let Some(mut change) = expire_invitation(&account, &invitation, user.as_ref(), &mut stamp) else {
            return Ok(Report::default());
        };
        store.settle(&mut change, &mut stamp).await?;
        match store.commit(&change, None).await {
            Ok(()) => return Ok(Report { expired_invitations: 1, ..Report::default() }),
            Err(CommitError::Stale) => {}
            Err(CommitError::Refused(refusal)) => {
                tracing::error!(invitation = %id, code = refusal.code(), "an invitation cannot expire");
                return Ok(Report::failure());
            }
            Err(CommitError::Store(error)) => return Err(error),
        }
    }
    Ok(Report::failure())
}
