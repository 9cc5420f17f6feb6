//! Users, as they and others see them.

use domain::Instant;
use domain::customers::{AccessMode, Reach};
use domain::email_change::EmailChangeStatus;
use domain::id::{AccountId, RoleId, UserId};
use domain::locale::Locale;
use domain::policy::SignIn;
use domain::role::Permissions;
use domain::rules::visible::{address_visible, logins_visible};
use domain::text::Email;
use domain::user::{Notifications, Seat, User, UserStatus, UserType};
use schemars::JsonSchema;
use serde::Serialize;

/// A user.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "User")]
#[allow(missing_docs, reason = "as in domain::user")]
pub struct UserView {
    pub id: UserId,
    pub account_id: AccountId,
    pub r#type: UserType,
    pub role_id: RoleId,
    pub role_name: String,
    pub permissions: Permissions,
    pub status: UserStatus,
    pub name: String,
    /// Null for a deleted user; and as `notifications`, `sign_in` and `two_factor_enabled`, for whoever only reads.
    pub login: Option<String>,
    pub email: Option<Email>,
    pub email_verified: bool,
    pub phone: Option<String>,
    pub title: Option<String>,
    /// Where the picture is; null without one, and for whoever is deleted: a neutral picture stands in there (W6).
    pub avatar_url: Option<String>,
    pub locale: Locale,
    pub time_zone: Option<String>,
    pub notifications: Option<Notifications>,
    pub sign_in: Option<SignIn>,
    pub two_factor_enabled: Option<bool>,
    /// Whether a license is in use or kept for the user.
    pub licensed: bool,
    pub last_active_at: Option<Instant>,
    /// Since when activity is recorded: what "no activity since" means for a user without any (W11).
    pub activity_tracked_since: Instant,
    pub pending_email_change: Option<PendingEmailChange>,
    pub accessible_accounts: AccessibleAccounts,
    pub created_at: Instant,
    pub activated_at: Option<Instant>,
    pub deactivated_at: Option<Instant>,
    pub version: u64,
}

/// A user as others see it where one is chosen or named.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Person")]
#[allow(missing_docs, reason = "as in domain::user")]
pub struct PersonView {
    pub id: UserId,
    pub r#type: UserType,
    pub status: UserStatus,
    pub name: String,
    pub title: Option<String>,
    pub avatar_url: Option<String>,
    /// Null for guests, whom addresses are no business of (B3).
    pub email: Option<Email>,
}

impl PersonView {
    /// What one user sees of another.
    pub fn of(user: &User, viewer: &User, app_url: &str) -> Self {
        Self {
            id: user.id,
            r#type: user.user_type,
            status: user.status,
            name: user.name.clone(),
            title: user.title.clone(),
            avatar_url: avatar_url(user, app_url),
            email: user.email.clone().filter(|_| address_visible(viewer.user_type)),
        }
    }
}

/// Where a user's picture is loaded from.
fn avatar_url(user: &User, app_url: &str) -> Option<String> {
    user.avatar.as_ref().map(|avatar| format!("{app_url}{}", avatar.key.place(user.account_id)))
}

/// A change of address that is not in effect yet.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "as in the contract")]
pub struct PendingEmailChange {
    pub email: Email,
    pub status: PendingStatus,
    pub requested_at: Instant,
    /// The last moment at which it can take effect.
    pub expires_at: Instant,
}

/// What a change of address waits for.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "as in the contract")]
pub enum PendingStatus {
    /// The link that was mailed to the new address.
    AwaitingConfirmation,
    /// The holder's accept button (P3).
    AwaitingAccept,
}

impl PendingEmailChange {
    /// What is pending of a user at a moment: what is overdue is over, whatever the worker has come to.
    pub fn of(user: &User, now: Instant) -> Option<Self> {
        let change = user.pending_email_change(now)?;
        let status = match change.status {
            EmailChangeStatus::AwaitingConfirmation => PendingStatus::AwaitingConfirmation,
            EmailChangeStatus::AwaitingAccept => PendingStatus::AwaitingAccept,
            EmailChangeStatus::Expired => return None,
        };
        let (requested_at, expires_at) = (change.requested_at, change.expires_at);
        Some(Self { email: change.email.clone(), status, requested_at, expires_at })
    }
}

