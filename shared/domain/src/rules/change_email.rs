//! Confirming and accepting another address, and how it takes effect (P2, P3, W9).

use serde_json::json;

use crate::account::Account;
use crate::audit::{AuditEntry, difference};
use crate::change::{Change, Record, Write};
use crate::claim::Claim;
use crate::email_change::{EmailChange, EmailChangeKind, EmailChangeStatus, FormerEmail, REVERT_HOURS, end_of, within};
use crate::erasure::address;
use crate::mail::{Mail, Template, moment};
use crate::refusal::Refusal;
use crate::role::Permission;
use crate::rules::rank::may_act_as;
use crate::rules::request_email::{Standing, available, can_have, can_leave};
use crate::stamp::Stamp;
use crate::text::{Email, fold};
use crate::token::{Grant, OneTimeToken};
use crate::user::{User, UserStatus};

/// What became of a confirmation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// The address is the user's now.
    Changed,
    /// It is as soon as the holder accepts (P3).
    AwaitingAccept,
}

/// The change that a link confirms now, if it is good: in its window, neither used, called off nor superseded.
pub fn confirmable<'a>(user: &'a User, token: &OneTimeToken, stamp: &Stamp) -> Result<&'a EmailChange, Refusal> {
    let Grant::ConfirmEmail { user_id, change_id } = &token.grants else { return Err(Refusal::NotFound) };
    if *user_id != user.id || user.status == UserStatus::Deleted {
        return Err(Refusal::LinkExpired);
    }
    if !within(stamp.now, token.expires_at) {
        return Err(Refusal::EmailChangeExpired);
    }
    user.pending_email_change(stamp.now).filter(|change| change.id == *change_id).ok_or(Refusal::LinkExpired)
}

/// Confirms a change with the link that was mailed to the new address (P2, W9). It takes effect, or waits for the accept
/// button; to confirm that once more is nothing new. `requester` is who asked for it, where that was an admin.
///
/// Refuses what the request refuses, as it is now: somebody else may have the address, the policy another guests' domain,
/// and an admin who has lost the right changes nobody's address any more.
pub fn confirm(
    account: &Account,
    user: &User,
    requester: Option<&User>,
    token: &OneTimeToken,
    standing: Standing<'_>,
    stamp: &mut Stamp,
) -> Result<(Confirmed, Change), Refusal> {
    let asked = confirmable(user, token, stamp)?;
    if asked.status == EmailChangeStatus::AwaitingAccept {
        return Ok((Confirmed::AwaitingAccept, Change::new(account.id, account.subscription.model)));
    }
    if asked.kind == EmailChangeKind::Admin {
        available(account, user)?;
        let still = |actor: &&User| {
            actor.status == UserStatus::Active
                && actor.permissions.contains(&Permission::UsersCredentials)
                && may_act_as(actor, user).is_ok()
        };
        requester.filter(still).ok_or(Refusal::LinkExpired)?;
    }
    if !asked.needs_accept {
        return Ok((Confirmed::Changed, take_effect(account, user, asked, standing, stamp)?.1));
    }
    can_have(account, user, &asked.email, standing.holder)?;
    let mut change = Change::new(account.id, account.subscription.model);
    let values = (json!({ "status": asked.status.name() }), json!({ "status": "awaiting_accept" }));
    change.audit.push(AuditEntry::of(account.id, "user.email_change_confirmed", user.id, values, stamp));
    let confirmed = EmailChange { status: EmailChangeStatus::AwaitingAccept, ..asked.clone() };
    let now = User { email_change: Some(confirmed), version: user.version + 1, ..user.clone() };
    change.replace(Record::User(user.clone()), Record::User(now));
    Ok((Confirmed::AwaitingAccept, change))
}

