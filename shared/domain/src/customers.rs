//! Partners and their customers: who of a partner's people may enter whose account (P6).

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::account::{Account, AccountKind};
use crate::id::{AccountId, UserId};
use crate::role::{BuiltIn, Permission};
use crate::user::User;

/// Most customers that are chosen one by one for a user. They stand in one item, which a change writes whole and each
/// request from a customer's account reads: 8 KB at most. Whoever needs more gets all.
pub const MOST_CHOSEN: usize = 500;

/// How a user's customers are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AccessMode {
    /// All that there are, and those that come.
    #[default]
    All,
    /// One by one.
    Selected,
}

impl AccessMode {
    /// Whether it is what everybody begins with.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
    pub fn is_all(&self) -> bool {
        *self == Self::All
    }
}

/// The customers that were chosen for a user, kept apart from [`User`] so that lists do not carry them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// The partner.
    pub account_id: AccountId,
    /// Whose it is.
    pub user_id: UserId,
    /// The customers.
    #[serde(with = "packed")]
    pub customers: BTreeSet<AccountId>,
    /// Counts the changes, from 1; 0 where none is kept yet.
    pub version: u64,
}

impl Selection {
    /// The selection of somebody for whom none is kept.
    pub const fn none(account_id: AccountId, user_id: UserId) -> Self {
        Self { account_id, user_id, customers: BTreeSet::new(), version: 0 }
    }

    /// The same with other customers.
    #[must_use]
    pub fn with(&self, customers: BTreeSet<AccountId>) -> Self {
        Self { customers, version: self.version + 1, ..*self }
    }
}

/// Which customers a user may enter, as it is known where it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All of them.
    All,
    /// These.
    Selected(Selection),
}

impl Reach {
    /// What is kept of a user's customers, as it counts for him.
    pub fn of(user: &User, kept: &Selection) -> Self {
        match user.customer_access {
            AccessMode::All => Self::All,
            AccessMode::Selected => Self::Selected(kept.clone()),
        }
    }

    /// Whether a customer is one of them.
    pub fn covers(&self, customer: AccountId) -> bool {
        match self {
            Self::All => true,
            Self::Selected(selection) => selection.customers.contains(&customer),
        }
    }

    /// How they were chosen.
    pub const fn mode(&self) -> AccessMode {
        match self {
            Self::All => AccessMode::All,
            Self::Selected(_) => AccessMode::Selected,
        }
    }
}

/// Whether a user of this account may enter that one: it is a customer of his account, he holds the right to enter
/// customers, and it is one of his.
pub fn may_enter(user: &User, reach: &Reach, customer: &Account) -> bool {
    customer.kind == AccountKind::Customer
        && customer.parent_account_id == Some(user.account_id)
        && user.permissions.contains(&Permission::CustomersAccess)
        && reach.covers(customer.id)
}

/// What a partner's user is called in a customer's account: with the partner's name, since nobody there knows him.
pub fn signed(name: &str, partner: &Account) -> String {
    format!("{name} ({})", partner.name)
}

/// What a partner's people have no right to in a customer's account, whatever they may at home: what its people sign in
/// with, their deletion, what makes and unmakes users elsewhere, and further customers. So they confer none of it either,
/// and lay no hands on whoever holds it.
pub const NOT_ABROAD: [Permission; 4] =
    [Permission::UsersCredentials, Permission::UsersDelete, Permission::ScimWrite, Permission::CustomersAccess];

/// A user as he acts in a customer's account: under his own rights but for [`NOT_ABROAD`], none of its administrators, and
/// signed with the partner's name. Which customers he may enter says nothing of what he may do there.
pub fn acting(user: &User, partner: &Account) -> User {
    let permissions = user.permissions.iter().copied().filter(|it| !NOT_ABROAD.contains(it)).collect();
    let role_id = if user.is_administrator() { BuiltIn::Member.id() } else { user.role_id };
    let name = signed(&user.name, partner);
    User { name, role_id, permissions, customer_access: AccessMode::All, ..user.clone() }
}

