//! Accepting an invitation.

use serde_json::json;

use crate::account::Account;
use crate::audit::AuditEntry;
use crate::change::{Change, Record};
use crate::counts::Counts;
use crate::identity::Provider;
use crate::invitation::{Invitation, InvitationStatus};
use crate::password::PasswordHash;
use crate::policy::SignIn;
use crate::refusal::Refusal;
use crate::rules::confirm_sign_in::ask_to_confirm;
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

/// How somebody is to sign in from now on (P4).
#[derive(Clone, Debug)]
pub enum Proof {
    /// With this password.
    Password(PasswordHash),
    /// At this provider, once the identity there is confirmed by mail.
    Provider(Provider),
}

impl Proof {
    /// The way to sign in that it is.
    pub const fn sign_in(&self) -> SignIn {
        match self {
            Self::Password(_) => SignIn::Password,
            Self::Provider(provider) => provider.sign_in(),
        }
    }

    /// The password, if it is one.
    pub fn password(self) -> Option<PasswordHash> {
        match self {
            Self::Password(password) => Some(password),
            Self::Provider(_) => None,
        }
    }
}

/// What the invitee brings.
#[derive(Clone, Debug)]
pub struct Accept {
    /// What others are to call him.
    pub name: String,
    /// How he is to sign in.
    pub proof: Proof,
    /// The device.
    pub user_agent: Option<String>,
}

/// Makes the pending user active and signs it in. The user has exactly the invited address, confirmed by the link; the
/// license that was kept is in use from now on, or is taken now where the policy says so; where the type no longer takes
/// one, it is free. Whoever chooses Google or Microsoft is asked by mail to confirm the identity there (P4).
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
    let sign_in = command.proof.sign_in();
    if !account.policy.sign_in_methods.0.contains(&sign_in) {
        return Err(Refusal::SignInMethodNotAllowed);
    }
    let licensed = account.policy.licensed_types.contains(user.user_type);
    let now = User {
        status: UserStatus::Active,
        seat: if licensed { Seat::Held } else { Seat::None },
        name: command.name,
        email_verified: true,
        sign_in,
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
    let credential = Credential::new(&now, command.proof.password());
    ask_to_confirm(account, &now, &credential, &mut change, stamp);
    change.create(Record::Credential(credential));
    change.create(Record::Session(session.clone()));
    stamp.origin.actor = Some(user.id);
    let values = (json!({ "status": invitation.status }), json!({ "status": "accepted", "user_id": user.id }));
    change.audit.push(AuditEntry::of(account.id, "invitation.accepted", invitation.id, values, stamp));
    Ok((now, session, token, change))
}
