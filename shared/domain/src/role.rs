//! Roles: what a user may do. A user's type says who he is, the role says what he may.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Instant;
use crate::id::{AccountId, RoleId};
use crate::user::UserType;

macro_rules! permissions {
    ($($variant:ident = $name:literal, $text:literal;)*) => {
        /// A right that a role can hold.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        pub enum Permission {
            $(#[doc = $text] #[serde(rename = $name)] $variant,)*
        }

        impl Permission {
            /// Every permission.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// What it lets somebody do, in a few words.
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// The name on the wire, such as `users.read`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

permissions! {
    UsersRead = "users.read", "See the account's users.";
    UsersInvite = "users.invite", "Invite and create users.";
    UsersWrite = "users.write", "Edit users' profiles and types.";
    UsersStatus = "users.status", "Deactivate and reactivate users.";
    UsersDelete = "users.delete", "Delete users for good.";
    UsersCredentials = "users.credentials", "Reset passwords, second factors and addresses.";
    RolesWrite = "roles.write", "Make and give roles.";
    AccountWrite = "account.write", "Change the account and its policy.";
    BillingRead = "billing.read", "See licenses and invoices.";
    BillingWrite = "billing.write", "Buy licenses.";
    ResourcesWrite = "resources.write", "Register and move resources.";
    CustomersAccess = "customers.access", "See and enter customers' accounts.";
    AuditRead = "audit.read", "Read the audit log.";
    ScimWrite = "scim.write", "Make SCIM tokens.";
}

/// A set of permissions, in a fixed order.
pub type Permissions = BTreeSet<Permission>;

/// A role as it counts for a user: what it is called and what it allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its id.
    pub id: RoleId,
    /// Its name.
    pub name: String,
    /// What it allows.
    pub permissions: Permissions,
}

/// A role that an account has made for itself (R2, P5).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CustomRole {
    /// Its id.
    pub id: RoleId,
    /// Whose it is.
    pub account_id: AccountId,
    /// Its name.
    pub name: String,
    /// What it allows.
    pub permissions: Permissions,
    /// How many users have it.
    pub users: i64,
    /// When it was made.
    pub created_at: Instant,
    /// Counts the edits, from 1: what clients know as the version.
    pub edition: u64,
    /// Counts the writes, from 1: also those of users who get or lose the role.
    pub version: u64,
}

impl CustomRole {
    /// As it counts for a user.
    pub fn role(&self) -> Role {
        Role { id: self.id, name: self.name.clone(), permissions: self.permissions.clone() }
    }
}

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

    /// As it counts for a user.
    pub fn role(self) -> Role {
        Role { id: self.id(), name: self.name().to_owned(), permissions: self.permissions() }
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
