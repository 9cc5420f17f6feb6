//! Mails as rules decide them: who gets which template, and what it says. Rendering and sending live elsewhere.

use std::collections::BTreeMap;

use chrono::SecondsFormat;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::account::Account;
use crate::id::{AccountId, MailId, UserId};
use crate::locale::Locale;
use crate::secret::Secret;
use crate::stamp::Stamp;
use crate::user::User;

mod billing;

pub use billing::Reminder;

/// The kinds of mail that the service sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Template {
    /// To the owner of a new account: please confirm this address.
    VerifyEmail,
    /// To an invited person, with the link that accepts.
    Invitation,
    /// To the admins: a member asks to invite somebody (B10).
    InvitationApprovalRequested,
    /// To the member whose request was declined (B10).
    InvitationRejected,
    /// To a user whom an admin made: the login, and a link that confirms the address (R4).
    UserCreated,
    /// To a user who signs in with Google or Microsoft: please confirm (P4).
    SsoConfirmation,
    /// To whoever forgot a password (R9).
    PasswordResetRequested,
    /// To a user whose password an admin has reset (L9).
    PasswordResetByAdmin,
    /// To a user whose password has changed.
    PasswordChanged,
    /// To the new address of a user: the link that confirms it (P2, W9).
    EmailChangeConfirm,
    /// To the old address of a user: another was asked for.
    EmailChangeRequested,
    /// To the old address of a user: another has taken its place, with the link that puts it back.
    EmailChanged,
    /// To a user who has set up a second factor.
    TwoFactorEnabled,
    /// To a user whose second factor was turned off (L10).
    TwoFactorDisabled,
    /// To whoever may read the billing: an invoice was issued. It comes with the invoice as a file.
    InvoiceIssued,
    /// To the admins: the account renews in some days, and this is what it comes to (L5).
    RenewalReminder,
    /// To the admins: an invoice could not be charged, and when that is tried again.
    PaymentFailed,
    /// To the admins: an invoice could not be charged, and is not tried again.
    AccountPastDue,
}

impl Template {
    /// Every template.
    pub const ALL: [Self; 18] = [
        Self::VerifyEmail,
        Self::Invitation,
        Self::InvitationApprovalRequested,
        Self::InvitationRejected,
        Self::UserCreated,
        Self::SsoConfirmation,
        Self::PasswordResetRequested,
        Self::PasswordResetByAdmin,
        Self::PasswordChanged,
        Self::EmailChangeConfirm,
        Self::EmailChangeRequested,
        Self::EmailChanged,
        Self::TwoFactorEnabled,
        Self::TwoFactorDisabled,
        Self::InvoiceIssued,
        Self::RenewalReminder,
        Self::PaymentFailed,
        Self::AccountPastDue,
    ];

    /// The name on the wire, in the header `X-Template` and in the file names of the templates.
    pub const fn name(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::Invitation => "invitation",
            Self::InvitationApprovalRequested => "invitation_approval_requested",
            Self::InvitationRejected => "invitation_rejected",
            Self::UserCreated => "user_created",
            Self::SsoConfirmation => "sso_confirmation",
            Self::PasswordResetRequested => "password_reset_requested",
            Self::PasswordResetByAdmin => "password_reset_by_admin",
            Self::PasswordChanged => "password_changed",
            Self::EmailChangeConfirm => "email_change_confirm",
            Self::EmailChangeRequested => "email_change_requested",
            Self::EmailChanged => "email_changed",
            Self::TwoFactorEnabled => "two_factor_enabled",
            Self::TwoFactorDisabled => "two_factor_disabled",
            Self::InvoiceIssued => "invoice_issued",
            Self::RenewalReminder => "renewal_reminder",
            Self::PaymentFailed => "payment_failed",
            Self::AccountPastDue => "account_past_due",
        }
    }

    /// The path of the page that the mail's link opens, if it has a link. No link acts by being opened.
    pub const fn link_path(self) -> Option<&'static str> {
        match self {
            Self::VerifyEmail | Self::UserCreated => Some("verify-email"),
            Self::Invitation => Some("accept-invitation"),
            Self::SsoConfirmation => Some("confirm-sign-in"),
            Self::EmailChangeConfirm => Some("confirm-email"),
            Self::EmailChanged => Some("revert-email"),
            Self::PasswordResetRequested | Self::PasswordResetByAdmin => Some("reset-password"),
            Self::InvitationApprovalRequested
            | Self::InvitationRejected
            | Self::PasswordChanged
            | Self::EmailChangeRequested
            | Self::TwoFactorEnabled
            | Self::TwoFactorDisabled
            | Self::InvoiceIssued
            | Self::RenewalReminder
            | Self::PaymentFailed
            | Self::AccountPastDue => None,
        }
    }
}

/// The parameters that say what another user is called.
pub const NAMES: [&str; 6] =
    ["actor_name", "admin_name", "approver_name", "creator_name", "inviter_name", "requester_name"];

/// Whether a parameter says what another user is called.
fn names(param: &str) -> bool {
    NAMES.contains(&param)
}

/// One mail to send: written in the transaction of the change that it tells of.
#[derive(Clone, Debug, PartialEq)]
pub struct Mail {
    /// Its id, by which it is delivered once.
    pub id: MailId,
    /// The account on whose behalf it goes out.
    pub account_id: AccountId,
    /// What it says.
    pub template: Template,
    /// The one address that gets it.
    pub to: String,
    /// Whose address that is, or is to be: what the mail is found by when the reader is deleted.
    pub reader: UserId,
    /// Another user whom it names.
    pub mentions: Option<UserId>,
    /// The reader's language.
    pub locale: Locale,
    /// What the template fills in, by name; never a secret.
    pub params: BTreeMap<String, String>,
    /// The secret that its link carries; sealed at rest.
    pub token: Option<Secret>,
    /// When it was decided.
    pub created_at: Instant,
}

impl Mail {
    /// A mail to a user at the address that is kept of him; none for users without one. Every template may say `name` and
    /// `account_name` beside its own parameters.
    pub fn to_user(
        template: Template,
        account: &Account,
        user: &User,
        params: &[(&str, String)],
        token: Option<Secret>,
        stamp: &mut Stamp,
    ) -> Option<Self> {
        let to = user.email.as_ref()?.to_string();
        let own = params.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let common = [("name".to_owned(), user.name.clone()), ("account_name".to_owned(), account.name.clone())];
        Some(Self {
            id: stamp.id(),
            account_id: account.id,
            template,
            to,
            reader: user.id,
            mentions: stamp
                .origin
                .actor
                .filter(|actor| *actor != user.id && params.iter().any(|(name, _)| names(name))),
            locale: user.locale,
            params: own.chain(common).collect(),
            token,
            created_at: stamp.now,
        })
    }

    /// A mail that nobody gets: written where there is no such user, so that the time of the answer tells nobody.
    pub fn to_nobody(template: Template, stamp: &mut Stamp) -> Self {
        Self {
            id: stamp.id(),
            account_id: AccountId::from_bits(0),
            template,
            to: String::new(),
            reader: stamp.id(),
            mentions: None,
            locale: Locale::default(),
            params: BTreeMap::new(),
            token: Some(stamp.secret()),
            created_at: stamp.now,
        }
    }

    /// Whether anybody gets it.
    pub fn has_reader(to: &str) -> bool {
        !to.is_empty()
    }
}

/// A moment as parameters of mails have it: RFC 3339, to the second.
pub fn moment(at: Instant) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
