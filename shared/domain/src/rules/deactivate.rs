//! Deactivation: access ends at once, the license is free, everything that the user did stays.

use serde_json::json;

use crate::account::Account;
use crate::audit::AuditEntry;
use crate::change::{Change, Record};
use crate::counts::Counts;
use crate::refusal::Refusal;
use crate::rules::rank::may_unmake;
use crate::stamp::Stamp;
use crate::user::{Seat, User, UserStatus};

/// Deactivates a user (L5, R10, W3): sessions end, the license is free, a change of address is off. One who is deactivated already stays so.
///
/// Refuses oneself, who is pending, an admin unless the actor is an administrator, and the last of those.
pub fn deactivate(
    account: &Account,
    counts: &Counts,
    actor: &User,
    user: &User,
    stamp: &mut Stamp,
) -> Result<(User, Change), Refusal> {
    if actor.id == user.id {
        return Err(Refusal::CannotChangeSelf);
    }
    let mut change = Change::new(account.id, account.subscription.model);
    match user.status {
        UserStatus::Active => {}
        UserStatus::Pending => return Err(Refusal::UserPending),
        UserStatus::Deactivated => return Ok((user.clone(), change)),
        UserStatus::Deleted => return Err(Refusal::NotFound),
    }
    may_unmake(actor, user)?;
    let now = User {
        status: UserStatus::Deactivated,
        seat: Seat::None,
        session_epoch: user.session_epoch + 1,
        deactivated_at: Some(stamp.now),
        // Nobody answers for it any more.
        email_change: None,
        version: user.version + 1,
        ..user.clone()
    };
    change.counts = change.counts.moved(Some(user), Some(&now)).checked(counts)?;
    change.replace(Record::User(user.clone()), Record::User(now.clone()));
    let values = (json!({ "status": user.status }), json!({ "status": now.status }));
    change.audit.push(AuditEntry::of(account.id, "user.deactivated", user.id, values, stamp));
    Ok((now, change))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::rules::fixtures::{account, stamp, user};
    use crate::user::UserType;

    #[test]
    fn who_can_be_deactivated_l5_w3() {
        let account = account("licensed-monthly");
        let counts =
            |admins| Counts { active: 3, admins, administrators: admins, purchased: 3, in_use: 3, ..Counts::default() };
        for (user_type, status, admins, expected) in [
            (UserType::Member, UserStatus::Active, 1, Ok(UserStatus::Deactivated)),
            (UserType::Member, UserStatus::Deactivated, 1, Ok(UserStatus::Deactivated)),
            (UserType::Member, UserStatus::Pending, 1, Err(Refusal::UserPending)),
            (UserType::Member, UserStatus::Deleted, 1, Err(Refusal::NotFound)),
            (UserType::Admin, UserStatus::Active, 2, Ok(UserStatus::Deactivated)),
            (UserType::Admin, UserStatus::Active, 1, Err(Refusal::LastAdmin)),
        ] {
            let actor = user(&account, UserType::Admin, 1);
            let target = User { status, ..user(&account, user_type, 2) };
            let mut stamp = stamp("2026-02-01T10:00:00Z");
            let got = deactivate(&account, &counts(admins), &actor, &target, &mut stamp).map(|(user, _)| user.status);
            assert_eq!(got, expected, "{user_type:?} {status:?} of {admins} admins");
        }
    }

    #[test]
    fn the_license_is_free_and_the_sessions_are_over_l5() {
        let account = account("licensed-monthly");
        let counts = Counts { active: 2, admins: 1, administrators: 1, purchased: 2, in_use: 2, ..Counts::default() };
        let target = user(&account, UserType::Member, 2);
        let mut stamp = stamp("2026-02-01T10:00:00Z");
        let (now, change) =
            deactivate(&account, &counts, &user(&account, UserType::Admin, 1), &target, &mut stamp).unwrap();
        assert_eq!((change.counts.delta.in_use, change.counts.delta.available), (-1, 1));
        assert_eq!((now.seat, now.session_epoch), (Seat::None, target.session_epoch + 1));
        let myself = deactivate(&account, &counts, &target, &target, &mut stamp);
        assert_eq!(myself.err(), Some(Refusal::CannotChangeSelf));
    }
}
