//! Users.

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::id::{AccountId, InvitationId, RoleId, UserId};
use crate::locale::Locale;
use crate::password::PasswordHash;
use crate::policy::SignIn;
use crate::role::Permissions;
use crate::text::{Email, fold};

/// Who a user is to the account: says visibility and billing (B1, W7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum UserType {
    /// Runs the account.
    Admin,
    /// Works in it.
    Member,
    /// Looks at it.
    Viewer,
    /// Comes from outside.
    Guest,
}

impl UserType {
    /// Every type.
    pub const ALL: [Self; 4] = [Self::Admin, Self::Member, Self::Viewer, Self::Guest];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Member => "member",
            Self::Viewer => "viewer",
            Self::Guest => "guest",
        }
    }
}

/// Where a user stands (R6, W2). The order is that of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum UserStatus {
    /// Can sign in.
    Active,
    /// Has not signed in yet.
    Pending,
    /// Blocked; everything that he did stays.
    Deactivated,
    /// Gone for good.
    Deleted,
}

impl UserStatus {
    /// Every status, in the order of lists.
    pub const ALL: [Self; 4] = [Self::Active, Self::Pending, Self::Deactivated, Self::Deleted];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Pending => "pending",
            Self::Deactivated => "deactivated",
            Self::Deleted => "deleted",
        }
    }
}

/// What a user has of the account's licenses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Seat {
    /// None: not of a licensed type, or not in use.
    None,
    /// One is kept for the day of acceptance.
    Reserved,
    /// One is in use.
    Held,
}

/// A user of an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The account it belongs to.
    pub account_id: AccountId,
    /// Who it is to the account.
    pub user_type: UserType,
    /// Its role.
    pub role_id: RoleId,
    /// The role's name.
    pub role_name: String,
    /// What the role allows.
    pub permissions: Permissions,
    /// Where it stands.
    pub status: UserStatus,
    /// Its license.
    pub seat: Seat,
    /// What others call it; of an invited user the address, until the acceptance.
    pub name: String,
    /// What it signs in with, beside the address.
    pub login: String,
    /// Its address; none for users who get no mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// Whether the holder has shown that the address is his (B3).
    pub email_verified: bool,
    /// A telephone number, as typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// A job title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The language of mails and pages.
    pub locale: Locale,
    /// An IANA time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// How it signs in.
    pub sign_in: SignIn,
    /// The open invitation that it hangs on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation_id: Option<InvitationId>,
    /// Every session made under another number than this is over.
    pub session_epoch: u32,
    /// When it was last seen, to a quarter of an hour (W11).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_active_at: Option<Instant>,
    /// When it was made.
    pub created_at: Instant,
    /// When it first became active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activated_at: Option<Instant>,
    /// Since when it is deactivated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deactivated_at: Option<Instant>,
    /// Counts the changes, from 1.
    pub version: u64,
}

impl User {
    /// The name as lists sort by it.
    pub fn sort_name(&self) -> String {
        fold(&self.name)
    }

    /// What the user can sign in with, folded: the login and the address, each once. Each is claimed in the account.
    pub fn handles(&self) -> Vec<String> {
        let login = fold(&self.login);
        let email = self.email.as_ref().map(Email::folded).filter(|email| *email != login);
        std::iter::once(login).chain(email).collect()
    }

    /// Whether it is worth a write that the user was seen: the last note is a quarter of an hour old (W11).
    pub fn is_worth_noting(&self, now: Instant) -> bool {
        self.last_active_at.is_none_or(|at| now - at >= TimeDelta::minutes(15))
    }

    /// Whether the user is an active admin: one of those of whom an account keeps at least one.
    pub fn is_active_admin(&self) -> bool {
        self.user_type == UserType::Admin && self.status == UserStatus::Active
    }
}

/// What a user proves himself with; kept apart from [`User`], so that no list can carry it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Credential {
    /// Whose it is.
    pub user_id: UserId,
    /// The account.
    pub account_id: AccountId,
    /// The password, unless there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<PasswordHash>,
    /// Counts the changes, from 1.
    pub version: u64,
}
