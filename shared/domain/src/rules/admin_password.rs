//! What an admin does about another's password: resets it (L9), or sets it by hand (R8).

use serde_json::{Value, json};

use crate::account::Account;
use crate::audit::AuditEntry;
use crate::change::{Change, Record, Write};
use crate::claim::Claim;
use crate::identity::Provider;
use crate::mail::Template;
use crate::password::PasswordHash;
use crate::policy::SignIn;
use crate::refusal::Refusal;
use crate::rules::confirm_sign_in::ask_to_confirm;
use crate::rules::forgot_password::mail_link;
use crate::rules::rank::may_act_as;
use crate::stamp::Stamp;
use crate::user::{Credential, User, UserStatus};

/// Whether somebody may act on another's credentials: never on one's own (there the present password is asked for), and
/// on nobody who holds a right that one lacks, since whoever sets a password can sign in with it.
pub fn may_reset(actor: &User, user: &User) -> Result<(), Refusal> {
    if user.status == UserStatus::Deleted {
        return Err(Refusal::NotFound);
    }
    if actor.id == user.id {
        return Err(Refusal::CannotChangeSelf);
    }
    may_act_as(actor, user)
}

/// Resets a user's credentials (L9): the password is gone, every session is over, and a mail says that an admin asked for
/// it and what to do. Who signs in with Google or Microsoft is asked to confirm the identity anew. A deactivated user is
/// told nothing, since nothing would let him in.
///
/// Refuses invited users, who have no password yet, and users without an address: nobody could tell them.
pub fn reset_by_admin(
    account: &Account,
    actor: &User,
    user: &User,
    credential: Option<&Credential>,
    stamp: &mut Stamp,
) -> Result<Change, Refusal> {
    may_reset(actor, user)?;
    let credential = credential.ok_or(Refusal::UserPending)?;
    if user.email.is_none() {
        return Err(Refusal::UserHasNoEmail);
    }
    let mut change = Change::new(account.id, account.subscription.model);
    let emptied = unbound(account, user, &credential.with_password(None), &mut change);
    change.replace(Record::User(user.clone()), Record::User(User { identity_bound: false, ..user.signed_out() }));
    change.replace(Record::Credential(credential.clone()), Record::Credential(emptied.clone()));
    let values = (Value::Null, json!({ "sessions": "ended" }));
    change.audit.push(AuditEntry::of(account.id, "user.password_reset", user.id, values, stamp));
    if user.status == UserStatus::Deactivated {
        // No link would let him in; a reactivation makes room for the next one.
    } else if Provider::of(user.sign_in).is_some() {
        ask_to_confirm(account, user, &emptied, &mut change, stamp);
    } else {
        let params = [("login", user.login.clone()), ("admin_name", actor.name.clone())];
        mail_link(Template::PasswordResetByAdmin, account, user, &emptied, &params, &mut change, stamp);
    }
    Ok(change)
}

/// Sets a user's password by hand (R8): every session is over, and no mail tells of it. Who signed in with Google or
/// Microsoft signs in with the password from now on.
pub fn set_by_hand(
    account: &Account,
    actor: &User,
    user: &User,
    credential: Option<&Credential>,
    password: PasswordHash,
    stamp: &mut Stamp,
) -> Result<Change, Refusal> {
    may_reset(actor, user)?;
    let credential = credential.ok_or(Refusal::UserPending)?;
    if !account.policy.sign_in_methods.0.contains(&SignIn::Password) {
        return Err(Refusal::SignInMethodNotAllowed);
    }
    let mut change = Change::new(account.id, account.subscription.model);
    let now = User { sign_in: SignIn::Password, identity_bound: false, ..user.signed_out() };
    let set = unbound(account, user, &credential.with_password(Some(password)), &mut change);
    change.replace(Record::Credential(credential.clone()), Record::Credential(set));
    let values = (json!({ "sign_in": user.sign_in }), json!({ "sign_in": now.sign_in, "sessions": "ended" }));
    change.audit.push(AuditEntry::of(account.id, "user.password_set", user.id, values, stamp));
    change.replace(Record::User(user.clone()), Record::User(now));
    Ok(change)
}