/// A note that a partner's user has acted for a customer: something of him may stand in the customer's account, and is
/// found by this when he is deleted (W6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// The partner.
    pub account_id: AccountId,
    /// Who.
    pub user_id: UserId,
    /// The customer.
    pub customer_id: AccountId,
}

/// Ids as sixteen octets each: half of what they take as text.
mod packed {
    use std::collections::BTreeSet;
    use std::fmt;

    use serde::de::{Error, Visitor};
    use serde::{Deserializer, Serializer};

    use crate::id::AccountId;

    const OCTETS: usize = 16;

    pub(super) fn serialize<S: Serializer>(ids: &BTreeSet<AccountId>, serializer: S) -> Result<S::Ok, S::Error> {
        let octets: Vec<u8> = ids.iter().flat_map(|id| id.bits().to_be_bytes()).collect();
        serializer.serialize_bytes(&octets)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<AccountId>, D::Error> {
        deserializer.deserialize_byte_buf(Octets)
    }

    struct Octets;

    impl Visitor<'_> for Octets {
        type Value = BTreeSet<AccountId>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("ids of sixteen octets each")
        }

        fn visit_bytes<E: Error>(self, octets: &[u8]) -> Result<Self::Value, E> {
            let (ids, []) = octets.as_chunks::<OCTETS>() else {
                return Err(E::invalid_length(octets.len(), &self));
            };
            Ok(ids.iter().map(|id| AccountId::from_bits(u128::from_be_bytes(*id))).collect())
        }

        fn visit_byte_buf<E: Error>(self, octets: Vec<u8>) -> Result<Self::Value, E> {
            self.visit_bytes(&octets)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Id;
    use crate::rules::fixtures::{account, user};
    use crate::user::UserType;

    #[test]
    fn who_may_enter_whom_p6() {
        let partner = Account { kind: AccountKind::Partner, ..account("unlimited") };
        let of = |number: u128, parent: Option<AccountId>, kind| Account {
            id: Id::from_bits(number),
            kind,
            parent_account_id: parent,
            ..account("basic")
        };
        let admin = user(&partner, UserType::Admin, 1);
        let member = user(&partner, UserType::Member, 2);
        let chosen = |ids: &[u128]| {
            let ids = ids.iter().map(|id| Id::from_bits(*id)).collect();
            Reach::Selected(Selection::none(admin.account_id, admin.id).with(ids))
        };
        let mine = of(7, Some(partner.id), AccountKind::Customer);
        for (who, reach, whom, expected) in [
            (&admin, Reach::All, &mine, true),
            (&admin, chosen(&[7, 8]), &mine, true),
            (&admin, chosen(&[8]), &mine, false),
            (&admin, chosen(&[]), &mine, false),
            (&member, Reach::All, &mine, false),
            (&member, chosen(&[7]), &mine, false),
            (&admin, Reach::All, &of(7, Some(Id::from_bits(3)), AccountKind::Customer), false),
            (&admin, chosen(&[7]), &of(7, Some(Id::from_bits(3)), AccountKind::Customer), false),
            (&admin, Reach::All, &of(7, None, AccountKind::Standard), false),
            (&admin, Reach::All, &partner, false),
        ] {
            assert_eq!(may_enter(who, &reach, whom), expected, "{} {reach:?} {:?}", who.name, whom.kind);
        }
    }

    #[test]
    fn an_acting_user_is_himself_under_another_signature() {
        let partner = Account { name: "Portal".into(), ..account("unlimited") };
        let user = User { customer_access: AccessMode::Selected, ..user(&partner, UserType::Admin, 1) };
        let there = acting(&user, &partner);
        assert_eq!((there.name.as_str(), there.id), ("User 1 (Portal)", user.id));
        assert!(!there.is_administrator());
        for permission in Permission::ALL {
            assert_eq!(there.permissions.contains(permission), !NOT_ABROAD.contains(permission), "{permission:?}");
        }
        assert!(there.customer_access.is_all());
    }
}
