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
    /// Only admins may, whatever their roles allow others.
    #[error("This is for admins.")]
    AdminsOnly,
    /// Guests belong to other teams: they have contacts instead (B2, B4).
    #[error("Guests do not see the team.")]
    NotForGuests,
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
    /// The account is on the plan.
    #[error("The account is on this plan already.")]
    PlanUnchanged,
    /// The plan has neither guests nor viewers, and the account has some (B4).
    #[error(
        "This plan has neither guests nor viewers, and the account has some. Give them another type or delete them first."
    )]
    PlanLacksGuestsAndViewers,
    /// What was paid and not used cannot be set off against the plan's price.
    #[error("This plan is priced in another currency than what the account has paid.")]
    PlanInAnotherCurrency,
    /// The period is over, and the worker has not come yet.
    #[error("The paid period is over and is being renewed. Try again in a minute.")]
    RenewalDue,
    /// The invoice is paid or void already.
    #[error("The invoice is not open.")]
    InvoiceNotOpen,
    /// The plan was changed since, and what the invoice charges for was set off against the new one.
    #[error("What this invoice charges for was set off when the plan was changed. It has to be paid.")]
    InvoiceSetOff,
    /// The account's card is being charged for it: whether it is paid is not known yet.
    #[error("The card is being charged for this invoice right now. Try again in a quarter of an hour.")]
    PaymentUnderWay,
    /// The account would be left without an active administrator.
    #[error("The account needs at least one active admin with the role administrator.")]
    LastAdmin,
    /// Users have the role still.
    #[error("Users have this role. Give them another first.")]
    RoleInUse,
    /// Built-in roles are the same in every account.
    #[error("Built-in roles cannot be changed. Make one of your own.")]
    RoleBuiltIn,
    /// The account has as many roles as it may.
    #[error("An account has at most 200 roles of its own.")]
    TooManyRoles,
    /// A batch takes no licenses for users who had none (W8).
    #[error("A batch gives no license to a user who takes none. Change the type of this one by itself.")]
    UnpaidToPaid,
    /// One cannot do this to oneself (W8).
    #[error("You cannot do this to yourself.")]
    CannotChangeSelf,
    /// The user has not signed in yet (W8).
    #[error("The user has not signed in yet. An invitation can be revoked, a created user withdrawn.")]
    UserPending,
    /// The user can still be, or was not, kept out: only who is deactivated is deleted (W6).
    #[error("Only a deactivated user can be deleted. Deactivate the user first.")]
    UserNotDeactivated,
    /// The account keeps everybody (R10).
    #[error("This account's policy keeps users for ever.")]
    DeletionForbidden,
    /// The user was invited.
    #[error("The user was invited. Revoke the invitation instead.")]
    UserInvited,
    /// The user has signed in before.
    #[error("The user has signed in before. Deactivate the user instead.")]
    UserNotPending,
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
    /// Somebody else made the import.
    #[error("Only whoever made an import can begin it: the invitations go out under that name.")]
    ImportOfAnother,
    /// The import was stopped.
    #[error("This import was stopped. Import the file again: whoever is invited already is left out.")]
    ImportStopped,
    /// Too many mails for one invitation.
    #[error("This invitation was sent too often. Revoke it and invite again.")]
    InvitationSentTooOften,
    /// The link to confirm an address is no longer good.
    #[error("The link has expired or was used.")]
    LinkExpired,
    /// Somebody else has the address.
    #[error("This address belongs to another user of this account, or is invited.")]
    EmailTaken,
    /// The change of address was not confirmed, or not accepted, in time.
    #[error("The change of address has expired. Ask for it again.")]
    EmailChangeExpired,
    /// The new address has not been confirmed.
    #[error("The new address has not been confirmed yet. Open the link that was mailed to it.")]
    NotConfirmed,
    /// The policy lets no admin change an address here (W9).
    #[error("In this account an admin cannot change the address of somebody who has one.")]
    EmailChangeNotAvailable,
    /// Too many addresses could be put back already.
    #[error("The address was changed three times within 72 hours. Try again later.")]
    EmailChangedTooOften,
    /// Who has no password proves himself by a sign-in of this very moment.
    #[error("Sign in again first: this needs a sign-in of the last fifteen minutes.")]
    FreshSignInRequired,
    /// Somebody else has the login.
    #[error("This login belongs to another user of this account.")]
    LoginTaken,
    /// The user has no address to mail to.
    #[error("The user has no e-mail address. Set a password by hand instead.")]
    UserHasNoEmail,
    /// The user holds a right that the caller lacks: who sets his credentials would take it over.
    #[error("This user holds a right that you lack: {}.", .0.name())]
    Outranked(Permission),
    /// This way of signing in is not the user's, or the account's policy does not allow it.
    #[error("This way of signing in is not allowed for this user.")]
    SignInMethodNotAllowed,
    /// There is a second factor already.
    #[error("Two-factor sign-in is on already. Turn it off first.")]
    TwoFactorAlreadyEnabled,
    /// No second factor was begun, or too long ago.
    #[error("The setup was not begun, or it took longer than an hour. Begin again.")]
    TwoFactorNotStarted,
    /// The policy demands a second factor, and the user has none yet.
    #[error(
        "This account demands two-factor sign-in. Set it up first: POST /v1/me/totp, then POST /v1/me/totp/confirm. Whoever signs in with Google or Microsoft opens the link in the mail."
    )]
    TwoFactorSetupRequired,
    /// The second factor is missing.
    #[error("A code is needed: from the app, or a recovery code.")]
    SecondFactorRequired,
    /// The code is wrong, or was used.
    #[error("The code is wrong, or was used before.")]
    InvalidCode,
    /// The password that was asked for once more is wrong.
    #[error("The password is wrong.")]
    WrongPassword,
    /// Nobody here is known by that identity.
    #[error("No user has confirmed this sign-in yet. Open the link in the mail first, or sign in another way.")]
    IdentityUnknown,
    /// The identity's address is not the user's.
    #[error("You are signed in there with another address. Sign in with the address that the mail was sent to.")]
    IdentityMismatch,
    /// The identity is another user's.
    #[error("This sign-in belongs to another user of this account.")]
    IdentityTaken,
    /// The provider does not vouch for anybody.
    #[error("The sign-in did not succeed. Begin again.")]
    SsoFailed,
    /// The pair of login and password is wrong, in whichever part.
    #[error("Login or password is wrong. Whoever has several accounts names the one to sign in to.")]
    InvalidCredentials,
    /// The right password of a deactivated user.
    #[error("This user is deactivated. Ask an admin of the account.")]
    UserDeactivated,
    /// Somebody active owns it.
    #[error("The resource has an active owner. It can be transferred instead.")]
    ResourceHasOwner,
    /// Nobody else can take part (B5).
    #[error("At most 100 people take part in a board or project beside its owners.")]
    TooManyParticipants,
    /// Too much was said already of what becomes of the user's resources.
    #[error("This user's resources are still on their way to other owners. Try again in a minute.")]
    ResourcesInMotion,
    /// The account has no customers, nor ever will (P6).
    #[error("Only a partner's account has customers.")]
    NotAPartner,
    /// It is the customer's own, and the caller is there through a switched session (P1).
    #[error("This is not for somebody who acts for a customer. The customer's own people can do it.")]
    NotWhileActingFor,
    /// One who may enter chosen customers would have more of them than are chosen one by one.
    #[error("At most 500 customers are chosen for a user one by one. Choose all instead.")]
    TooManyChosen,
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
            Self::Forbidden(_)
            | Self::AdminsOnly
            | Self::NotForGuests
            | Self::MayNotInvite
            | Self::ImportOfAnother
            | Self::Outranked(_) => "forbidden",
            Self::CannotGrant => "cannot_grant",
            Self::ProfessionalPlanRequired => "professional_plan_required",
            Self::NoLicenseAvailable => "no_license_available",
            Self::ModelHasNoLicenses => "model_has_no_licenses",
            Self::PlanUnchanged => "plan_unchanged",
            Self::PlanLacksGuestsAndViewers => "plan_lacks_guests_and_viewers",
            Self::PlanInAnotherCurrency => "plan_in_another_currency",
            Self::RenewalDue => "renewal_due",
            Self::InvoiceNotOpen => "invoice_not_open",
            Self::InvoiceSetOff => "invoice_set_off",
            Self::PaymentUnderWay => "payment_under_way",
            Self::LastAdmin => "last_admin",
            Self::RoleInUse => "role_in_use",
            Self::RoleBuiltIn => "role_built_in",
            Self::TooManyRoles => "too_many_roles",
            Self::UnpaidToPaid => "unpaid_to_paid",
            Self::CannotChangeSelf => "cannot_change_self",
            Self::UserPending => "user_pending",
            Self::UserNotDeactivated => "user_not_deactivated",
            Self::DeletionForbidden => "deletion_forbidden",
            Self::UserInvited => "user_invited",
            Self::UserNotPending => "user_not_pending",
            Self::GuestDomainNotAllowed => "guest_domain_not_allowed",
            Self::AlreadyMember { .. } => "already_member",
            Self::AlreadyInvited => "already_invited",
            Self::InvitationExpired => "invitation_expired",
            Self::InvitationRevoked => "invitation_revoked",
            Self::InvitationUsed => "invitation_used",
            Self::InvitationNotOpen => "invitation_not_open",
            Self::InvitationSentTooOften => "invitation_sent_too_often",
            Self::ImportStopped => "import_stopped",
            Self::LinkExpired => "link_expired",
            Self::EmailTaken => "email_taken",
            Self::EmailChangeExpired => "email_change_expired",
            Self::NotConfirmed => "not_confirmed",
            Self::EmailChangeNotAvailable => "email_change_not_available",
            Self::EmailChangedTooOften => "email_changed_too_often",
            Self::FreshSignInRequired => "fresh_sign_in_required",
            Self::LoginTaken => "login_taken",
            Self::UserHasNoEmail => "user_has_no_email",
            Self::SignInMethodNotAllowed => "sign_in_method_not_allowed",
            Self::TwoFactorAlreadyEnabled => "two_factor_already_enabled",
            Self::TwoFactorNotStarted => "two_factor_not_started",
            Self::TwoFactorSetupRequired => "two_factor_setup_required",
            Self::SecondFactorRequired => "second_factor_required",
            Self::InvalidCode => "invalid_code",
            Self::IdentityUnknown => "identity_unknown",
            Self::IdentityMismatch => "identity_mismatch",
            Self::IdentityTaken => "identity_taken",
            Self::SsoFailed => "sso_failed",
            Self::InvalidCredentials | Self::WrongPassword => "invalid_credentials",
            Self::UserDeactivated => "user_deactivated",
            Self::AccountRequired => "account_required",
            Self::ResourceHasOwner => "resource_has_owner",
            Self::TooManyParticipants => "too_many_participants",
            Self::ResourcesInMotion => "resources_in_motion",
            Self::NotAPartner => "not_a_partner",
            Self::NotWhileActingFor => "not_while_acting_for",
            Self::TooManyChosen => "too_many_chosen",
        }
    }

    /// The code and the sentence for one of many rows: the first fault, where there are several.
    pub fn told(&self) -> (&'static str, String) {
        match self {
            Self::Invalid(errors) => {
                errors.first().map_or((self.code(), self.to_string()), |error| (error.code, error.detail.clone()))
            }
            refusal => (refusal.code(), refusal.to_string()),
        }
    }

    /// A refusal for one field.
    pub fn field(field: &str, code: &'static str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, code, detail)])
    }
}
