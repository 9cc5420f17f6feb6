//! Errors as RFC 9457 problems. Every code, its status and what it means stand here and nowhere else.

use chrono::TimeDelta;
use domain::Refusal;
use domain::refusal::FieldError;
use domain::role::Permission;
use schemars::JsonSchema;
use serde::Serialize;
use store::StoreError;

/// A code of a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// On the wire.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// In a few words.
    pub title: &'static str,
    /// What it means and what to do about it.
    pub help: &'static str,
}

const fn code(code: &'static str, status: u16, title: &'static str, help: &'static str) -> Code {
    Code { code, status, title, help }
}

/// Every code.
#[rustfmt::skip]
pub static CODES: &[Code] = &[
    code("invalid_request", 400, "Invalid request", "The request is not valid JSON, has an unknown or missing field, or a value that is not allowed. `errors` names each field. Nothing was changed."),
    code("too_many_users", 400, "Too many users", "A batch takes at most 200 users."),
    code("invalid_cursor", 400, "Invalid cursor", "The cursor was damaged, or belongs to another list or other filters. Begin again without one."),
    code("invalid_signature", 400, "Invalid signature", "What came is not signed by Stripe with this deployment's secret, or was signed more than five minutes ago. Nothing was changed."),
    code("unauthenticated", 401, "Not signed in", "There is no session token, or it is over: signed out, unused for too long, or ended by an admin. Sign in again."),
    code("invalid_credentials", 401, "Wrong login or password", "The pair is wrong. Whether there is such a user is not told. Where somebody who is signed in has to give the password once more, the status is 403."),
    code("second_factor_required", 401, "Second factor required", "The password was right. Send it again with a `code`: from the authenticator app, or a recovery code."),
    code("invalid_code", 401, "Wrong code", "The code is wrong, too old, or was used before. Wait for the app's next one."),
    code("identity_unknown", 401, "Sign-in not confirmed", "Google or Microsoft know the person, but no user here has confirmed that sign-in. Open the link in the mail first."),
    code("sso_failed", 401, "Sign-in failed", "The sign-in at Google or Microsoft was cancelled, took longer than ten minutes, came back to another browser, or its answer proves nobody. Begin again."),
    code("forbidden", 403, "Not allowed", "The signed-in user lacks a permission; `detail` names it."),
    code("cannot_grant", 403, "Cannot grant", "Somebody would get a right that the caller lacks. Only administrators make admins."),
    code("professional_plan_required", 403, "Professional plan required", "Guests, viewers and the team directory need a professional plan."),
    code("email_change_not_available", 403, "Change of address not available", "The account's policy `email_change.admin_allowed` lets no admin change the address of somebody who has one, or not in this region. The user can, with `POST /v1/me/email`."),
    code("fresh_sign_in_required", 403, "Fresh sign-in required", "Whoever signs in with Google or Microsoft has no password to prove himself with: sign in again, and repeat the request within fifteen minutes."),
    code("user_deactivated", 403, "User deactivated", "The password was right, but the user is deactivated. An admin can reactivate it."),
    code("two_factor_setup_required", 403, "Two-factor setup required", "The account demands two-factor sign-in and the user has none yet. `POST /v1/me/totp` begins, `POST /v1/me/totp/confirm` ends the setup; until then little else is allowed."),
    code("sign_in_method_not_allowed", 403, "Way of signing in not allowed", "The user is to sign in another way, or the account's policy `sign_in_methods` does not allow this one."),
    code("identity_mismatch", 403, "Another address there", "The person is signed in at Google or Microsoft with another address than the one that the link was mailed to."),
    code("deletion_forbidden", 403, "Deletion forbidden", "The account's policy `deletion` is `forbidden`: nobody is deleted, and what was done stays with its names."),
    code("not_a_partner", 403, "Not a partner", "Only a partner's account has customers, and users who may enter them. An account's `kind` is chosen when it is made."),
    code("not_while_acting_for", 403, "Not while acting for a customer", "The session was switched into a customer's account. What the customer's people sign in with, their addresses, their deletion and the policy for these are their own; what is the caller's own is done at home."),
    code("not_found", 404, "Not found", "There is no such thing in this account."),
    code("method_not_allowed", 405, "Method not allowed", "The path exists, but not with this method; `Allow` names those it has."),
    code("account_required", 409, "Account required", "The same login and password open several accounts. Name one by its slug."),
    code("last_admin", 409, "Last admin", "The account would be left without an active admin, or a partner's without one who may enter all customers. Make somebody else one first."),
    code("invoice_not_open", 409, "Invoice not open", "The invoice is paid or void already, or nothing is owed for it. Only an open one can be marked."),
    code("invoice_set_off", 409, "Invoice set off", "The plan was changed since the invoice was issued, and what it charges for was set off against the new plan's price or kept as credit. It cannot be void any more."),
    code("payment_under_way", 409, "Payment under way", "The account's card is being charged for the invoice, and whether it is paid is not known yet. Try again in a quarter of an hour."),
    code("role_in_use", 409, "Role in use", "Users have the role. Give them another first."),
    code("role_built_in", 409, "Built-in role", "Roles that every account has cannot be changed or removed. Make one of your own."),
    code("too_many_roles", 409, "Too many roles", "An account has at most 200 roles of its own."),
    code("unpaid_to_paid", 409, "Unpaid to paid", "In a batch: a viewer or guest does not become somebody who takes a license. Change the type for this one alone."),
    code("cannot_change_self", 409, "Cannot change oneself", "Another admin has to do this."),
    code("user_pending", 409, "User pending", "The user has not signed in yet. If there is an invitation, it can be revoked; a user who was made can be withdrawn."),
    code("user_not_deactivated", 409, "User not deactivated", "Only a deactivated user can be deleted for good. Deactivate the user first."),
    code("user_invited", 409, "User invited", "The user was invited and has not accepted. Revoke the invitation instead."),
    code("user_not_pending", 409, "User not pending", "The user has signed in before and cannot be withdrawn. Deactivate the user instead."),
    code("no_license_available", 409, "No license available", "All licenses are in use or reserved. Buy one, deactivate a user or revoke an invitation."),
    code("model_has_no_licenses", 409, "Plan without licenses", "On this plan licenses are not bought."),
    code("plan_unchanged", 409, "Plan unchanged", "The account is on this plan already."),
    code("plan_lacks_guests_and_viewers", 409, "Plan without guests and viewers", "The account has guests or viewers, be they active, pending or deactivated, and the plan has none. Give them another type or delete them first."),
    code("plan_in_another_currency", 409, "Plan in another currency", "What the account has paid and not used cannot be set off against a price in another currency."),
    code("renewal_due", 409, "Renewal due", "The paid period is over and its renewal is on its way. Try again in a minute."),
    code("payments_not_configured", 409, "Payments not configured", "This deployment takes no payments: invoices are paid in another way, and marked by whoever runs it."),
    code("payment_method_declined", 409, "Payment method declined", "The bank does not let this card be charged; `detail` has its word for why. Give another one."),
    code("already_member", 409, "Already a member", "The address belongs to a user of this account; a deactivated one can be reactivated."),
    code("email_taken", 409, "Address taken", "The address belongs to another user of this account, or is invited."),
    code("not_confirmed", 409, "Not confirmed", "The new address has not been confirmed. Open the link that was mailed to it first."),
    code("email_changed_too_often", 409, "Address changed too often", "Three addresses that were left can still be put back, each for 72 hours. Try again when one no longer can."),
    code("login_taken", 409, "Login taken", "The login belongs to another user of this account. Choose another."),
    code("user_has_no_email", 409, "User without address", "There is no address to mail to. Set a password by hand."),
    code("two_factor_already_enabled", 409, "Two-factor already on", "A second factor is set up. Turn it off first."),
    code("two_factor_not_started", 409, "Two-factor setup not begun", "No setup waits for a code, or it was begun more than an hour ago. Begin again."),
    code("identity_taken", 409, "Identity taken", "That identity at Google or Microsoft belongs to another user of this account."),
    code("already_invited", 409, "Already invited", "There is an open invitation for this address; it can be sent again."),
    code("invitation_used", 409, "Invitation used", "The invitation was accepted before. Sign in instead."),
    code("invitation_not_open", 409, "Invitation not open", "The invitation is not in a state that allows this."),
    code("invitation_sent_too_often", 409, "Invitation sent too often", "Ten mails went out for this invitation. Revoke it and invite again."),
    code("import_stopped", 409, "Import stopped", "The import was stopped before its end. Import the file again: whoever is invited already is left out."),
    code("resource_has_owner", 409, "Resource has an owner", "Only what has no active owner can be claimed. Transfer it instead."),
    code("too_many_participants", 409, "Too many participants", "At most 100 people take part in a board or project beside its owners. Let somebody go first."),
    code("resources_in_motion", 409, "Resources in motion", "The user's many resources are still on their way to another owner, or others' to him. It takes a minute or two; `resources_in_motion` of the user says how far it has come. Try again then."),
    code("too_many_chosen", 409, "Too many chosen", "At most 500 customers are chosen for a user one by one, and whoever makes a customer may enter it. Choose `all` for that user first."),
    code("answer_erased", 410, "Answer erased", "The `Idempotency-Key` was used before and the request done, but its answer tells of a person who has been deleted for good since. It is not told again."),
    code("invitation_expired", 410, "Invitation expired", "The invitation was not accepted in time. Ask for a new one."),
    code("invitation_revoked", 410, "Invitation revoked", "The invitation was taken back, or a newer mail replaced this link."),
    code("email_change_expired", 410, "Change of address expired", "The change was not finished, or not taken back, in time. Ask for it again."),
    code("link_expired", 410, "Link expired", "The link was used, replaced or called off, or it has expired."),
    code("version_conflict", 412, "Version conflict", "The object has changed since the version in `If-Match`. Read it again."),
    code("body_too_large", 413, "Body too large", "A request's body may have at most 256 KiB."),
    code("guest_domain_not_allowed", 422, "Guest domain not allowed", "The account's policy allows no guest with an address of this domain."),
    code("idempotency_key_reused", 422, "Idempotency key reused", "This Idempotency-Key came before with another request. Use a fresh key for each request."),
    code("too_many_attempts", 429, "Too many attempts", "There were too many failures. Wait for `Retry-After` seconds; each further failure costs a longer pause, at most an hour. Whoever got in from the same place before is not held up by the failures of others."),
    code("internal_error", 500, "Internal error", "Something is broken here; the request id helps to find it."),
    code("unavailable", 503, "Unavailable", "The service is busy or a part of it does not answer. Try again after `Retry-After` seconds, with the same Idempotency-Key."),
];

