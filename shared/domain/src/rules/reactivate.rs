//! Reactivation: only with a free license.

use serde_json::json;

use crate::account::Account;
use crate::audit::AuditEntry;
use crate::change::{Change, Record};
use crate::counts::Counts;
use crate::refusal::Refusal;
use crate::rules::rank::may_restore;
use crate::stamp::Stamp;
use crate::user::{Seat, User, UserStatus};

/// Reactivates a user (L8, R12, W5): a user of a licensed type takes a license again, and without a free one the
/// answer is no. One who is active already stays so.
///
/// Refuses whoever would get rights back that the actor lacks: only an administrator makes an admin.
pub fn reactivate(
    account: &Account,
    counts: &Counts,
    actor: &User,
    user: &User,
    stamp: &mut Stamp,
) -> Result<(User, Change), Refusal> {
    let mut change = Change::new(account.id, account.subscription.model);
    match user.status {
        UserStatus::Deactivated => {}
        UserStatus::Active => return Ok((user.clone(), change)),
        UserStatus::Pending => return Err(Refusal::UserPending),
        UserStatus::Deleted => return Err(Refusal::NotFound),
    }
    may_restore(actor, user)?;
    let licensed = account.policy.licensed_types.contains(user.user_type);
    let now = User {
        status: UserStatus::Active,
        seat: if licensed { Seat::Held } else { Seat::None },
        deactivated_at: None,
        version: user.version + 1,
        ..user.clone()
    };
    change.counts = change.counts.moved(Some(user), Some(&now)).checked(counts)?;
    change.replace(Record::User(user.clone()), Record::User(now.clone()));
    let values = (json!({ "status": user.status }), json!({ "status": now.status }));
    change.audit.push(AuditEntry::of(account.id, "user.reactivated", user.id, values, stamp));
    Ok((now, change))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{account, stamp, user};
    use crate::user::UserType;

    #[test]
    fn a_free_license_is_needed_where_licenses_are_bought_l8() {
        for (plan_id, user_type, available, expected) in [
            ("licensed-monthly", UserType::Member, 1, Ok(Seat::Held)),
            ("licensed-monthly", UserType::Member, 0, Err(Refusal::NoLicenseAvailable)),
            ("licensed-monthly", UserType::Guest, 0, Ok(Seat::None)),
            ("licensed-monthly", UserType::Viewer, 0, Ok(Seat::None)),
            ("metered-monthly", UserType::Member, 0, Ok(Seat::Held)),
            ("unlimited", UserType::Admin, 0, Ok(Seat::Held)),
        ] {
            let account = account(plan_id);
            let counts = Counts { admins: 1, active: 1, available, ..Counts::default() };
            let target = User { status: UserStatus::Deactivated, seat: Seat::None, ..user(&account, user_type, 2) };
            let mut stamp = stamp("2026-02-01T10:00:00Z");
            let actor = user(&account, UserType::Admin, 1);
            let got = reactivate(&account, &counts, &actor, &target, &mut stamp).map(|(user, _)| user.seat);
            assert_eq!(got, expected, "{plan_id} {user_type:?} {available}");
        }
    }

    #[test]
    fn who_can_be_reactivated_r12() {
        let account = account("unlimited");
        for (status, expected) in [
            (UserStatus::Active, Ok(false)),
            (UserStatus::Deactivated, Ok(true)),
            (UserStatus::Pending, Err(Refusal::UserPending)),
            (UserStatus::Deleted, Err(Refusal::NotFound)),
        ] {
            let target = User { status, ..user(&account, UserType::Member, 2) };
            let mut stamp = stamp("2026-02-01T10:00:00Z");
            let actor = user(&account, UserType::Admin, 1);
            let got = reactivate(&account, &Counts::default(), &actor, &target, &mut stamp)
                .map(|(_, change)| !change.is_nothing());
            assert_eq!(got, expected, "{status:?}");
        }
    }
}