/// One's address, and what is to become of it (P3).
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "as in the contract")]
pub struct OwnEmail {
    pub user_id: UserId,
    pub email: Option<Email>,
    pub pending: Option<PendingEmailChange>,
}

impl OwnEmail {
    /// As it is at a moment.
    pub fn of(user: &User, now: Instant) -> Self {
        Self { user_id: user.id, email: user.email.clone(), pending: PendingEmailChange::of(user, now) }
    }
}

/// A change of address that has been asked for.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RequestedEmailChange {
    /// Whose address it is.
    pub user_id: UserId,
    /// The change.
    #[serde(flatten)]
    pub change: Option<PendingEmailChange>,
}

impl RequestedEmailChange {
    /// As it is at a moment.
    pub fn of(user: &User, now: Instant) -> Self {
        Self { user_id: user.id, change: PendingEmailChange::of(user, now) }
    }
}

/// Which customers' accounts a user may enter (P6).
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "as in the contract")]
pub struct AccessibleAccounts {
    pub mode: AccessMode,
    /// The customers that were chosen one by one; empty with `all`. Null in lists, and for whoever only reads.
    pub account_ids: Option<Vec<AccountId>>,
}

impl AccessibleAccounts {
    /// The same without the names of those that were chosen.
    fn unnamed(self) -> Self {
        Self { account_ids: self.account_ids.filter(|_| self.mode.is_all()), ..self }
    }
}

impl UserView {
    /// What another user sees of it: how somebody signs in is for himself and for who administers
    /// users, and addresses are for whoever belongs to the team (B3).
    #[must_use]
    pub fn to(self, viewer: &User) -> Self {
        if self.id == viewer.id || (logins_visible(viewer) && address_visible(viewer.user_type)) {
            return self;
        }
        Self {
            login: None,
            notifications: None,
            sign_in: None,
            two_factor_enabled: None,
            pending_email_change: None,
            accessible_accounts: self.accessible_accounts.unnamed(),
            email: self.email.filter(|_| address_visible(viewer.user_type)),
            ..self
        }
    }

    /// The same with the customers that were chosen for him.
    #[must_use]
    pub fn with_reach(mut self, reach: &Reach) -> Self {
        if let Reach::Selected(selection) = reach {
            self.accessible_accounts.account_ids = Some(selection.customers.iter().copied().collect());
        }
        self
    }

    /// What is seen of a user at a moment; `app_url` is what the address of the picture begins with.
    pub fn of(user: &User, app_url: &str, now: Instant) -> Self {
        let avatar_url = avatar_url(user, app_url);
        let pending_email_change = PendingEmailChange::of(user, now);
        let user = user.clone();
        Self {
            id: user.id,
            account_id: user.account_id,
            r#type: user.user_type,
            role_id: user.role_id,
            role_name: user.role_name,
            permissions: user.permissions,
            status: user.status,
            name: user.name,
            login: Some(user.login).filter(|login| !login.is_empty()),
            email: user.email,
            email_verified: user.email_verified,
            phone: user.phone,
            title: user.title,
            avatar_url,
            locale: user.locale,
            time_zone: user.time_zone,
            notifications: Some(user.notifications),
            sign_in: Some(user.sign_in),
            two_factor_enabled: Some(user.two_factor),
            licensed: user.seat != Seat::None,
            last_active_at: user.last_active_at,
            activity_tracked_since: user.created_at,
            pending_email_change,
            accessible_accounts: AccessibleAccounts {
                mode: user.customer_access,
                account_ids: user.customer_access.is_all().then(Vec::new),
            },
            created_at: user.created_at,
            activated_at: user.activated_at,
            deactivated_at: user.deactivated_at,
            version: user.version,
        }
    }
}
