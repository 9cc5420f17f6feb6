//! Deletion for good: the person goes, what he did stays under another name.

use serde_json::{Value, json};

use crate::account::Account;
use crate::audit::AuditEntry;
use crate::avatar::Discard;
use crate::change::{Change, Record, Write};
use crate::claim::Claim;
use crate::customers::AccessMode;
use crate::erasure::Erasure;
use crate::policy::{Deletion, SignIn};
use crate::refusal::Refusal;
use crate::role::BuiltIn;
use crate::rules::rank::may_act_as;
use crate::stamp::Stamp;
use crate::user::{Credential, Notifications, Seat, User, UserStatus};

/// The name that contents stay under when nobody chooses another.
pub const DISPLAY_NAME: &str = "Deleted member";

/// Deletes a deactivated user for good (W6): of the user a neutral husk stays, login, address and identity are free at
/// once, and what is left of him elsewhere is erased from then on. There is no way back. What he owned is the rule's of
/// [`crate::rules::move_resources`] to hand over, in the same change.
///
/// Refuses where the policy forbids it (R10), oneself, whoever holds a right that one lacks, and whoever is not
/// deactivated. Who was deleted before is no longer there.
pub fn delete_user(
    account: &Account,
    actor: &User,
    user: &User,
    credential: Option<&Credential>,
    display_name: &str,
    stamp: &mut Stamp,
) -> Result<(User, Change), Refusal> {
    if user.status == UserStatus::Deleted {
        return Err(Refusal::NotFound);
    }
    if account.policy.deletion == Deletion::Forbidden {
        return Err(Refusal::DeletionForbidden);
    }
    if actor.id == user.id {
        return Err(Refusal::CannotChangeSelf);
    }
    may_act_as(actor, user)?;
    if user.status != UserStatus::Deactivated {
        return Err(Refusal::UserNotDeactivated);
    }
    let now = husk(account, user, display_name);
    let mut change = Change::new(account.id, account.subscription.model);
    change.counts = change.counts.moved(Some(user), Some(&now));
    change.replace(Record::User(user.clone()), Record::User(now.clone()));
    given_up(account, user, credential, &mut change, stamp);
    change.create(Record::Erasure(Erasure::of(user, display_name, stamp.now)));
    let values = (json!({ "status": user.status }), json!({ "status": now.status }));
    change.audit.push(AuditEntry::of(account.id, "user.deleted", user.id, values, stamp));
    Ok((now, change))
}

/// Takes back a user who was made and has never signed in (R6): the user is gone with credential, login and address, the
/// license is free, and no mailed link lets anybody in.
///
/// Refuses whoever was invited, since the invitation is to be revoked, whoever has signed in, and whoever holds a right
/// that one lacks.
pub fn withdraw(
    account: &Account,
    actor: &User,
    user: &User,
    credential: Option<&Credential>,
    stamp: &mut Stamp,
) -> Result<Change, Refusal> {
    match user.status {
        UserStatus::Deleted => return Err(Refusal::NotFound),
        UserStatus::Pending if user.is_created_and_pending() => {}
        UserStatus::Pending => return Err(Refusal::UserInvited),
        UserStatus::Active | UserStatus::Deactivated => return Err(Refusal::UserNotPending),
    }
    may_act_as(actor, user)?;
    let mut change = Change::new(account.id, account.subscription.model);
    change.counts = change.counts.moved(Some(user), None);
    change.remove(Record::User(user.clone()));
    given_up(account, user, credential, &mut change, stamp);
    change.create(Record::Erasure(Erasure::of(user, DISPLAY_NAME, stamp.now)));
    let values = (json!({ "status": user.status }), Value::Null);
    change.audit.push(AuditEntry::of(account.id, "user.withdrawn", user.id, values, stamp));
    Ok(change)
}

/// Gives up what a user is found and known by. What he proved himself with proves nothing from then on; the erasure takes it
/// away.
fn given_up(account: &Account, user: &User, credential: Option<&Credential>, change: &mut Change, stamp: &mut Stamp) {
    for handle in user.handles() {
        change.writes.push(Write::Release(Claim::handle(handle, account.id, user.id)));
    }
    if let Some(identity) = credential.and_then(|credential| credential.identity.as_ref()) {
        change.writes.push(Write::Release(Claim::identity(identity, account.id, user.id)));
    }
    if let Some(avatar) = &user.avatar {
        change.create(Record::Discard(Discard::now(account.id, vec![avatar.key.path(account.id)], stamp)));
    }
}

/// What stays of a user: an id, a type and a name that says nothing.
fn husk(account: &Account, user: &User, display_name: &str) -> User {
    User {
        status: UserStatus::Deleted,
        seat: Seat::None,
        name: display_name.to_owned(),
        login: String::new(),
        email: None,
        email_verified: false,
        email_change: None,
        earlier_addresses: Vec::new(),
        phone: None,
        title: None,
        avatar: None,
        locale: account.locale,
        time_zone: None,
        notifications: Notifications::default(),
        sign_in: SignIn::Password,
        two_factor: false,
        identity_bound: false,
        customer_access: AccessMode::All,
        invitation_id: None,
        session_epoch: user.session_epoch + 1,
        last_active_at: None,
        version: user.version + 1,
        ..user.with_role(BuiltIn::Guest.role())
    }
}

#[cfg(test)]
#[path = "delete_user_tests.rs"]
mod tests;
