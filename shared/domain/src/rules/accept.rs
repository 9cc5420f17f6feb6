//! Accepting an invitation.

use serde_json::json;

use crate::account::Account;
use crate::audit::AuditEntry;
use crate::change::{Change, Record};
use crate::counts::Counts;
use crate::invitation::{Invitation, InvitationStatus};
use crate::password::PasswordHash;
use crate::refusal::Refusal;
use crate::secret::{Secret, SecretDigest};
use crate::session::Session;
use crate::stamp::Stamp;
use crate::user::{Credential, Seat, User, UserStatus};

/// Whether the link with this digest can accept the invitation now, and if not, why not.
pub fn acceptable(invitation: &Invitation, digest: &SecretDigest, stamp: &Stamp) -> Result<(), Refusal> {
    match invitation.status_at(stamp.now) {
        InvitationStatus::Accepted => Err(Refusal::InvitationUsed),
        _ if invitation.digest.as_ref() != Some(digest) => Err(Refusal::InvitationRevoked),
        InvitationStatus::Pending => Ok(()),
        InvitationStatus::Expired => Err(Refusal::InvitationExpired),
        InvitationStatus::AwaitingApproval | InvitationStatus::Revoked | InvitationStatus::Rejected => {
            Err(Refusal::InvitationRevoked)
        }
    }
}

/// What the invitee brings.
#[derive(Clone, Debug)]
pub struct Accept {
    /// What others are to call him.
    pub name: String,
    /// His password.
    pub password: PasswordHash,
    /// The device.
    pub user_agent: Option<String>,
}

/// Makes the pending user active and signs it in. The user has exactly the invited address, confirmed by the link; the
/// license that was kept is in use from now on, or is taken now where the policy says so; where the type no longer takes
/// one, it is free.
pub fn accept(
    account: &Account,
    counts: &Counts,
    invitation: &Invitation,
    user: &User,
    digest: &SecretDigest,
    command: Accept,
    stamp: &mut Stamp,
) -> Result<(User, Session, Secret, Change), Refusal> {
    acceptable(invitation, digest, stamp)?;
    if user.status != UserStatus::Pending || user.invitation_id != Some(invitation.id) {
        return Err(Refusal::InvitationUsed);
    }
    let licensed = account.policy.licensed_types.contains(user.user_type);
    let now = User {
        status: UserStatus::Active,
        seat: if licensed { Seat::Held } else { Seat::None },
        name: command.name,
        email_verified: true,
        invitation_id: None,
        last_active_at: Some(stamp.now),
        activated_at: Some(stamp.now),
        version: user.version + 1,
        ..user.clone()
    };
    let accepted =
        Invitation { status: InvitationStatus::Accepted, version: invitation.version + 1, ..invitation.clone() };
    let (session, token) = Session::open(&now, &account.policy, command.user_agent.as_deref(), stamp);
    let mut change = Change::new(account.id, account.subscription.model);
    change.counts = change.counts.moved(Some(user), Some(&now)).checked(counts)?;
    change.replace(Record::User(user.clone()), Record::User(now.clone()));
    change.replace(Record::Invitation(invitation.clone()), Record::Invitation(accepted));
    change.create(Record::Credential(Credential {
        user_id: user.id,
        account_id: account.id,
        password: Some(command.password),
        version: 1,
    }));
    change.create(Record::Session(session.clone()));
    stamp.origin.actor = Some(user.id);
    let values = (json!({ "status": invitation.status }), json!({ "status": "accepted", "user_id": user.id }));
    change.audit.push(AuditEntry::of(account.id, "invitation.accepted", invitation.id, values, stamp));
    Ok((now, session, token, change))
}