/// The credential without its identity at a provider, whose claim is given up.
fn unbound(account: &Account, user: &User, credential: &Credential, change: &mut Change) -> Credential {
    if let Some(identity) = &credential.identity {
        change.writes.push(Write::Release(Claim::identity(identity, account.id, user.id)));
    }
    Credential { identity: None, ..credential.clone() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::identity::Identity;
    use crate::password::Password;
    use crate::role::Permission;
    use crate::rules::fixtures::{account, stamp, user};
    use crate::user::UserType;

    #[test]
    fn whose_password_may_be_set_l9_r8() {
        let account = account("basic");
        let admin = user(&account, UserType::Admin, 1);
        let mut helpdesk = user(&account, UserType::Member, 2);
        helpdesk.permissions.insert(Permission::UsersCredentials);
        let deleted = User { status: UserStatus::Deleted, ..user(&account, UserType::Member, 3) };
        let member = user(&account, UserType::Member, 4);
        let other_admin = user(&account, UserType::Admin, 5);
        for (actor, target, expected) in [
            (&admin, &member, Ok(())),
            (&admin, &other_admin, Ok(())),
            (&admin, &admin, Err(Refusal::CannotChangeSelf)),
            (&admin, &deleted, Err(Refusal::NotFound)),
            (&helpdesk, &member, Ok(())),
            (&helpdesk, &admin, Err(Refusal::Outranked(Permission::UsersInvite))),
        ] {
            assert_eq!(may_reset(actor, target), expected, "{} {}", actor.name, target.name);
        }
    }

    #[test]
    fn a_reset_mails_and_a_password_by_hand_does_not_l9_r8() {
        let account = account("basic");
        let admin = user(&account, UserType::Admin, 1);
        let member = user(&account, UserType::Member, 2);
        let credential = Credential::new(&member, Some(Password::presented("x").hash([1; 16])));
        let mut stamp = stamp("2026-02-01T10:00:00Z");
        let change = reset_by_admin(&account, &admin, &member, Some(&credential), &mut stamp).unwrap();
        assert_eq!(change.mails[0].template, Template::PasswordResetByAdmin);
        let hash = Password::presented("y").hash([2; 16]);
        let change = set_by_hand(&account, &admin, &member, Some(&credential), hash, &mut stamp).unwrap();
        assert!(change.mails.is_empty());
        let blocked = User { status: UserStatus::Deactivated, ..member.clone() };
        let change = reset_by_admin(&account, &admin, &blocked, Some(&credential), &mut stamp).unwrap();
        assert!(change.mails.is_empty() && change.writes.len() == 2);
        let nobody = User { email: None, ..member.clone() };
        let refused = reset_by_admin(&account, &admin, &nobody, Some(&credential), &mut stamp);
        assert_eq!(refused.err(), Some(Refusal::UserHasNoEmail));
        assert_eq!(reset_by_admin(&account, &admin, &member, None, &mut stamp).err(), Some(Refusal::UserPending));
    }

    #[test]
    fn an_identity_is_given_up_with_the_reset_p4() {
        let account = account("basic");
        let admin = user(&account, UserType::Admin, 1);
        let member = User { sign_in: SignIn::Google, ..user(&account, UserType::Member, 2) };
        let identity = Identity { provider: Provider::Google, issuer: "https://i".into(), subject: "s".into() };
        let credential = Credential { identity: Some(identity), ..Credential::new(&member, None) };
        let mut stamp = stamp("2026-02-01T10:00:00Z");
        let change = reset_by_admin(&account, &admin, &member, Some(&credential), &mut stamp).unwrap();
        assert_eq!(change.mails[0].template, Template::SsoConfirmation);
        assert!(change.writes.iter().any(|write| matches!(write, Write::Release(_))));
    }
}
