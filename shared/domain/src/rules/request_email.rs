//! Asking for another address, and calling it off (P1, P2, W9).

use chrono::TimeDelta;
use serde_json::json;

use crate::Instant;
use crate::account::{Account, Region};
use crate::audit::AuditEntry;
use crate::change::{Change, Record};
use crate::email_change::{EmailChange, EmailChangeKind, EmailChangeStatus, FormerEmail, MOST_FORMER, end_of};
use crate::id::UserId;
use crate::mail::{Mail, Template, moment};
use crate::policy::AdminEmailChange;
use crate::refusal::Refusal;
use crate::rules::admin_password::may_reset;
use crate::session::Session;
use crate::stamp::Stamp;
use crate::text::Email;
use crate::token::{Grant, OneTimeToken};
use crate::user::{User, UserStatus, UserType};

/// How young the session must be of whoever has no password to prove himself with.
const FRESH: TimeDelta = TimeDelta::minutes(15);

/// What stands in the way of an address, as it is now.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// Who holds the address to be, in this account: as an address or as a login, or keeps it.
    pub holder: Option<UserId>,
    /// What the user has left and could put back.
    pub former: &'a [FormerEmail],
}

/// Whether a session is young enough to stand for a password: who signs in with Google or Microsoft has none here.
pub fn is_fresh(session: &Session, now: Instant) -> Result<(), Refusal> {
    if now - session.created_at <= FRESH { Ok(()) } else { Err(Refusal::FreshSignInRequired) }
}

/// Asks for another address of one's own (P2): a link goes to the new one, word of it to the old one, which holds until
/// then. What was asked for before is superseded. The change waits for the accept button where the policy says so (P3).
///
/// Refuses the address that one has, one that somebody else has, and of guests domains that the policy denies.
pub fn request_own(
    account: &Account,
    user: &User,
    email: &Email,
    standing: Standing<'_>,
    stamp: &mut Stamp,
) -> Result<(User, Change), Refusal> {
    begin(account, user, (user, EmailChangeKind::Own), email, standing, stamp)
}

/// Asks for another address of somebody else (W9), or for the first one of somebody without: it takes effect as soon as it
/// is confirmed.
///
/// Refuses oneself, who has the password asked for, whoever holds a right that one lacks, who is invited, since the
/// invitation goes to the address, who is deactivated, and whatever the policy says of regions, first addresses aside.
pub fn request_by_admin(
    account: &Account,
    actor: &User,
    user: &User,
    email: &Email,
    standing: Standing<'_>,
    stamp: &mut Stamp,
) -> Result<(User, Change), Refusal> {
    may_reset(actor, user)?;
    match user.status {
        UserStatus::Deactivated => return Err(Refusal::UserDeactivated),
        UserStatus::Pending if !user.is_created_and_pending() => return Err(Refusal::UserPending),
        _ => {}
    }
    available(account, user)?;
    begin(account, user, (actor, EmailChangeKind::Admin), email, standing, stamp)
}

/// Whether the policy lets an admin change this user's address (W9). The first one is no change of another.
pub(crate) fn available(account: &Account, user: &User) -> Result<(), Refusal> {
    let allowed = match account.policy.email_change.admin_allowed {
        AdminEmailChange::OutsideEu => account.region != Region::Eu,
        AdminEmailChange::Always => true,
        AdminEmailChange::Never => false,
    };
    if allowed || user.email.is_none() { Ok(()) } else { Err(Refusal::EmailChangeNotAvailable) }
}

/// Whether the user can have the address: nobody else has it, and a guest may have one of its domain (W8).
pub(crate) fn can_have(account: &Account, user: &User, email: &Email, holder: Option<UserId>) -> Result<(), Refusal> {
    if holder.is_some_and(|holder| holder != user.id) {
        return Err(Refusal::EmailTaken);
    }
    if user.user_type == UserType::Guest && !account.policy.guests.admits(&email.domain()) {
        return Err(Refusal::GuestDomainNotAllowed);
    }
    Ok(())
}

/// Whether one more address can be left: few enough can be put back.
pub(crate) fn can_leave(former: &[FormerEmail], now: Instant) -> Result<(), Refusal> {
    let open = former.iter().filter(|former| former.is_open(now)).count();
    if open < MOST_FORMER { Ok(()) } else { Err(Refusal::EmailChangedTooOften) }
}

