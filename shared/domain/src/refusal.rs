//! Why a rule says no. Which status each has is the edge's to say.

use schemars::JsonSchema;
use serde::Serialize;

use crate::role::Permission;

/// What is wrong with one field of an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FieldError {
    /// The field, with dots into objects and indexes: `owner.email`, `emails.3`.
    pub field: String,
    /// A code such as `invalid_email`.
    pub code: &'static str,
    /// A sentence.
    pub detail: String,
}

impl FieldError {
    /// An error of a field.
    pub fn new(field: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self { field: field.into(), code, detail: detail.into() }
    }
}

/// A rule's no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The input does not hold together.
    #[error("The request is not valid.")]
    Invalid(Vec<FieldError>),
    /// There is no such thing, or not for the caller.
    #[error("There is nothing here under that name.")]
    NotFound,
    /// The caller lacks a permission.
    #[error("This needs the permission {}.", .0.name())]
    Forbidden(Permission),
    /// The policy lets only others invite (B10).
    #[error("This needs the permission users.invite, and guests and viewers never invite.")]
    MayNotInvite,
    /// Somebody would get a right that the caller lacks.
    #[error("You cannot grant rights that you do not have.")]
    CannotGrant,
    /// The plan has neither guests, viewers nor a team (B4).
    #[error("This needs a professional plan.")]
    ProfessionalPlanRequired,
    /// All licenses are taken (L8).
    #[error("No license is free. Buy one, or deactivate a user.")]
    NoLicenseAvailable,
    /// The plan has no licenses to buy.
    #[error("Licenses cannot be bought on this plan.")]
    ModelHasNoLicenses,
    /// The account would be left without an active admin.
    #[error("The account needs at least one active admin.")]
    LastAdmin,
    /// One cannot do this to oneself (W8).
    #[error("You cannot do this to yourself.")]
    CannotChangeSelf,
    /// The user has not signed in yet (W8).
    #[error("The user is pending; revoke the invitation instead.")]
    UserPending,
    /// A guest with such an address is not allowed (W8).
    #[error("This account's policy allows no guest with an address of this domain.")]
    GuestDomainNotAllowed,
    /// The address is a user's already.
    #[error("{}", if *deactivated { "This address belongs to a deactivated user; reactivate that user instead." } else { "This address belongs to a user of this account." })]
    AlreadyMember {
        /// Whether that user is deactivated, so that reactivating helps.
        deactivated: bool,
    },
    /// The address is invited already.
    #[error("This address is invited already; the invitation can be sent again.")]
    AlreadyInvited,
    /// The invitation's window is over.
    #[error("The invitation has expired. Ask for a new one.")]
    InvitationExpired,
    /// The invitation was taken back, or a newer mail replaced this link.
    #[error(
        "The invitation was withdrawn or replaced by a newer one. Use the link in the newest mail, or ask for a new one."
    )]
    InvitationRevoked,
    /// The invitation was accepted before.
    #[error("The invitation was accepted already. Sign in instead.")]
    InvitationUsed,
    /// The invitation is not, or no longer, in the state for this.
    #[error("The invitation is not open.")]
    InvitationNotOpen,
    /// Too many mails for one invitation.
    #[error("This invitation was sent too often. Revoke it and invite again.")]
    InvitationSentTooOften,
    /// The link to confirm an address is no longer good.
    #[error("The link has expired or was used.")]
    LinkExpired,
    /// The pair of login and password is wrong, in whichever part.
    #[error("Login or password is wrong.")]
    InvalidCredentials,
    /// The right password of a deactivated user.
    #[error("This user is deactivated. Ask an admin of the account.")]
    UserDeactivated,
    /// The same login and password open several accounts.
    #[error("Name the account to sign in to.")]
    AccountRequired,
}

impl Refusal {
    /// The code on the wire.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid_request",
            Self::NotFound => "not_found",
            Self::Forbidden(_) | Self::MayNotInvite => "forbidden",
            Self::CannotGrant => "cannot_grant",
            Self::ProfessionalPlanRequired => "professional_plan_required",
            Self::NoLicenseAvailable => "no_license_available",
            Self::ModelHasNoLicenses => "model_has_no_licenses",
            Self::LastAdmin => "last_admin",
            Self::CannotChangeSelf => "cannot_change_self",
            Self::UserPending => "user_pending",
            Self::GuestDomainNotAllowed => "guest_domain_not_allowed",
            Self::AlreadyMember { .. } => "already_member",
            Self::AlreadyInvited => "already_invited",
            Self::InvitationExpired => "invitation_expired",
            Self::InvitationRevoked => "invitation_revoked",
            Self::InvitationUsed => "invitation_used",
            Self::InvitationNotOpen => "invitation_not_open",
            Self::InvitationSentTooOften => "invitation_sent_too_often",
            Self::LinkExpired => "link_expired",
            Self::InvalidCredentials => "invalid_credentials",
            Self::UserDeactivated => "user_deactivated",
            Self::AccountRequired => "account_required",
        }
    }

    /// A refusal for one field.
    pub fn field(field: &str, code: &'static str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, code, detail)])
    }
}
