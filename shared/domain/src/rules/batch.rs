//! One of many (W7, W8): what a batch asks of each user, and what it refuses one by one.

use crate::account::Account;
use crate::change::Change;
use crate::counts::Counts;
use crate::refusal::Refusal;
use crate::rules::confer::Named;
use crate::rules::deactivate::deactivate;
use crate::rules::reactivate::reactivate;
use crate::rules::set_type::set_type;
use crate::stamp::Stamp;
use crate::user::{User, UserStatus, UserType};

/// Most users of one batch.
pub const MOST_USERS: usize = 200;

/// What a batch sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    /// The type.
    Type(UserType),
    /// Active, or not.
    Active(bool),
}

/// Sets it for one user; a change of nothing where it is so already. `counts` are the numbers after the users before him.
///
/// Refuses, beyond what the same refuses for one user alone: oneself, a status of somebody pending, and who takes no license
/// to a type that takes one.
pub fn set(
    account: &Account,
    counts: &Counts,
    actor: &User,
    user: &User,
    set: Set,
    stamp: &mut Stamp,
) -> Result<Change, Refusal> {
    if actor.id == user.id {
        return Err(Refusal::CannotChangeSelf);
    }
    let (_, change) = match set {
        Set::Type(user_type) => {
            let pays = |user_type| account.policy.licensed_types.contains(user_type);
            if !pays(user.user_type) && pays(user_type) {
                return Err(Refusal::UnpaidToPaid);
            }
            set_type(account, counts, actor, user, (user_type, &Named::Own), stamp)?
        }
        Set::Active(_) if user.status == UserStatus::Pending => return Err(Refusal::UserPending),
        Set::Active(false) => deactivate(account, counts, actor, user, stamp)?,
        Set::Active(true) => reactivate(account, counts, actor, user, stamp)?,
    };
    Ok(change)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{account, stamp, user};
    use crate::user::Seat;

    #[test]
    fn what_is_refused_one_by_one_w8() {
        use UserType::{Admin, Guest, Member, Viewer};
        let mut account = account("licensed-monthly");
        account.policy.guests.company_domains = vec!["example.com".into()];
        let actor = user(&account, Admin, 1);
        let counts = Counts { available: 0, administrators: 1, admins: 1, ..Counts::default() };
        for (number, from, status, to, expected) in [
            (2, Member, UserStatus::Active, Set::Type(Viewer), Ok(false)),
            (2, Member, UserStatus::Active, Set::Type(Member), Ok(true)),
            (1, Admin, UserStatus::Active, Set::Type(Member), Err(Refusal::CannotChangeSelf)),
            (2, Member, UserStatus::Active, Set::Type(Guest), Err(Refusal::GuestDomainNotAllowed)),
            (2, Viewer, UserStatus::Active, Set::Type(Member), Err(Refusal::UnpaidToPaid)),
            (2, Viewer, UserStatus::Pending, Set::Type(Viewer), Ok(true)),
            (2, Admin, UserStatus::Active, Set::Type(Member), Err(Refusal::LastAdmin)),
            (1, Admin, UserStatus::Active, Set::Active(false), Err(Refusal::CannotChangeSelf)),
            (2, Member, UserStatus::Pending, Set::Active(false), Err(Refusal::UserPending)),
            (2, Member, UserStatus::Pending, Set::Active(true), Err(Refusal::UserPending)),
            (2, Admin, UserStatus::Active, Set::Active(false), Err(Refusal::LastAdmin)),
            (2, Member, UserStatus::Active, Set::Active(false), Ok(false)),
            (2, Member, UserStatus::Active, Set::Active(true), Ok(true)),
            (2, Member, UserStatus::Deactivated, Set::Active(false), Ok(true)),
            (2, Member, UserStatus::Deactivated, Set::Active(true), Err(Refusal::NoLicenseAvailable)),
            (2, Viewer, UserStatus::Deactivated, Set::Active(true), Ok(false)),
            (2, Member, UserStatus::Deleted, Set::Active(true), Err(Refusal::NotFound)),
        ] {
            let mut target = User { status, ..user(&account, from, number) };
            if status != UserStatus::Active {
                target.seat = Seat::None;
            }
            let mut stamp = stamp("2026-02-01T10:00:00Z");
            let got = set(&account, &counts, &actor, &target, to, &mut stamp).map(|change| change.is_nothing());
            assert_eq!(got, expected, "{from:?} {status:?} {to:?}");
        }
    }
}