/// The code of that name.
pub fn code_of(name: &str) -> Option<&'static Code> {
    CODES.iter().find(|code| code.code == name)
}

/// An error as the client gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which.
    pub code: &'static Code,
    /// The HTTP status: the code's own, unless the contract has another for the route.
    pub status: u16,
    /// What in particular.
    pub detail: String,
    /// Field by field, for bad input.
    pub errors: Vec<FieldError>,
    /// After how many seconds to try again.
    pub retry_after: Option<u32>,
    /// The methods that the path has.
    pub allow: Option<String>,
    /// Whether it is a rule's no: what a dry run tells instead of failing.
    pub refusal: bool,
    /// For the log, never for the client.
    pub cause: Option<String>,
}

/// The body of a problem.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub struct ProblemBody {
    /// `/problems/<code>`.
    pub r#type: String,
    /// In a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What in particular.
    pub detail: String,
    /// The code.
    pub code: String,
    /// For bad input, what is wrong with each field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl Problem {
    /// The problem of a code.
    ///
    /// # Panics
    /// Never for a code of [`CODES`]; a test goes through all that are used.
    pub fn new(name: &str, detail: impl Into<String>) -> Self {
        let code = code_of(name).unwrap_or(&CODES[CODES.len() - 2]);
        Self {
            code,
            status: code.status,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
            allow: None,
            refusal: false,
            cause: None,
        }
    }

    /// Bad input.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::new("invalid_request", "The request is not valid.") }
    }

    /// Bad input in one field.
    pub fn field(field: &str, code: &'static str, detail: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError::new(field, code, detail)])
    }

    /// Nobody is signed in.
    pub fn unauthenticated() -> Self {
        Self::new("unauthenticated", "Sign in first.")
    }

    /// The permission is lacking.
    pub fn forbidden(permission: Permission) -> Self {
        Self::new("forbidden", format!("This needs the permission {}.", permission.name()))
    }

    /// There is no such thing, or not for the caller.
    pub fn not_found() -> Self {
        Self::new("not_found", "There is nothing here under that name.")
    }

    /// Try again later.
    pub fn unavailable(cause: impl Into<String>) -> Self {
        Self {
            retry_after: Some(1),
            cause: Some(cause.into()),
            ..Self::new("unavailable", "The service is busy. Try again in a moment.")
        }
    }

    /// Too many failures: try again after so long.
    pub fn too_many_attempts(wait: TimeDelta) -> Self {
        // Rounded up: whoever waits that long is let in.
        let seconds = u32::try_from((wait.num_milliseconds() + 999) / 1_000).unwrap_or(u32::MAX).max(1);
        let detail = format!("Too many attempts failed. Try again in {seconds} seconds.");
        Self { retry_after: Some(seconds), ..Self::new("too_many_attempts", detail) }
    }

    /// Something is broken.
    pub fn internal(cause: impl Into<String>) -> Self {
        Self { cause: Some(cause.into()), ..Self::new("internal_error", "Something went wrong here.") }
    }

    /// The body that tells it.
    pub fn body(&self) -> ProblemBody {
        ProblemBody {
            r#type: format!("/problems/{}", self.code.code),
            title: self.code.title.to_owned(),
            status: self.status,
            detail: self.detail.clone(),
            code: self.code.code.to_owned(),
            errors: self.errors.clone(),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let problem = Self::new(refusal.code(), refusal.to_string());
        match refusal {
            Refusal::Invalid(errors) => Self { errors, ..problem },
            Refusal::NotFound | Refusal::Forbidden(_) | Refusal::NotForGuests | Refusal::MayNotInvite => problem,
            Refusal::WrongPassword => Self { status: 403, refusal: true, ..problem },
            _ => Self { refusal: true, ..problem },
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(cause) => Self::unavailable(cause),
            StoreError::Broken(cause) => Self::internal(cause),
        }
    }
}

