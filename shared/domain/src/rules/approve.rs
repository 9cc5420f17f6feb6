//! An admin's word on a member's invitation (B10).

use std::collections::BTreeMap;

use serde_json::json;

use crate::account::Account;
use crate::audit::AuditEntry;
use crate::change::{Change, Record};
use crate::counts::Counts;
use crate::invitation::{Invitation, InvitationStatus};
use crate::mail::{Mail, Template};
use crate::refusal::Refusal;
use crate::rules::confer::{Named, role_for};
use crate::rules::invite::{admits, invited_user, send};
use crate::rules::revoke::close;
use crate::stamp::Stamp;
use crate::user::User;

/// Approves: the invitation goes out by itself, and takes its license where the policy takes it then. `role` is the one
/// that the invitation names, as it is now.
pub fn approve(
    account: &Account,
    counts: &Counts,
    approver: &User,
    invitation: &Invitation,
    role: &Named,
    stamp: &mut Stamp,
) -> Result<(Invitation, Change), Refusal> {
    awaiting(invitation)?;
    let role = role_for(approver, account, invitation.user_type, role)?;
    admits(account, invitation)?;
    let mut change = Change::new(account.id, account.subscription.model);
    let mut now = Invitation { approved_by: Some(approver.id), version: invitation.version + 1, ..invitation.clone() };
    let user = invited_user(account, &now, (&role, None), stamp);
    send(account, counts, &mut now, Some(user), &mut change, stamp)?;
    change.replace(Record::Invitation(invitation.clone()), Record::Invitation(now.clone()));
    let values = (json!({ "status": invitation.status }), json!({ "status": now.status }));
    change.audit.push(AuditEntry::of(account.id, "invitation.approved", invitation.id, values, stamp));
    Ok((now, change))
}

/// Declines, and tells the inviter, if there still is one who can be mailed.
pub fn reject(
    account: &Account,
    approver: &User,
    invitation: &Invitation,
    inviter: Option<&User>,
    stamp: &mut Stamp,
) -> Result<(Invitation, Change), Refusal> {
    awaiting(invitation)?;
    let (now, mut change) = close(account, invitation, None, InvitationStatus::Rejected, stamp);
    if let Some((inviter, to)) = inviter.and_then(|user| Some((user, user.email.as_ref()?))) {
        change.mails.push(Mail {
            id: stamp.id(),
            account_id: account.id,
            template: Template::InvitationRejected,
            to: to.to_string(),
            reader: inviter.id,
            mentions: Some(approver.id),
            locale: inviter.locale,
            params: BTreeMap::from([
                ("account_name".into(), account.name.clone()),
                ("email".into(), invitation.email.to_string()),
                ("approver_name".into(), approver.name.clone()),
            ]),
            token: None,
            created_at: stamp.now,
        });
    }
    Ok((now, change))
}

fn awaiting(invitation: &Invitation) -> Result<(), Refusal> {
    if invitation.status == InvitationStatus::AwaitingApproval { Ok(()) } else { Err(Refusal::InvitationNotOpen) }
}
