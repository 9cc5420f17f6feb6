//! Contacts: whom somebody keeps at hand (B3, B6).

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, UserId};
use crate::user::{User, UserStatus};

/// Somebody's contact. It holds nothing of either but the ids: whatever is shown is the user's, as it is then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The account.
    pub account_id: AccountId,
    /// Whose.
    pub user_id: UserId,
    /// Who it is.
    pub other_id: UserId,
    /// Whether the other may have no contact in return. One that surely has is found by that; this one has to be found by
    /// the other through an index, which costs a write more.
    pub alone: bool,
}

impl Contact {
    /// Somebody as a contact of a user.
    pub const fn of(user: &User, other: UserId, alone: bool) -> Self {
        Self { account_id: user.account_id, user_id: user.id, other_id: other, alone }
    }
}

/// Whether mails reach a user: at a confirmed address, as long as he has access (B3).
pub fn can_receive_mail(user: &User) -> bool {
    user.email.is_some() && user.email_verified && user.status == UserStatus::Active
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{account, user};
    use crate::user::UserType;

    #[test]
    fn mails_reach_confirmed_addresses_of_who_is_active_b3() {
        let ben = user(&account("unlimited"), UserType::Member, 1);
        assert!(can_receive_mail(&ben));
        assert!(!can_receive_mail(&User { email: None, ..ben.clone() }));
        assert!(!can_receive_mail(&User { email_verified: false, ..ben.clone() }));
        for status in UserStatus::ALL {
            let ben = User { status, ..ben.clone() };
            assert_eq!(can_receive_mail(&ben), status == UserStatus::Active, "{status:?}");
        }
    }
}
