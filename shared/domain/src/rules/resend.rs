//! Sending an invitation again.

use serde_json::json;

use crate::account::Account;
use crate::audit::AuditEntry;
use crate::change::{Change, Record, Write};
use crate::counts::Counts;
use crate::invitation::{Invitation, InvitationStatus};
use crate::refusal::Refusal;
use crate::role::Permission;
use crate::rules::confer::{Named, role_for_invitee};
use crate::rules::invite::{Held, Route, admits, claim, invited_user, route, send};
use crate::stamp::Stamp;
use crate::user::User;

/// Most mails for one invitation.
pub const MAX_TIMES_SENT: u32 = 10;

/// Sends an invitation again (B8): a fresh link and window; the old link is worthless from now on. One that has
/// expired is revived, with its user and its license, if the address is still free: `held` says who has it now.
pub fn resend(
    account: &Account,
    counts: &Counts,
    actor: &User,
    (invitation, role): (&Invitation, &Named),
    pending_user: Option<&User>,
    held: Held,
    stamp: &mut Stamp,
) -> Result<(Invitation, Change), Refusal> {
    let over = !matches!(invitation.status, InvitationStatus::Pending | InvitationStatus::Expired);
    if over || invitation.erased {
        return Err(Refusal::InvitationNotOpen);
    }
    // What would no longer be invited is not sent again either.
    let route = route(account, actor)?;
    let role = role_for_invitee(actor, account, counts, (invitation.user_type, role))?;
    if route == Route::WithApproval && invitation.approved_by.is_none() {
        return Err(Refusal::Forbidden(Permission::UsersInvite));
    }
    admits(account, invitation)?;
    if invitation.times_sent >= MAX_TIMES_SENT {
        return Err(Refusal::InvitationSentTooOften);
    }
    if pending_user.is_none() {
        held.free()?;
    }
    let mut change = Change::new(account.id, account.subscription.model);
    let mut now = invitation.clone();
    let user = pending_user.is_none().then(|| invited_user(account, &now, (&role, None), stamp));
    send(account, counts, &mut now, user, &mut change, stamp)?;
    now.version += 1;
    if pending_user.is_none() {
        change.writes.push(Write::Claim(claim(&now), Refusal::AlreadyMember { deactivated: false }));
    }
    change.replace(Record::Invitation(invitation.clone()), Record::Invitation(now.clone()));
    let values = (json!({ "times_sent": invitation.times_sent }), json!({ "times_sent": now.times_sent }));
    change.audit.push(AuditEntry::of(account.id, "invitation.resent", invitation.id, values, stamp));
    Ok((now, change))
}