fn begin(
    account: &Account,
    user: &User,
    (actor, kind): (&User, EmailChangeKind),
    email: &Email,
    standing: Standing<'_>,
    stamp: &mut Stamp,
) -> Result<(User, Change), Refusal> {
    if user.email.as_ref().is_some_and(|own| own.folded() == email.folded()) {
        return Err(Refusal::field("email", "same_address", "This is the user's address already."));
    }
    can_have(account, user, email, standing.holder)?;
    can_leave(standing.former, stamp.now)?;
    let policy = &account.policy.email_change;
    let hours = match kind {
        EmailChangeKind::Own => policy.self_window_hours,
        EmailChangeKind::Admin => policy.admin_window_hours,
    };
    let asked = EmailChange {
        id: stamp.id(),
        email: email.clone(),
        kind,
        status: EmailChangeStatus::AwaitingConfirmation,
        needs_accept: kind == EmailChangeKind::Own && policy.self_requires_accept,
        requested_by: actor.id,
        requested_at: stamp.now,
        expires_at: end_of(stamp.now, hours.into()),
    };
    let mut change = Change::new(account.id, account.subscription.model);
    let grant = Grant::ConfirmEmail { user_id: user.id, change_id: asked.id };
    let (token, secret) = OneTimeToken::fresh(account.id, grant, asked.expires_at - stamp.now, stamp);
    change.create(Record::Token(token));
    let params =
        [("email", email.to_string()), ("actor_name", actor.name.clone()), ("expires_at", moment(asked.expires_at))];
    let addressed = User { email: Some(email.clone()), ..user.clone() };
    change.mails.extend(Mail::to_user(Template::EmailChangeConfirm, account, &addressed, &params, Some(secret), stamp));
    change.mails.extend(Mail::to_user(Template::EmailChangeRequested, account, user, &params, None, stamp));
    let superseded = user.pending_email_change(stamp.now).map(|before| before.email.clone());
    let values = (json!({ "email": user.email, "pending": superseded }), json!({ "pending": email }));
    change.audit.push(AuditEntry::of(account.id, "user.email_change_requested", user.id, values, stamp));
    let now = User { email_change: Some(asked), version: user.version + 1, ..user.clone() };
    change.replace(Record::User(user.clone()), Record::User(now.clone()));
    Ok((now, change))
}

/// Calls off what is pending; nothing where nothing is.
pub fn cancel(account: &Account, user: &User, stamp: &mut Stamp) -> (User, Change) {
    let mut change = Change::new(account.id, account.subscription.model);
    let Some(pending) = user.pending_email_change(stamp.now) else { return (user.clone(), change) };
    let values = (json!({ "pending": pending.email }), json!({ "pending": null }));
    change.audit.push(AuditEntry::of(account.id, "user.email_change_cancelled", user.id, values, stamp));
    let now = User { email_change: None, version: user.version + 1, ..user.clone() };
    change.replace(Record::User(user.clone()), Record::User(now.clone()));
    (now, change)
}

/// Calls off what is pending of somebody else: whoever may ask for a change may call one off, the user's own too.
pub fn cancel_by_admin(
    account: &Account,
    actor: &User,
    user: &User,
    stamp: &mut Stamp,
) -> Result<(User, Change), Refusal> {
    may_reset(actor, user)?;
    Ok(cancel(account, user, stamp))
}

/// Notes that a change was neither confirmed nor accepted in time. None while its window is open, or when there is nothing
/// to note any more.
pub fn expire(account: &Account, user: &User, stamp: &mut Stamp) -> Option<Change> {
    let overdue = user.email_change.as_ref().filter(|change| change.is_overdue(stamp.now))?;
    let mut change = Change::new(account.id, account.subscription.model);
    let values = (json!({ "pending": overdue.email }), json!({ "pending": null }));
    change.audit.push(AuditEntry::of(account.id, "user.email_change_expired", user.id, values, stamp));
    let over = EmailChange { status: EmailChangeStatus::Expired, ..overdue.clone() };
    let now = User { email_change: Some(over), version: user.version + 1, ..user.clone() };
    change.replace(Record::User(user.clone()), Record::User(now));
    Some(change)
}

#[cfg(test)]
#[path = "request_email_tests.rs"]
mod tests;
