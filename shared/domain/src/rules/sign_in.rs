//! Signing in, and out.

use serde_json::{Value, json};

use crate::account::Account;
use crate::audit::AuditEntry;
use crate::change::{Change, Record};
use crate::refusal::Refusal;
use crate::secret::Secret;
use crate::session::Session;
use crate::stamp::Stamp;
use crate::user::{Seat, User, UserStatus};

/// Opens a session for a user whose password was right. A pending user becomes active with it (R6).
pub fn sign_in(
    account: &Account,
    user: &User,
    user_agent: Option<&str>,
    stamp: &mut Stamp,
) -> Result<(User, Session, Secret, Change), Refusal> {
    let mut change = Change::new(account.id, account.subscription.model);
    let mut now = user.clone();
    match user.status {
        UserStatus::Active => {}
        // An invited user has no password before the acceptance.
        UserStatus::Pending if user.invitation_id.is_none() => {
            now.status = UserStatus::Active;
            now.activated_at = Some(stamp.now);
            if user.seat == Seat::Reserved {
                now.seat = Seat::Held;
            }
            now.version += 1;
            change.counts = change.counts.moved(Some(user), Some(&now));
            change.replace(Record::User(user.clone()), Record::User(now.clone()));
        }
        UserStatus::Deactivated => return Err(Refusal::UserDeactivated),
        UserStatus::Pending | UserStatus::Deleted => return Err(Refusal::InvalidCredentials),
    }
    let (session, token) = Session::open(&now, &account.policy, user_agent, stamp);
    change.create(Record::Session(session.clone()));
    change.audit.push(AuditEntry::of(
        account.id,
        "session.created",
        session.id,
        (Value::Null, json!({ "user_id": user.id })),
        stamp,
    ));
    Ok((now, session, token, change))
}

/// Ends one session.
pub fn sign_out(account: &Account, session: &Session, stamp: &mut Stamp) -> Change {
    let mut change = Change::new(account.id, account.subscription.model);
    change.remove(Record::Session(session.clone()));
    change.audit.push(AuditEntry::of(
        account.id,
        "session.ended",
        session.id,
        (json!({ "user_id": session.user_id }), Value::Null),
        stamp,
    ));
    change
}

/// Ends every session of a user, however many, with one write: all of them bear an epoch that is over.
pub fn sign_out_everywhere(account: &Account, user: &User, stamp: &mut Stamp) -> Change {
    let mut change = Change::new(account.id, account.subscription.model);
    let mut now = user.clone();
    now.session_epoch += 1;
    now.version += 1;
    change.replace(Record::User(user.clone()), Record::User(now));
    change.audit.push(AuditEntry::of(account.id, "session.all_ended", user.id, (Value::Null, Value::Null), stamp));
    change
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{account, stamp, user};
    use crate::user::UserType;

    #[test]
    fn who_gets_a_session_r6() {
        let account = account("licensed-monthly");
        for (status, invited, expected) in [
            (UserStatus::Active, false, Ok(UserStatus::Active)),
            (UserStatus::Pending, false, Ok(UserStatus::Active)),
            (UserStatus::Pending, true, Err(Refusal::InvalidCredentials)),
            (UserStatus::Deactivated, false, Err(Refusal::UserDeactivated)),
            (UserStatus::Deleted, false, Err(Refusal::InvalidCredentials)),
        ] {
            let mut stamp = stamp("2026-02-01T10:00:00Z");
            let mut user = user(&account, UserType::Member, 1);
            user.status = status;
            user.invitation_id = invited.then(|| stamp.id());
            let got = sign_in(&account, &user, None, &mut stamp).map(|(user, ..)| user.status);
            assert_eq!(got, expected, "{status:?}");
        }
    }

    #[test]
    fn ending_all_sessions_is_one_write() {
        let account = account("licensed-monthly");
        let user = user(&account, UserType::Member, 1);
        let mut stamp = stamp("2026-02-01T10:00:00Z");
        let (session, _) = Session::open(&user, &account.policy, None, &mut stamp);
        assert!(session.is_alive(&user, &account.policy, stamp.now));
        let change = sign_out_everywhere(&account, &user, &mut stamp);
        let [crate::Write::Replace { now, .. }] = change.writes.as_slice() else { panic!("one write") };
        let Record::User(now) = &**now else { panic!("of the user") };
        assert!(!session.is_alive(now, &account.policy, stamp.now));
    }

    #[test]
    fn a_session_lives_as_long_as_it_is_used() {
        let account = account("licensed-monthly");
        let user = user(&account, UserType::Member, 1);
        let mut stamp = stamp("2026-02-01T10:00:00Z");
        let (session, _) = Session::open(&user, &account.policy, None, &mut stamp);
        let end = session.expires_at(&account.policy);
        for (seconds, alive) in [(-1, true), (0, false), (1, false)] {
            let now = end + chrono::Duration::seconds(seconds);
            assert_eq!(session.is_alive(&user, &account.policy, now), alive, "{seconds}");
        }
        for (minutes, worth) in [(0, false), (14, false), (15, true)] {
            let now = session.created_at + chrono::Duration::minutes(minutes);
            assert_eq!(session.is_worth_noting(&account.policy, now), worth, "{minutes}");
        }
    }
}
