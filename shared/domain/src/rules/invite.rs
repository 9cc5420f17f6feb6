//! Inviting people by address.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Duration, SecondsFormat};
use serde_json::{Value, json};

use crate::account::Account;
use crate::audit::AuditEntry;
use crate::change::{Change, Record, Write};
use crate::claim::Claim;
use crate::counts::{Counts, CountsChange};
use crate::id::UserId;
use crate::invitation::{Invitation, InvitationStatus};
use crate::locale::Locale;
use crate::mail::{Mail, Template};
use crate::policy::{ReservedOn, WhoInvites};
use crate::refusal::Refusal;
use crate::role::{Permission, Role};
use crate::rules::confer::{Named, role_for_invitee};
use crate::stamp::Stamp;
use crate::text::Email;
use crate::token::{Grant, OneTimeToken};
use crate::user::{NewUser, Seat, User, UserStatus, UserType};

/// How an inviter's invitation goes out (B10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// At once.
    Direct,
    /// When an admin has agreed.
    WithApproval,
}

/// Whether somebody may invite, and how (B10). Guests and viewers never do.
pub fn route(account: &Account, inviter: &User) -> Result<Route, Refusal> {
    match (inviter.user_type, account.policy.invitations.who) {
        (UserType::Guest | UserType::Viewer, _) => Err(Refusal::MayNotInvite),
        _ if inviter.permissions.contains(&Permission::UsersInvite) => Ok(Route::Direct),
        // What the policy lets members do is not for a partner's people.
        _ if inviter.account_id != account.id => Err(Refusal::Forbidden(Permission::UsersInvite)),
        (_, WhoInvites::Admins) => Err(Refusal::Forbidden(Permission::UsersInvite)),
        (_, WhoInvites::MembersWithApproval) => Ok(Route::WithApproval),
        (_, WhoInvites::Members) => Ok(Route::Direct),
    }
}

/// Writes for one address: user, claim, invitation, token, audit entry, mail. The words that find the user come on top.
pub const ACTIONS_PER_ROW: usize = 6;

/// As what somebody is invited.
#[derive(Clone, Debug)]
pub struct Invite {
    /// As what.
    pub user_type: UserType,
    /// With which role.
    pub role: Named,
    /// What the invitee is called until he says so himself; his address unless given.
    pub name: Option<String>,
    /// The inviter's own words.
    pub message: Option<String>,
    /// The invitees' language.
    pub locale: Locale,
}

/// One address, and who has it now.
#[derive(Clone, Debug)]
pub struct Row {
    /// As it was typed.
    pub text: String,
    /// What it is, if it is an address.
    pub email: Option<Email>,
    /// Who holds it in this account.
    pub held: Held,
}

/// Who holds an address in an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// Nobody.
    Free,
    /// An open invitation.
    Invited,
    /// A user.
    Member {
        /// Who is deactivated.
        deactivated: bool,
    },
}

impl Held {
    /// What a claim's user says of it: an awaiting invitation has no user yet.
    pub fn by(user: Option<&User>) -> Self {
        match user {
            None => Self::Invited,
            Some(user) if user.status == UserStatus::Pending && user.invitation_id.is_some() => Self::Invited,
            Some(user) => Self::Member { deactivated: user.status == UserStatus::Deactivated },
        }
    }
}

impl Held {
    /// Fails unless nobody has the address.
    pub(crate) fn free(self) -> Result<(), Refusal> {
        match self {
            Self::Free => Ok(()),
            Self::Invited => Err(Refusal::AlreadyInvited),
            Self::Member { deactivated } => Err(Refusal::AlreadyMember { deactivated }),
        }
    }
}

/// Whether the address of an invited guest is one that the policy allows (W8).
pub(crate) fn admits(account: &Account, invitation: &Invitation) -> Result<(), Refusal> {
    let guest = invitation.user_type == UserType::Guest;
    if guest && !account.policy.guests.admits(&invitation.email.domain()) {
        return Err(Refusal::GuestDomainNotAllowed);
    }
    Ok(())
}

/// What became of one address.
pub type RowOutcome = Result<Invitation, Refusal>;

