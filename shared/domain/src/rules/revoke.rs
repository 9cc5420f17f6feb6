//! Taking an invitation back.

use serde_json::json;

use crate::account::Account;
use crate::audit::AuditEntry;
use crate::change::{Change, Record, Write};
use crate::invitation::{Invitation, InvitationStatus};
use crate::refusal::Refusal;
use crate::rules::invite::claim;
use crate::stamp::Stamp;
use crate::user::User;

/// Takes an open invitation back (B8): its link is worthless, its user is gone, its license is free. One that was taken
/// back already stays so.
pub fn revoke(
    account: &Account,
    invitation: &Invitation,
    pending_user: Option<&User>,
    stamp: &mut Stamp,
) -> Result<Change, Refusal> {
    match invitation.status {
        InvitationStatus::AwaitingApproval | InvitationStatus::Pending => {
            Ok(close(account, invitation, pending_user, InvitationStatus::Revoked, stamp).1)
        }
        InvitationStatus::Revoked => Ok(Change::new(account.id, account.subscription.model)),
        InvitationStatus::Accepted => Err(Refusal::InvitationUsed),
        InvitationStatus::Expired | InvitationStatus::Rejected => Err(Refusal::InvitationNotOpen),
    }
}

/// Ends an open invitation in any way but acceptance: the user to be goes, with the claim and the license.
pub(crate) fn close(
    account: &Account,
    invitation: &Invitation,
    pending_user: Option<&User>,
    status: InvitationStatus,
    stamp: &mut Stamp,
) -> (Invitation, Change) {
    let mut change = Change::new(account.id, account.subscription.model);
    let now = Invitation { status, version: invitation.version + 1, ..invitation.clone() };
    change.replace(Record::Invitation(invitation.clone()), Record::Invitation(now.clone()));
    change.writes.push(Write::Release(claim(invitation)));
    if let Some(user) = pending_user {
        change.counts = change.counts.moved(Some(user), None);
        change.remove(Record::User(user.clone()));
    }
    let values = (json!({ "status": invitation.status }), json!({ "status": status }));
    let action = format!("invitation.{}", status.name());
    change.audit.push(AuditEntry::of(account.id, &action, invitation.id, values, stamp));
    (now, change)
}
