//! Mails as rules decide them: who gets which template, and what it says. Rendering and sending live elsewhere.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::id::{AccountId, MailId};
use crate::locale::Locale;
use crate::secret::Secret;

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
}

impl Template {
    /// Every template.
    pub const ALL: [Self; 4] =
        [Self::VerifyEmail, Self::Invitation, Self::InvitationApprovalRequested, Self::InvitationRejected];

    /// The name on the wire, in the header `X-Template` and in the file names of the templates.
    pub const fn name(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::Invitation => "invitation",
            Self::InvitationApprovalRequested => "invitation_approval_requested",
            Self::InvitationRejected => "invitation_rejected",
        }
    }

    /// The path of the page that the mail's link opens, if it has a link. No link acts by being opened.
    pub const fn link_path(self) -> Option<&'static str> {
        match self {
            Self::VerifyEmail => Some("verify-email"),
            Self::Invitation => Some("accept-invitation"),
            Self::InvitationApprovalRequested | Self::InvitationRejected => None,
        }
    }
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
    /// The reader's language.
    pub locale: Locale,
    /// What the template fills in, by name; never a secret.
    pub params: BTreeMap<String, String>,
    /// The secret that its link carries; sealed at rest.
    pub token: Option<Secret>,
    /// When it was decided.
    pub created_at: Instant,
}
