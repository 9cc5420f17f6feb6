//! One-time tokens: what the links in mails carry, each for one purpose only.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::id::{AccountId, EmailChangeId, InvitationId, UserId};
use crate::identity::Provider;
use crate::secret::{Secret, SecretDigest};
use crate::stamp::Stamp;
use crate::text::Email;

/// What a token is good for; it is kept under its purpose, so that it is worthless for any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To accept an invitation.
    Invitation,
    /// To show that an address is one's own.
    VerifyEmail,
    /// To choose a new password (R9, L9).
    ResetPassword,
    /// To bind one's identity at Google or Microsoft (P4).
    ConfirmSignIn,
    /// To show that an address is one's own, so that it can take the place of another (P2).
    ConfirmEmail,
    /// To put an address back that was changed.
    RevertEmail,
}

impl Purpose {
    /// The name in keys.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::VerifyEmail => "verify_email",
            Self::ResetPassword => "reset_password",
            Self::ConfirmSignIn => "confirm_sign_in",
            Self::ConfirmEmail => "confirm_email",
            Self::RevertEmail => "revert_email",
        }
    }
}

/// A token that was mailed, by its digest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OneTimeToken {
    /// What is kept of it.
    pub digest: SecretDigest,
    /// The account.
    pub account_id: AccountId,
    /// The last moment at which it is good.
    pub expires_at: Instant,
    /// What it is good for.
    pub grants: Grant,
}

impl OneTimeToken {
    /// A token that is good for so long from now, and the secret that goes into the mail.
    pub fn fresh(account_id: AccountId, grants: Grant, lasts: TimeDelta, stamp: &mut Stamp) -> (Self, Secret) {
        let secret = stamp.secret();
        (Self { digest: secret.digest(), account_id, expires_at: stamp.now + lasts, grants }, secret)
    }
}

/// What a token lets its bearer do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// Accept this invitation.
    Invitation {
        /// The invitation.
        invitation_id: InvitationId,
    },
    /// Show that this address is this user's.
    VerifyEmail {
        /// The user.
        user_id: UserId,
        /// The address as it was when the mail went out.
        email: Email,
    },
    /// Choose this user's password.
    ResetPassword {
        /// The user.
        user_id: UserId,
        /// The address that the link was mailed to.
        email: Email,
        /// The number of the password that it replaces: any newer one ends it.
        password_epoch: u32,
    },
    /// Bind an identity to this user.
    ConfirmSignIn {
        /// The user.
        user_id: UserId,
        /// The address that the link was mailed to.
        email: Email,
        /// Who is to vouch.
        provider: Provider,
        /// As of a password: a reset ends it.
        password_epoch: u32,
    },
    /// Confirm this change of this user's address. It is kept when it was used, and is worth nothing then.
    ConfirmEmail {
        /// The user.
        user_id: UserId,
        /// The change.
        change_id: EmailChangeId,
    },
    /// Put the address back that this user left by this change. It is kept when it was used, and is worth nothing then.
    RevertEmail {
        /// The user.
        user_id: UserId,
        /// The change.
        change_id: EmailChangeId,
    },
    /// Nothing: it is written where there is no such user, so that the time of the answer tells nobody.
    Nothing,
}

impl Grant {
    /// Whose it is; an invitation's is nobody's yet.
    pub const fn user(&self) -> Option<UserId> {
        match self {
            Self::VerifyEmail { user_id, .. }
            | Self::ResetPassword { user_id, .. }
            | Self::ConfirmSignIn { user_id, .. }
            | Self::ConfirmEmail { user_id, .. }
            | Self::RevertEmail { user_id, .. } => Some(*user_id),
            Self::Invitation { .. } | Self::Nothing => None,
        }
    }

    /// The purpose that it is kept under.
    pub const fn purpose(&self) -> Purpose {
        match self {
            Self::Invitation { .. } => Purpose::Invitation,
            Self::VerifyEmail { .. } => Purpose::VerifyEmail,
            Self::ResetPassword { .. } | Self::Nothing => Purpose::ResetPassword,
            Self::ConfirmSignIn { .. } => Purpose::ConfirmSignIn,
            Self::ConfirmEmail { .. } => Purpose::ConfirmEmail,
            Self::RevertEmail { .. } => Purpose::RevertEmail,
        }
    }
}

/// Whether a moment lies within a window: its last moment is inside, the next is not.
pub fn within(now: Instant, expires_at: Instant) -> bool {
    now <= expires_at
}
