//! Putting an address back, and letting go of it when it is too late for that.

use serde_json::json;

use crate::Instant;
use crate::account::Account;
use crate::audit::{AuditEntry, difference};
use crate::change::{Change, Record, Write};
use crate::claim::Claim;
use crate::email_change::{FormerEmail, within};
use crate::plan::Model;
use crate::refusal::Refusal;
use crate::rules::change_email::{facts, is_login, moved};
use crate::stamp::Stamp;
use crate::token::{Grant, OneTimeToken};
use crate::user::{User, UserStatus};

/// The address that a link puts back now, if it is good: in its window, not used, not undone by an earlier one, and not
/// taken up again by its user.
pub fn revertible<'a>(
    user: &User,
    former: &'a [FormerEmail],
    token: &OneTimeToken,
    stamp: &Stamp,
) -> Result<&'a FormerEmail, Refusal> {
    let Grant::RevertEmail { user_id, change_id } = &token.grants else { return Err(Refusal::NotFound) };
    if *user_id != user.id || user.status == UserStatus::Deleted {
        return Err(Refusal::LinkExpired);
    }
    if !within(stamp.now, token.expires_at) {
        return Err(Refusal::EmailChangeExpired);
    }
    former.iter().find(|former| former.id == *change_id).ok_or(Refusal::LinkExpired)
}

/// Puts the address back that a link was mailed to, and ends every session. What was changed after that is undone with it:
/// the addresses in between have no links any more, so that nobody defeats it by changing twice. What is pending is off.
/// A password link that went to an address in between names it, and is worth nothing.
pub fn revert(
    account: &Account,
    user: &User,
    former: &[FormerEmail],
    token: &OneTimeToken,
    stamp: &mut Stamp,
) -> Result<(User, Change), Refusal> {
    let back = revertible(user, former, token, stamp)?;
    let with_login = back.was_login && is_login(user);
    let now = User { session_epoch: user.session_epoch + 1, ..moved(user, &back.email, with_login) };
    let mut change = Change::new(account.id, account.subscription.model);
    change.replace(Record::User(user.clone()), Record::User(now.clone()));
    let (had, has) = (user.handles(), now.handles());
    for handle in has.iter().filter(|handle| !had.contains(handle)) {
        change.writes.push(Write::Retake(Claim::handle(handle.clone(), account.id, user.id)));
    }
    for handle in had.into_iter().filter(|handle| !has.contains(handle)) {
        change.writes.push(Write::Release(Claim::handle(handle, account.id, user.id)));
    }
    change.remove(Record::FormerEmail(back.clone()));
    for later in former.iter().filter(|former| former.changed_in > back.changed_in) {
        let_go(later, &mut change);
    }
    let (mut before, mut after) = difference(&facts(user), &facts(&now));
    if let (Some(before), Some(after)) = (before.as_object_mut(), after.as_object_mut()) {
        let pending = user.pending_email_change(stamp.now).map(|pending| &pending.email);
        before.insert("pending".to_owned(), json!(pending));
        after.insert("sessions".to_owned(), json!("ended"));
    }
    change.audit.push(AuditEntry::of(account.id, "user.email_change_reverted", user.id, (before, after), stamp));
    Ok((now, change))
}

/// Lets go of an address that can no longer be put back: from now on anybody can have it. None while its window is open.
pub fn release(former: &FormerEmail, now: Instant) -> Option<Change> {
    (!former.is_open(now)).then(|| forget(former))
}

/// Lets go of an address that a user has left, at once.
pub fn forget(former: &FormerEmail) -> Change {
    let mut change = Change::new(former.account_id, Model::Unlimited);
    let_go(former, &mut change);
    change
}

fn let_go(former: &FormerEmail, change: &mut Change) {
    let claim = Claim::handle(former.email.folded(), former.account_id, former.user_id);
    change.remove(Record::FormerEmail(former.clone()));
    change.writes.push(Write::Release(claim));
}

#[cfg(test)]
#[path = "revert_email_tests.rs"]
mod tests;