/// The page of problem codes, in Markdown.
pub fn reference() -> String {
    use std::fmt::Write as _;
    let mut page = String::from(
        "# Problem codes\n\nEvery error is `application/problem+json` (RFC 9457) with one of these codes. \
         This page is made from `shared/edge/src/problem.rs` by a test.\n\n| code | status | meaning |\n| --- | --- | --- |\n",
    );
    for code in CODES {
        let _ = writeln!(page, "| `{}` | {} | {} |", code.code, code.status, code.help);
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_a_code_of_its_own_status() {
        let refusals = [
            Refusal::Invalid(vec![]),
            Refusal::NotFound,
            Refusal::Forbidden(Permission::UsersRead),
            Refusal::NotForGuests,
            Refusal::MayNotInvite,
            Refusal::CannotGrant,
            Refusal::ProfessionalPlanRequired,
            Refusal::NoLicenseAvailable,
            Refusal::ModelHasNoLicenses,
            Refusal::PlanUnchanged,
            Refusal::PlanLacksGuestsAndViewers,
            Refusal::PlanInAnotherCurrency,
            Refusal::RenewalDue,
            Refusal::InvoiceNotOpen,
            Refusal::InvoiceSetOff,
            Refusal::PaymentUnderWay,
            Refusal::LastAdmin,
            Refusal::RoleInUse,
            Refusal::RoleBuiltIn,
            Refusal::TooManyRoles,
            Refusal::UnpaidToPaid,
            Refusal::CannotChangeSelf,
            Refusal::UserPending,
            Refusal::UserNotDeactivated,
            Refusal::DeletionForbidden,
            Refusal::UserInvited,
            Refusal::UserNotPending,
            Refusal::GuestDomainNotAllowed,
            Refusal::AlreadyMember { deactivated: true },
            Refusal::AlreadyInvited,
            Refusal::InvitationExpired,
            Refusal::InvitationRevoked,
            Refusal::InvitationUsed,
            Refusal::InvitationNotOpen,
            Refusal::InvitationSentTooOften,
            Refusal::ImportOfAnother,
            Refusal::ImportStopped,
            Refusal::LinkExpired,
            Refusal::EmailTaken,
            Refusal::EmailChangeExpired,
            Refusal::NotConfirmed,
            Refusal::EmailChangeNotAvailable,
            Refusal::EmailChangedTooOften,
            Refusal::FreshSignInRequired,
            Refusal::LoginTaken,
            Refusal::UserHasNoEmail,
            Refusal::Outranked(Permission::UsersRead),
            Refusal::SignInMethodNotAllowed,
            Refusal::TwoFactorAlreadyEnabled,
            Refusal::TwoFactorNotStarted,
            Refusal::TwoFactorSetupRequired,
            Refusal::SecondFactorRequired,
            Refusal::InvalidCode,
            Refusal::WrongPassword,
            Refusal::IdentityUnknown,
            Refusal::IdentityMismatch,
            Refusal::IdentityTaken,
            Refusal::SsoFailed,
            Refusal::InvalidCredentials,
            Refusal::UserDeactivated,
            Refusal::AccountRequired,
            Refusal::ResourceHasOwner,
            Refusal::ResourcesInMotion,
            Refusal::TooManyParticipants,
        ];
        for refusal in refusals {
            assert!(code_of(refusal.code()).is_some(), "{}", refusal.code());
            assert_eq!(Problem::from(refusal.clone()).code.code, refusal.code());
        }
    }

    #[test]
    fn codes_are_unique() {
        for (index, one) in CODES.iter().enumerate() {
            assert!(CODES[..index].iter().all(|other| other.code != one.code), "{}", one.code);
        }
    }
}