/// Invites each address, or says why not (L3, L7, B9, B10, B11): a license is taken in the same change where the policy
/// takes it with the invitation. Whoever may not invite, or not to this role, is refused as a whole.
///
/// `admins` are those who are asked for approval: id, address and language of each.
pub fn invite(
    account: &Account,
    counts: &Counts,
    inviter: &User,
    command: &Invite,
    rows: &[Row],
    admins: &[(UserId, Email, Locale)],
    stamp: &mut Stamp,
) -> Result<(Vec<RowOutcome>, Change), Refusal> {
    let mut inviting = Inviting::new(account, counts, inviter)?;
    let role = role_for_invitee(inviter, account, counts, (command.user_type, &command.role))?;
    let outcomes = rows.iter().map(|row| inviting.add((command, &role), row, admins, stamp)).collect();
    Ok((outcomes, inviting.change))
}

/// A change that invites, address by address.
pub(crate) struct Inviting<'a> {
    account: &'a Account,
    counts: &'a Counts,
    inviter: &'a User,
    /// How these go out.
    pub(crate) route: Route,
    seen: BTreeSet<String>,
    /// What has been decided so far.
    pub(crate) change: Change,
}

impl<'a> Inviting<'a> {
    /// Begins; refused where the inviter invites nobody.
    pub(crate) fn new(account: &'a Account, counts: &'a Counts, inviter: &'a User) -> Result<Self, Refusal> {
        let route = route(account, inviter)?;
        let change = Change::new(account.id, account.subscription.model);
        Ok(Self { account, counts, inviter, route, seen: BTreeSet::new(), change })
    }

    /// Invites one more address, or says why not: then the change is as it was.
    pub(crate) fn add(
        &mut self,
        (command, role): (&Invite, &Role),
        row: &Row,
        admins: &[(UserId, Email, Locale)],
        stamp: &mut Stamp,
    ) -> RowOutcome {
        let account = self.account;
        let email = check(account, command.user_type, row, &self.seen)?;
        let mut invitation = new_invitation(account, self.inviter, role, command, email, stamp);
        let change = &mut self.change;
        match self.route {
            Route::Direct => {
                let user = invited_user(account, &invitation, (role, command.name.as_deref()), stamp);
                send(account, self.counts, &mut invitation, Some(user), change, stamp)?;
            }
            Route::WithApproval => ask(account, self.inviter, &invitation, admins, change, stamp),
        }
        self.seen.insert(email.folded());
        change.writes.push(Write::Claim(claim(&invitation), Refusal::AlreadyInvited));
        change.create(Record::Invitation(invitation.clone()));
        let facts = (Value::Null, facts(&invitation));
        change.audit.push(AuditEntry::of(account.id, "invitation.created", invitation.id, facts, stamp));
        Ok(invitation)
    }
}

fn check<'a>(
    account: &Account,
    user_type: UserType,
    row: &'a Row,
    seen: &BTreeSet<String>,
) -> Result<&'a Email, Refusal> {
    let email =
        row.email.as_ref().ok_or_else(|| Refusal::field("email", "invalid_email", "This is not an e-mail address."))?;
    row.held.free()?;
    if user_type == UserType::Guest && !account.policy.guests.admits(&email.domain()) {
        return Err(Refusal::GuestDomainNotAllowed);
    }
    if seen.contains(&email.folded()) {
        return Err(Refusal::AlreadyInvited);
    }
    Ok(email)
}

/// What an audit entry tells of an invitation. The address stands in the invitation alone.
pub(crate) fn facts(invitation: &Invitation) -> Value {
    json!({ "status": invitation.status, "type": invitation.user_type, "role_id": invitation.role_id, "user_id": invitation.user_id })
}

pub(crate) fn claim(invitation: &Invitation) -> Claim {
    Claim::handle(invitation.email.folded(), invitation.account_id, invitation.user_id)
}

