//! Roles: what a user may do. A user's type says who he is, the role says what he may.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id::RoleId;
use crate::user::UserType;

macro_rules! permissions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)*) => {
        /// A right that a role can hold.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        pub enum Permission {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        impl Permission {
            /// Every permission.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name on the wire, such as `users.read`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

permissions! {
    /// See the account's users.
    UsersRead = "users.read";
    /// Invite and create users.
    UsersInvite = "users.invite";
    /// Edit users' profiles and types.
    UsersWrite = "users.write";
    /// Deactivate and reactivate users.
    UsersStatus = "users.status";
    /// Delete users for good.
    UsersDelete = "users.delete";
    /// Reset passwords, second factors and addresses.
    UsersCredentials = "users.credentials";
    /// Make and give roles.
    RolesWrite = "roles.write";
    /// Change the account and its policy.
    AccountWrite = "account.write";
    /// See licenses and invoices.
    BillingRead = "billing.read";
    /// Buy licenses.
    BillingWrite = "billing.write";
    /// Register and move resources.
    ResourcesWrite = "resources.write";
    /// See and enter customers' accounts.
    CustomersAccess = "customers.access";
    /// Read the audit log.
    AuditRead = "audit.read";
    /// Make SCIM tokens.
    ScimWrite = "scim.write";
}

/// A set of permissions, in a fixed order.
pub type Permissions = BTreeSet<Permission>;

/// The roles that every account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuiltIn {
    /// Every permission.
    Administrator,
    /// What a member of the team may.
    Member,
    /// What somebody who only looks may.
    Viewer,
    /// What somebody from outside may.
    Guest,
}

impl BuiltIn {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Administrator, Self::Member, Self::Viewer, Self::Guest];

    /// The role that a user of this type gets when none is named.
    pub const fn for_type(user_type: UserType) -> Self {
        match user_type {
            UserType::Admin => Self::Administrator,
            UserType::Member => Self::Member,
            UserType::Viewer => Self::Viewer,
            UserType::Guest => Self::Guest,
        }
    }

    /// Its id: the same in every account.
    pub const fn id(self) -> RoleId {
        RoleId::from_uuid(Uuid::from_u128(match self {
            Self::Administrator => 1,
            Self::Member => 2,
            Self::Viewer => 3,
            Self::Guest => 4,
        }))
    }

    /// The built-in role of that id, if it is one.
    pub fn of_id(id: RoleId) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.id() == id)
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Member => "member",
            Self::Viewer => "viewer",
            Self::Guest => "guest",
        }
    }

    /// Its permissions (B1: internals have not the admin's rights).
    pub fn permissions(self) -> Permissions {
        match self {
            Self::Administrator => Permission::ALL.iter().copied().collect(),
            Self::Member => [Permission::UsersRead, Permission::ResourcesWrite].into(),
            Self::Viewer => [Permission::UsersRead].into(),
            Self::Guest => Permissions::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_roles_have_ids_of_their_own() {
        for role in BuiltIn::ALL {
            assert_eq!(BuiltIn::of_id(role.id()), Some(role));
        }
        assert_eq!(BuiltIn::Administrator.id().to_string(), "rol_00000000000000000000000001");
    }

    #[test]
    fn only_administrators_change_others_b1() {
        for role in [BuiltIn::Member, BuiltIn::Viewer, BuiltIn::Guest] {
            for permission in role.permissions() {
                assert!(
                    matches!(permission, Permission::UsersRead | Permission::ResourcesWrite),
                    "{role:?} {permission:?}"
                );
            }
        }
    }
}
