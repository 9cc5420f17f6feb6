//! Users.

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::avatar::Avatar;
use crate::customers::AccessMode;
use crate::email_change::{EmailChange, EmailChangeKind};
use crate::id::{AccountId, InvitationId, RoleId, UserId};
use crate::identity::Identity;
use crate::locale::Locale;
use crate::password::PasswordHash;
use crate::policy::SignIn;
use crate::role::{BuiltIn, Permission, Permissions, Role};
use crate::secret::SecretDigest;
use crate::text::{Email, fold};
use crate::totp::{PendingFactor, SecondFactor};

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

/// Which mails somebody wants beside those that concern himself: all, unless told otherwise (W10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Notifications {
    /// Requests to approve an invitation.
    pub approvals: bool,
    /// Renewals and invoices.
    pub billing: bool,
}

impl Default for Notifications {
    fn default() -> Self {
        Self { approvals: true, billing: true }
    }
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
    /// The change of address that was asked for last, unless it took effect or was cancelled (P2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_change: Option<EmailChange>,
    /// What stands for the addresses that it had before: what was sent to those is found by them when it is deleted (W6).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier_addresses: Vec<SecretDigest>,
    /// A telephone number, as typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// A job title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// A picture (R3, R7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<Avatar>,
    /// The language of mails and pages.
    pub locale: Locale,
    /// An IANA time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Which mails it wants (W10).
    #[serde(default)]
    pub notifications: Notifications,
    /// How it signs in.
    pub sign_in: SignIn,
    /// Whether a second factor is set up.
    #[serde(default)]
    pub two_factor: bool,
    /// Whether it has confirmed who it is at Google or Microsoft.
    #[serde(default)]
    pub identity_bound: bool,
    /// Which customers it may enter, in a partner's account (P6).
    #[serde(default, skip_serializing_if = "AccessMode::is_all")]
    pub customer_access: AccessMode,
    /// The open invitation that it hangs on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation_id: Option<InvitationId>,
    /// The account's period in which it was paid for last, where users are counted: it is not charged twice in one (B11).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_in: Option<i64>,
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

/// What is known of a user from the first.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Its id.
    pub id: UserId,
    /// Who it is to the account.
    pub user_type: UserType,
    /// Its role.
    pub role: Role,
    /// What others call it.
    pub name: String,
    /// What it signs in with, beside the address.
    pub login: String,
    /// Its address.
    pub email: Option<Email>,
    /// The language of mails and pages.
    pub locale: Locale,
}

impl User {
    /// A user who has not signed in yet, without a license, who is to sign in with a password.
    pub fn pending(account: AccountId, new: NewUser, now: Instant) -> Self {
        Self {
            id: new.id,
            account_id: account,
            user_type: new.user_type,
            role_id: new.role.id,
            role_name: new.role.name,
            permissions: new.role.permissions,
            status: UserStatus::Pending,
            seat: Seat::None,
            name: new.name,
            login: new.login,
            email: new.email,
            email_verified: false,
            email_change: None,
            earlier_addresses: Vec::new(),
            phone: None,
            title: None,
            avatar: None,
            locale: new.locale,
            time_zone: None,
            notifications: Notifications::default(),
            sign_in: SignIn::Password,
            two_factor: false,
            identity_bound: false,
            customer_access: AccessMode::All,
            invitation_id: None,
            paid_in: None,
            session_epoch: 1,
            last_active_at: None,
            created_at: now,
            activated_at: None,
            deactivated_at: None,
            version: 1,
        }
    }

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

    /// The change of address of which something is still to come now.
    pub fn pending_email_change(&self, now: Instant) -> Option<&EmailChange> {
        self.email_change.as_ref().filter(|change| change.is_pending(now))
    }

    /// Whether it is worth a write that the user was seen: the last note is a quarter of an hour old (W11).
    pub fn is_worth_noting(&self, now: Instant) -> bool {
        self.last_active_at.is_none_or(|at| now - at >= TimeDelta::minutes(15))
    }

    /// Whether it has never signed in and was not invited either, but made by an admin (R3).
    pub fn is_created_and_pending(&self) -> bool {
        self.status == UserStatus::Pending && self.invitation_id.is_none()
    }

    /// The same user, signed out on every device: all sessions bear an epoch that is over.
    pub fn signed_out(&self) -> Self {
        // What was asked for with a session and a password that count no more counts no more itself.
        let email_change = self.email_change.clone().filter(|change| change.kind != EmailChangeKind::Own);
        Self { session_epoch: self.session_epoch + 1, version: self.version + 1, email_change, ..self.clone() }
    }

    /// The role, as it counts for the user.
    pub fn role(&self) -> Role {
        Role { id: self.role_id, name: self.role_name.clone(), permissions: self.permissions.clone() }
    }

    /// The same user with another role.
    pub fn with_role(&self, role: Role) -> Self {
        Self { role_id: role.id, role_name: role.name, permissions: role.permissions, ..self.clone() }
    }

    /// Whether the user holds every right: only such a one makes and unmakes admins.
    pub fn is_administrator(&self) -> bool {
        self.role_id == BuiltIn::Administrator.id()
    }

    /// Whether the user is an active administrator: one of those of whom an account keeps at least one, since nobody else
    /// could make another. Whoever may enter chosen customers alone could not either (P6).
    pub fn is_active_administrator(&self) -> bool {
        self.is_active_admin() && self.is_administrator() && self.customer_access.is_all()
    }

    /// The rights that the user can give to others: his own, but for that to enter customers where he may enter chosen
    /// ones alone. Otherwise he would give more than he has (P6).
    pub fn conferrable(&self) -> Permissions {
        let mut rights = self.permissions.clone();
        if !self.customer_access.is_all() {
            rights.remove(&Permission::CustomersAccess);
        }
        rights
    }

    /// Whether the user is an active admin.
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
    /// Counts the passwords: a mailed link to choose one is good only under the number that it was made for.
    #[serde(default)]
    pub password_epoch: u32,
    /// The second factor, if one is set up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_factor: Option<SecondFactor>,
    /// A second factor that was shown and not confirmed yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_factor: Option<PendingFactor>,
    /// Who the user is at Google or Microsoft, once confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// Counts the changes, from 1.
    pub version: u64,
}

impl Credential {
    /// The credential of a new user: with a password, or with nothing yet.
    pub fn new(user: &User, password: Option<PasswordHash>) -> Self {
        Self {
            user_id: user.id,
            account_id: user.account_id,
            password,
            password_epoch: 1,
            second_factor: None,
            pending_factor: None,
            identity: None,
            version: 1,
        }
    }

    /// The same with another password, or with none: links that were mailed to choose one are over.
    pub fn with_password(&self, password: Option<PasswordHash>) -> Self {
        Self { password, password_epoch: self.password_epoch + 1, version: self.version + 1, ..self.clone() }
    }
}