/// The accept button (P3): a confirmed change takes effect.
///
/// Refuses where nothing is pending, what is over, and what the new address has not confirmed.
pub fn accept(
    account: &Account,
    user: &User,
    standing: Standing<'_>,
    stamp: &mut Stamp,
) -> Result<(User, Change), Refusal> {
    let asked = user.email_change.as_ref().ok_or(Refusal::NotFound)?;
    if !asked.is_pending(stamp.now) {
        return Err(Refusal::EmailChangeExpired);
    }
    if asked.status != EmailChangeStatus::AwaitingAccept {
        return Err(Refusal::NotConfirmed);
    }
    take_effect(account, user, asked, standing, stamp)
}

/// The user with a new address, confirmed. A login that was the address goes with it: else the old one would go on letting
/// him in.
pub(crate) fn moved(user: &User, email: &Email, with_login: bool) -> User {
    let mut earlier_addresses = user.earlier_addresses.clone();
    let left = user.email.as_ref().map(|email| address(user.account_id, email));
    earlier_addresses.extend(left.filter(|left| !user.earlier_addresses.contains(left)));
    User {
        earlier_addresses,
        email: Some(email.clone()),
        email_verified: true,
        login: if with_login { email.to_string() } else { user.login.clone() },
        email_change: None,
        version: user.version + 1,
        ..user.clone()
    }
}

/// Whether the login is the address.
pub(crate) fn is_login(user: &User) -> bool {
    user.email.as_ref().is_some_and(|email| email.folded() == fold(&user.login))
}

/// What an audit entry tells of an address.
pub(crate) fn facts(user: &User) -> serde_json::Value {
    json!({ "email": user.email, "login": user.login, "email_verified": user.email_verified })
}

/// The one place where an address changes: the new one is claimed, the old one kept for as long as it can be put back, and
/// told how. Links that were mailed to the old address name it, and are worth nothing from now on.
fn take_effect(
    account: &Account,
    user: &User,
    asked: &EmailChange,
    standing: Standing<'_>,
    stamp: &mut Stamp,
) -> Result<(User, Change), Refusal> {
    can_have(account, user, &asked.email, standing.holder)?;
    can_leave(standing.former, stamp.now)?;
    let now = moved(user, &asked.email, is_login(user));
    let mut change = Change::new(account.id, account.subscription.model);
    change.replace(Record::User(user.clone()), Record::User(now.clone()));
    let (had, has) = (user.handles(), now.handles());
    for handle in has.iter().filter(|handle| !had.contains(handle)) {
        let claim = Claim::handle(handle.clone(), account.id, user.id);
        match standing.former.iter().find(|former| former.email.folded() == *handle) {
            // He is back where he was: the link that would put it back has nothing to do.
            Some(former) => {
                change.writes.push(Write::Retake(claim));
                change.remove(Record::FormerEmail(former.clone()));
            }
            None => change.writes.push(Write::Claim(claim, Refusal::EmailTaken)),
        }
    }
    for handle in had.into_iter().filter(|handle| !has.contains(handle)) {
        change.writes.push(Write::Reserve(Claim::handle(handle, account.id, user.id)));
    }
    if let Some(old) = &user.email {
        let grant = Grant::RevertEmail { user_id: user.id, change_id: asked.id };
        let (token, secret) =
            OneTimeToken::fresh(account.id, grant, end_of(stamp.now, REVERT_HOURS) - stamp.now, stamp);
        let params = [
            ("email", asked.email.to_string()),
            ("changed_at", moment(stamp.now)),
            ("expires_at", moment(token.expires_at)),
        ];
        change.mails.extend(Mail::to_user(Template::EmailChanged, account, user, &params, Some(secret), stamp));
        change.create(Record::FormerEmail(FormerEmail {
            id: asked.id,
            account_id: account.id,
            user_id: user.id,
            email: old.clone(),
            was_login: is_login(user),
            changed_in: now.version,
            until: token.expires_at,
        }));
        change.create(Record::Token(token));
    }
    let values = difference(&facts(user), &facts(&now));
    change.audit.push(AuditEntry::of(account.id, "user.email_changed", user.id, values, stamp));
    Ok((now, change))
}

#[cfg(test)]
#[path = "change_email_tests.rs"]
mod tests;
