//! What clients see of each object. A view names its fields: nothing reaches a client by being added to a record.

use domain::Instant;
use domain::account::{Account, AccountKind, Region};
use domain::audit::AuditEntry;
use domain::counts::Counts;
use domain::id::{AccountId, AuditId, InvitationId, RoleId, SessionId, UserId};
use domain::invitation::{Invitation, InvitationStatus};
use domain::locale::Locale;
use domain::policy::{Policy, SignIn};
use domain::role::{BuiltIn, CustomRole, Permission, Permissions, Role};
use domain::rules::visible::address_visible;
use domain::secret::Secret;
use domain::session::Session;
use domain::text::Email;
use domain::user::{Notifications, Seat, User, UserStatus, UserType};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// A page of a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ListOf{T}")]
pub struct List<T> {
    /// The rows.
    pub items: Vec<T>,
    /// What to ask for the next page with; null on the last.
    pub next_cursor: Option<String>,
}

/// How many users an account has.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(rename = "AccountCounts")]
pub struct CountsView {
    /// Can sign in.
    pub active: i64,
    /// Have not signed in yet.
    pub pending: i64,
    /// Are blocked.
    pub deactivated: i64,
    /// Active admins.
    pub admins: i64,
}

/// An account.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Account")]
#[allow(missing_docs, reason = "as in domain::account")]
pub struct AccountView {
    pub id: AccountId,
    pub name: String,
    pub slug: String,
    pub kind: AccountKind,
    pub parent_account_id: Option<AccountId>,
    pub region: Region,
    pub locale: Locale,
    pub plan_id: String,
    pub policy: Policy,
    pub counts: CountsView,
    pub created_at: Instant,
    pub version: u64,
}

impl AccountView {
    /// What is seen of an account.
    pub fn of(account: &Account, counts: &Counts) -> Self {
        Self {
            id: account.id,
            name: account.name.clone(),
            slug: account.slug.clone(),
            kind: account.kind,
            parent_account_id: account.parent_account_id,
            region: account.region,
            locale: account.locale,
            plan_id: account.plan_id.clone(),
            policy: account.policy.clone(),
            counts: CountsView {
                active: counts.active,
                pending: counts.pending,
                deactivated: counts.deactivated,
                admins: counts.admins,
            },
            created_at: account.created_at,
            version: account.version,
        }
    }
}

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

/// Whether somebody does more with users than read of them.
pub fn administers(viewer: &User) -> bool {
    use Permission::{UsersCredentials, UsersDelete, UsersInvite, UsersStatus, UsersWrite};
    [UsersWrite, UsersInvite, UsersStatus, UsersDelete, UsersCredentials]
        .iter()
        .any(|it| viewer.permissions.contains(it))
}

/// A role: what a user may do.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Role")]
#[allow(missing_docs, reason = "as in domain::role")]
pub struct RoleView {
    pub id: RoleId,
    pub name: String,
    pub permissions: Permissions,
    /// Whether every account has it, and nobody changes it.
    pub built_in: bool,
    /// How many users have it; null for built-in roles, whose users are not counted.
    pub users: Option<i64>,
    pub version: u64,
}

impl RoleView {
    /// What is seen of a role that every account has.
    pub fn built_in(role: BuiltIn) -> Self {
        let Role { id, name, permissions } = role.role();
        Self { id, name, permissions, built_in: true, users: None, version: 1 }
    }
}

impl From<&CustomRole> for RoleView {
    fn from(role: &CustomRole) -> Self {
        let Role { id, name, permissions } = role.role();
        Self { id, name, permissions, built_in: false, users: Some(role.users), version: role.edition }
    }
}

/// A change of address that is not in effect yet.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "as in the contract")]
pub struct PendingEmailChange {
    pub email: Email,
    pub status: String,
    pub requested_at: Instant,
    pub expires_at: Instant,
}

/// Which customers' accounts a user may enter (P6).
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "as in the contract")]
pub struct AccessibleAccounts {
    pub mode: String,
    pub account_ids: Vec<AccountId>,
}