fn new_invitation(
    account: &Account,
    inviter: &User,
    role: &Role,
    command: &Invite,
    email: &Email,
    stamp: &mut Stamp,
) -> Invitation {
    Invitation {
        id: stamp.id(),
        account_id: account.id,
        user_id: stamp.id(),
        email: email.clone(),
        user_type: command.user_type,
        role_id: role.id,
        status: InvitationStatus::AwaitingApproval,
        invited_by: inviter.id,
        invited_by_name: inviter.name.clone(),
        approved_by: None,
        message: command.message.clone(),
        locale: command.locale,
        sent_at: None,
        expires_at: None,
        times_sent: 0,
        digest: None,
        erased: false,
        created_at: stamp.now,
        version: 1,
    }
}

/// Sends an invitation: a fresh link and window, and the user to be with its license, unless it is there already.
pub(crate) fn send(
    account: &Account,
    counts: &Counts,
    invitation: &mut Invitation,
    new_user: Option<User>,
    change: &mut Change,
    stamp: &mut Stamp,
) -> Result<(), Refusal> {
    if let Some(user) = new_user {
        change.counts = added(change.counts, &user, counts)?;
        change.create(Record::User(user));
    }
    let secret = stamp.secret();
    let expires_at = stamp.now + Duration::hours(account.policy.invitations.ttl_hours.into());
    invitation.status = InvitationStatus::Pending;
    invitation.sent_at = Some(stamp.now);
    invitation.expires_at = Some(expires_at);
    invitation.times_sent += 1;
    invitation.digest = Some(secret.digest());
    change.create(Record::Token(OneTimeToken {
        digest: secret.digest(),
        account_id: account.id,
        expires_at,
        grants: Grant::Invitation { invitation_id: invitation.id },
    }));
    let mut params = BTreeMap::from([
        ("account_name".into(), account.name.clone()),
        ("inviter_name".into(), invitation.invited_by_name.clone()),
        ("type".into(), invitation.user_type.name().into()),
        ("expires_at".into(), expires_at.to_rfc3339_opts(SecondsFormat::Secs, true)),
    ]);
    params.extend(invitation.message.clone().map(|message| ("message".into(), message)));
    change.mails.push(Mail {
        id: stamp.id(),
        account_id: account.id,
        template: Template::Invitation,
        to: invitation.email.to_string(),
        reader: invitation.user_id,
        mentions: Some(invitation.invited_by),
        locale: invitation.locale,
        params,
        token: Some(secret),
        created_at: stamp.now,
    });
    Ok(())
}

fn added(sum: CountsChange, user: &User, counts: &Counts) -> Result<CountsChange, Refusal> {
    sum.moved(None, Some(user)).checked(counts)
}

/// The user to be of an invitation.
pub(crate) fn invited_user(
    account: &Account,
    invitation: &Invitation,
    (role, name): (&Role, Option<&str>),
    stamp: &Stamp,
) -> User {
    let licensed = account.policy.licensed_types.contains(invitation.user_type);
    let at_once = account.policy.invitations.license_reserved_on == ReservedOn::Invitation;
    let new = NewUser {
        id: invitation.user_id,
        user_type: invitation.user_type,
        role: role.clone(),
        name: name.map_or_else(|| invitation.email.to_string(), str::to_owned),
        login: invitation.email.to_string(),
        email: Some(invitation.email.clone()),
        locale: invitation.locale,
    };
    User {
        seat: if licensed && at_once { Seat::Reserved } else { Seat::None },
        invitation_id: Some(invitation.id),
        ..User::pending(account.id, new, stamp.now)
    }
}

/// Asks the admins for their approval (B10).
fn ask(
    account: &Account,
    inviter: &User,
    invitation: &Invitation,
    admins: &[(UserId, Email, Locale)],
    change: &mut Change,
    stamp: &mut Stamp,
) {
    for (reader, to, locale) in admins {
        change.mails.push(Mail {
            id: stamp.id(),
            account_id: account.id,
            template: Template::InvitationApprovalRequested,
            to: to.to_string(),
            reader: *reader,
            mentions: Some(inviter.id),
            locale: *locale,
            params: BTreeMap::from([
                ("account_name".into(), account.name.clone()),
                ("requester_name".into(), inviter.name.clone()),
                ("email".into(), invitation.email.to_string()),
                ("type".into(), invitation.user_type.name().into()),
            ]),
            token: None,
            created_at: stamp.now,
        });
    }
}

#[cfg(test)]
#[path = "invite_tests.rs"]
mod tests;
