//! Invitations.

pub mod accept;
pub mod approve;
pub mod create;
pub mod list;
pub mod lookup;
pub mod reject;
pub mod resend;
pub mod revoke;

use domain::invitation::Invitation;
use domain::role::Permission;
use edge::{Caller, Problem};

/// Only the inviter and whoever may invite touch an invitation (B8).
fn may_touch(caller: &Caller, invitation: &Invitation) -> Result<(), Problem> {
    if invitation.invited_by == caller.user.id { Ok(()) } else { caller.needs(Permission::UsersInvite) }
}