impl UserView {
    /// What another user sees of it: how somebody signs in is for himself and for who administers
    /// users, and addresses are for whoever belongs to the team (B3).
    #[must_use]
    pub fn to(self, viewer: &User) -> Self {
        if self.id == viewer.id || (administers(viewer) && address_visible(viewer.user_type)) {
            return self;
        }
        Self {
            login: None,
            notifications: None,
            sign_in: None,
            two_factor_enabled: None,
            pending_email_change: None,
            email: self.email.filter(|_| address_visible(viewer.user_type)),
            ..self
        }
    }

    /// What is seen of a user; `app_url` is what the address of the picture begins with.
    pub fn of(user: &User, app_url: &str) -> Self {
        let avatar_url = avatar_url(user, app_url);
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
            pending_email_change: None,
            accessible_accounts: AccessibleAccounts { mode: "all".to_owned(), account_ids: Vec::new() },
            created_at: user.created_at,
            activated_at: user.activated_at,
            deactivated_at: user.deactivated_at,
            version: user.version,
        }
    }
}

/// An entry of the audit. What an action's secrets are never comes into one.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditEntry")]
pub struct AuditView {
    /// Its id; later entries sort later.
    pub id: AuditId,
    /// When.
    pub at: Instant,
    /// Who; null where nobody was signed in, and for the worker.
    pub actor: Option<UserId>,
    /// The account for whose people the actor was in this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acting_for: Option<AccountId>,
    /// What, such as `user.deactivated`.
    pub action: String,
    /// To whom or what: an id.
    pub subject: String,
    /// What was there; null where nothing was.
    pub before: Value,
    /// What is there now; null where nothing is.
    pub after: Value,
    /// The source address; null for the worker.
    pub ip: Option<String>,
}

impl From<AuditEntry> for AuditView {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: entry.id,
            at: entry.at,
            actor: entry.origin.actor,
            acting_for: entry.origin.acting_for,
            action: entry.action,
            subject: entry.subject,
            before: entry.before,
            after: entry.after,
            ip: entry.origin.ip,
        }
    }
}

/// A session that was just opened: the one time that its token is shown.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "as in the contract")]
pub struct OpenedSession {
    pub id: SessionId,
    pub token: String,
    pub expires_at: Instant,
}

impl OpenedSession {
    /// What is seen of a new session.
    pub fn of(session: &Session, token: &Secret, policy: &Policy) -> Self {
        Self { id: session.id, token: token.reveal().to_owned(), expires_at: session.expires_at(policy) }
    }
}

/// The answer to a sign-in.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "as in the contract")]
pub struct SignedIn {
    #[serde(flatten)]
    pub session: OpenedSession,
    pub user: UserView,
}

/// One of one's devices.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Session")]
#[allow(missing_docs, reason = "as in the contract")]
pub struct SessionView {
    pub id: SessionId,
    pub user_agent: Option<String>,
    pub created_at: Instant,
    pub last_active_at: Instant,
    pub expires_at: Instant,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// An invitation. Its link is in the mail and nowhere else.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Invitation")]
#[allow(missing_docs, reason = "as in domain::invitation")]
pub struct InvitationView {
    pub id: InvitationId,
    pub user_id: UserId,
    /// Null where the person was deleted for good.
    pub email: Option<Email>,
    pub r#type: UserType,
    pub role_id: RoleId,
    pub status: InvitationStatus,
    pub invited_by: UserId,
    pub approved_by: Option<UserId>,
    pub message: Option<String>,
    pub locale: Locale,
    pub sent_at: Option<Instant>,
    pub expires_at: Option<Instant>,
    pub times_sent: u32,
    pub created_at: Instant,
    pub version: u64,
}

impl InvitationView {
    /// What is seen of an invitation at a moment: one past its window is expired, whatever the worker has come to.
    pub fn of(invitation: &Invitation, now: Instant) -> Self {
        let status = invitation.status_at(now);
        let invitation = invitation.clone();
        Self {
            id: invitation.id,
            user_id: invitation.user_id,
            email: Some(invitation.email).filter(|_| !invitation.erased),
            r#type: invitation.user_type,
            role_id: invitation.role_id,
            status,
            invited_by: invitation.invited_by,
            approved_by: invitation.approved_by,
            message: invitation.message,
            locale: invitation.locale,
            sent_at: invitation.sent_at,
            expires_at: invitation.expires_at,
            times_sent: invitation.times_sent,
            created_at: invitation.created_at,
            version: invitation.version,
        }
    }
}
