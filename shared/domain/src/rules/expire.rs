//! Invitations that nobody accepted in time.

use crate::account::Account;
use crate::change::Change;
use crate::invitation::{Invitation, InvitationStatus};
use crate::rules::revoke::close;
use crate::stamp::Stamp;
use crate::user::User;

/// Expires an invitation whose window is over: its user to be is gone, its license is free. None while the window is
/// open, or when there is nothing left to expire.
pub fn expire_invitation(
    account: &Account,
    invitation: &Invitation,
    pending_user: Option<&User>,
    stamp: &mut Stamp,
) -> Option<Change> {
    invitation
        .is_overdue(stamp.now)
        .then(|| close(account, invitation, pending_user, InvitationStatus::Expired, stamp).1)
}
