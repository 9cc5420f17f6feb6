//! Signing in, and out.

use serde_json::{Value, json};

use crate::account::Account;
use crate::audit::AuditEntry;
use crate::change::{Change, Record};
use crate::counts::Counts;
use crate::policy::SignIn;
use crate::refusal::Refusal;
use crate::secret::Secret;
use crate::session::Session;
use crate::stamp::Stamp;
use crate::user::{Seat, User, UserStatus};

/// Whether a user who has proved himself in this way may come in.
pub fn admits(account: &Account, user: &User, method: SignIn) -> Result<(), Refusal> {
    match user.status {
        UserStatus::Active => {}
        // An invited user has no password before the acceptance.
        UserStatus::Pending if user.invitation_id.is_none() => {}
        UserStatus::Deactivated => return Err(Refusal::UserDeactivated),
        UserStatus::Pending | UserStatus::Deleted => return Err(Refusal::InvalidCredentials),
    }
    if user.sign_in != method || !account.policy.sign_in_methods.0.contains(&method) {
        return Err(Refusal::SignInMethodNotAllowed);
    }
    Ok(())
}

/// Lets a user in who has proved himself. A pending user becomes active with it (R6), and takes the license that was kept
/// for him, or one that is free where the policy keeps none (B11).
///
/// `now` is the user as this sign-in leaves him, where the change says more of him already.
pub fn enter(
    account: &Account,
    counts: &Counts,
    (user, mut now): (&User, User),
    change: &mut Change,
    stamp: &mut Stamp,
) -> Result<User, Refusal> {
    admits(account, user, user.sign_in)?;
    if user.status == UserStatus::Pending {
        let licensed = account.policy.licensed_types.contains(user.user_type);
        now.status = UserStatus::Active;
        now.activated_at = Some(stamp.now);
        now.last_active_at = Some(stamp.now);
        now.seat = if licensed { Seat::Held } else { Seat::None };
        change.counts = change.counts.moved(Some(user), Some(&now)).checked(counts)?;
        let values = (json!({ "status": user.status }), json!({ "status": now.status }));
        change.audit.push(AuditEntry::of(account.id, "user.activated", user.id, values, stamp));
    }
    if now != *user {
        now.version = user.version + 1;
        change.replace(Record::User(user.clone()), Record::User(now.clone()));
    }
    Ok(now)
}

/// Lets a user in, and opens a session.
pub fn sign_in(
    account: &Account,
    counts: &Counts,
    users: (&User, User),
    user_agent: Option<&str>,
    mut change: Change,
    stamp: &mut Stamp,
) -> Result<(User, Session, Secret, Change), Refusal> {
    stamp.origin.actor = Some(users.0.id);
    let now = enter(account, counts, users, &mut change, stamp)?;
    let (session, token) = Session::open(&now, &account.policy, user_agent, stamp);
    change.create(Record::Session(session.clone()));
    change.audit.push(AuditEntry::of(
        account.id,
        "session.created",
        session.id,
        (Value::Null, json!({ "user_id": now.id })),
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
    change.replace(Record::User(user.clone()), Record::User(user.signed_out()));
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
            let change = Change::new(account.id, account.subscription.model);
            let pair = (&user, user.clone());
            let got = sign_in(&account, &Counts::default(), pair, None, change, &mut stamp);
            assert_eq!(got.map(|(user, ..)| user.status), expected, "{status:?}");
        }
    }

    #[test]
    fn which_way_of_signing_in_is_let_in_p4() {
        let mut account = account("licensed-monthly");
        for (own, used, allowed, ok) in [
            (SignIn::Password, SignIn::Password, vec![SignIn::Password], true),
            (SignIn::Password, SignIn::Password, vec![SignIn::Google], false),
            (SignIn::Google, SignIn::Google, vec![SignIn::Google], true),
            (SignIn::Google, SignIn::Password, vec![SignIn::Password, SignIn::Google], false),
            (SignIn::Google, SignIn::Microsoft, vec![SignIn::Microsoft, SignIn::Google], false),
        ] {
            account.policy.sign_in_methods.0 = allowed;
            let user = User { sign_in: own, ..user(&account, UserType::Member, 1) };
            assert_eq!(admits(&account, &user, used).is_ok(), ok, "{own:?} {used:?}");
        }
    }

    #[test]
    fn the_first_sign_in_takes_a_license_where_none_was_kept_b11() {
        let account = account("licensed-monthly");
        for (seat, available, expected) in [
            (Seat::Reserved, 0, Ok((Seat::Held, 0))),
            (Seat::None, 1, Ok((Seat::Held, -1))),
            (Seat::None, 0, Err(Refusal::NoLicenseAvailable)),
        ] {
            let user = User { status: UserStatus::Pending, seat, ..user(&account, UserType::Member, 1) };
            let change = Change::new(account.id, account.subscription.model);
            let counts = Counts { available, ..Counts::default() };
            let mut stamp = stamp("2026-02-01T10:00:00Z");
            let got = sign_in(&account, &counts, (&user, user.clone()), None, change, &mut stamp);
            assert_eq!(got.map(|(user, _, _, change)| (user.seat, change.counts.delta.available)), expected);
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
