//! What clients see of each object. A view names its fields: nothing reaches a client by being added to a record.

mod users;

use domain::Instant;
use domain::account::{Account, AccountKind, Region};
use domain::audit::AuditEntry;
use domain::counts::Counts;
use domain::id::{AccountId, AuditId, InvitationId, RoleId, SessionId, UserId};
use domain::invitation::{Invitation, InvitationStatus};
use domain::locale::Locale;
use domain::payment::BillingStatus;
use domain::policy::Policy;
use domain::role::{BuiltIn, CustomRole, Permissions, Role};
use domain::secret::Secret;
use domain::session::Session;
use domain::text::Email;
use domain::user::UserType;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

pub use users::{AccessibleAccounts, OwnEmail, PendingEmailChange, PersonView, RequestedEmailChange, UserView};

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
    /// Whether it owes what could not be collected.
    pub billing_status: BillingStatus,
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
            billing_status: BillingStatus::of(account.overdue_invoices),
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
    /// The customer for whom the actor acted, where he is of a partner's people and came through a switched session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acting_for: Option<AccountId>,
    /// What such an actor is called now, with the partner's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_name: Option<String>,
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
            acting_for: entry.origin.acting_for.map(|acting| acting.customer),
            actor_name: None,
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

/// A session in a customer's account. It ends with the one that it comes from, and with the access.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "as in the contract")]
pub struct SwitchedSession {
    #[serde(flatten)]
    pub session: OpenedSession,
    /// The customer.
    pub acting_for: AccountId,
    /// Oneself.
    pub user: UserView,
}

/// Oneself, and for whom one acts.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MeView {
    /// The user, as in his own account.
    #[serde(flatten)]
    pub user: UserView,
    /// The customer in whose account the session is; null in one's own.
    pub acting_for: Option<AccountId>,
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
    /// The customer in whose account it is; null in one's own.
    pub acting_for: Option<AccountId>,
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
