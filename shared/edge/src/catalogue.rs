//! Every action of the service: its name, route, and who may. The functions, the template, the local cloud, the API
//! description and the tests all read this table.

use domain::role::Permission;

/// Who may call an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody, without a session.
    Public,
    /// Whoever runs the service, with the operator's token; nobody where no such token is set up.
    Operator,
    /// Anybody who is signed in, even while the second factor that the policy demands is not set up.
    Enrolling,
    /// Anybody who is signed in; a rule may say more.
    SignedIn,
    /// Who is signed in and holds a permission.
    Needs(Permission),
}

/// An action of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    /// Its name: of the handler, and in logs.
    pub name: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path, with parameters in braces.
    pub path: &'static str,
    /// Who may.
    pub access: Access,
    /// The status of success.
    pub status: u16,
    /// What it does, in a line.
    pub summary: &'static str,
}

impl Access {
    /// Whether it takes a session.
    pub const fn needs_session(self) -> bool {
        !matches!(self, Self::Public | Self::Operator)
    }
}

impl Action {
    /// Whether it changes anything.
    pub const fn mutates(&self) -> bool {
        !matches!(self.method.as_bytes(), b"GET")
    }

    /// Whether it is closed to a partner's people while they act for a customer (P1). What people sign in with, their
    /// addresses and their deletion are the customer's own; what stands for the caller himself he does at home.
    pub fn is_closed_to_partners(&self) -> bool {
        use Permission::{CustomersAccess, ScimWrite, UsersCredentials, UsersDelete};
        let right = matches!(self.access, Needs(UsersCredentials | UsersDelete | ScimWrite | CustomersAccess));
        let himself = self.path.starts_with("/v1/me/") || self.name == "me_update";
        // He is nobody's contact there, owns nothing, and an import outlives his session: the job knows who made it by the
        // customer's users alone.
        let absent = ["/v1/contacts", "/v1/imports", "/v1/sessions/switch"].iter().any(|it| self.path.starts_with(it));
        // Whose card it is, the customer alone knows.
        let card = self.path.starts_with("/v1/billing/payment-method");
        right || himself || absent || card || self.name == "resources_claim"
    }
}

use Access::{Enrolling, Needs, Operator, Public, SignedIn};

const fn row(
    name: &'static str,
    (method, path): (&'static str, &'static str),
    access: Access,
    status: u16,
    summary: &'static str,
) -> Action {
    Action { name, method, path, access, status, summary }
}

/// The path of the action that answers whatever has no route.
pub const FALLBACK: &str = "$default";

/// The table.
#[rustfmt::skip]
pub static CATALOGUE: &[Action] = &[
    row("plans_list", ("GET", "/v1/plans"), Public, 200, "The plans on offer"),
    row("accounts_create", ("POST", "/v1/accounts"), Public, 201, "Sign up: a new account, its owner and the owner's session"),
    row("account_get", ("GET", "/v1/account"), Enrolling, 200, "One's account"),
    row("account_update", ("PATCH", "/v1/account"), Needs(Permission::AccountWrite), 200, "Change name, language and policy"),
    row("sessions_create", ("POST", "/v1/sessions"), Public, 201, "Sign in with login or address and password"),
    row("sessions_list", ("GET", "/v1/sessions"), Enrolling, 200, "One's devices"),
    row("sessions_delete", ("DELETE", "/v1/sessions/{id}"), Enrolling, 204, "Sign one device out"),
    row("sessions_delete_all", ("DELETE", "/v1/sessions"), Enrolling, 204, "Sign every device out"),
    row("sessions_switch", ("POST", "/v1/sessions/switch"), SignedIn, 201, "Enter a customer's account"),
    row("password_forgot", ("POST", "/v1/password/forgot"), Public, 202, "Ask for a link to choose a new password"),
    row("password_reset", ("POST", "/v1/password/reset"), Public, 204, "Choose a new password with the link that was mailed"),
    row("me_password", ("PUT", "/v1/me/password"), SignedIn, 204, "Change one's own password"),
    row("totp_start", ("POST", "/v1/me/totp"), Enrolling, 200, "Begin to set up a second factor"),
    row("totp_confirm", ("POST", "/v1/me/totp/confirm"), Enrolling, 200, "Turn the second factor on with the app's first code"),
    row("totp_disable", ("DELETE", "/v1/me/totp"), SignedIn, 204, "Turn one's own second factor off"),
    row("sso_start", ("POST", "/v1/sso/{provider}/start"), Public, 200, "Begin to sign in with Google or Microsoft"),
    row("sso_callback", ("GET", "/v1/sso/{provider}/callback"), Public, 200, "Where Google and Microsoft send the browser back to"),
    row("email_verification_send", ("POST", "/v1/me/email/verification"), Enrolling, 202, "Mail a new link to confirm one's address"),
    row("email_verify", ("POST", "/v1/email/verify"), Public, 204, "Confirm an address with the link that was mailed to it"),
    row("me_email_get", ("GET", "/v1/me/email"), Enrolling, 200, "One's address, and the change of it that is pending"),
    row("me_email_change", ("POST", "/v1/me/email"), SignedIn, 202, "Ask for another address of one's own"),
    row("me_email_accept", ("POST", "/v1/me/email/accept"), SignedIn, 200, "Let a confirmed change of one's address take effect"),
    row("me_email_cancel", ("DELETE", "/v1/me/email"), SignedIn, 204, "Call off the change of one's address that is pending"),
    row("email_changes_confirm", ("POST", "/v1/email-changes/confirm"), Public, 200, "Confirm a new address with the link that was mailed to it"),
    row("email_changes_revert", ("POST", "/v1/email-changes/revert"), Public, 200, "Put an address back with the link that was mailed to it, and end every session"),
    row("me_get", ("GET", "/v1/me"), Enrolling, 200, "One's own profile"),
    row("me_update", ("PATCH", "/v1/me"), SignedIn, 200, "Edit one's own profile"),
    row("avatars_upload", ("POST", "/v1/avatars"), SignedIn, 201, "Begin to upload a picture"),
    row("users_list", ("GET", "/v1/users"), Needs(Permission::UsersRead), 200, "The users, by status and name, or sorted as asked. Of viewers and other guests a guest is shown up to 500: contacts, and who is on 100 of the same boards"),
    row("users_create", ("POST", "/v1/users"), Needs(Permission::UsersInvite), 201, "Make a user at once"),
    row("users_export", ("GET", "/v1/users/export"), Needs(Permission::UsersRead), 200, "The users as CSV, 2,000 in a file"),
    row("users_assignable", ("GET", "/v1/users/assignable"), SignedIn, 200, "The active users, to whom something can be given. Of viewers and other guests a guest is shown up to 500: contacts, and who is on 100 of the same boards"),
    row("users_get", ("GET", "/v1/users/{id}"), Needs(Permission::UsersRead), 200, "One user"),
    row("users_batch", ("POST", "/v1/users/batch"), SignedIn, 200, "Set the type or the status of up to 200 users"),
    row("users_update", ("PATCH", "/v1/users/{id}"), Needs(Permission::UsersWrite), 200, "Edit a user's profile, login and notifications"),
    row("users_set_type", ("PUT", "/v1/users/{id}/type"), Needs(Permission::UsersWrite), 200, "Make a user an admin, member, viewer or guest"),
    row("users_set_role", ("PUT", "/v1/users/{id}/role"), Needs(Permission::RolesWrite), 200, "Give a user another role"),
    row("users_deactivate", ("POST", "/v1/users/{id}/deactivate"), Needs(Permission::UsersStatus), 200, "End a user's access and free the license"),
    row("users_reactivate", ("POST", "/v1/users/{id}/reactivate"), Needs(Permission::UsersStatus), 200, "Give a user access again"),
    row("users_withdraw", ("POST", "/v1/users/{id}/withdraw"), Needs(Permission::UsersStatus), 204, "Take a user back who was made and has never signed in"),
    row("users_delete", ("DELETE", "/v1/users/{id}"), Needs(Permission::UsersDelete), 200, "Delete a deactivated user for good"),
    row("users_reset_password", ("POST", "/v1/users/{id}/password-reset"), Needs(Permission::UsersCredentials), 202, "Delete a user's password, end the sessions, mail a link"),
    row("users_set_password", ("PUT", "/v1/users/{id}/password"), Needs(Permission::UsersCredentials), 204, "Set a user's password by hand"),
    row("users_change_email", ("POST", "/v1/users/{id}/email"), Needs(Permission::UsersCredentials), 202, "Ask for another address of a user"),
    row("users_cancel_email", ("DELETE", "/v1/users/{id}/email"), Needs(Permission::UsersCredentials), 204, "Call off the change of a user's address that is pending"),
    row("users_disable_two_factor", ("DELETE", "/v1/users/{id}/two-factor"), Needs(Permission::UsersCredentials), 204, "Turn a user's second factor off"),
    row("users_choose_customers", ("PUT", "/v1/users/{id}/accessible-accounts"), Needs(Permission::UsersWrite), 200, "Choose the customers that a partner's user may enter"),
    row("team_list", ("GET", "/v1/team"), SignedIn, 200, "The team by role, for everybody but guests, on professional plans"),
    row("contacts_list", ("GET", "/v1/contacts"), SignedIn, 200, "One's contacts"),
    row("contacts_add", ("PUT", "/v1/contacts/{user_id}"), SignedIn, 200, "Add a contact"),
    row("contacts_remove", ("DELETE", "/v1/contacts/{user_id}"), SignedIn, 204, "Remove a contact"),
    row("roles_list", ("GET", "/v1/roles"), SignedIn, 200, "The account's roles"),
    row("roles_create", ("POST", "/v1/roles"), Needs(Permission::RolesWrite), 201, "Make a role"),
    row("roles_update", ("PATCH", "/v1/roles/{id}"), Needs(Permission::RolesWrite), 200, "Change a role for everybody who has it"),
    row("roles_delete", ("DELETE", "/v1/roles/{id}"), Needs(Permission::RolesWrite), 204, "Remove a role that nobody has"),
    row("permissions_list", ("GET", "/v1/permissions"), SignedIn, 200, "What a role can allow"),
    row("users_impact", ("GET", "/v1/users/{id}/impact"), Needs(Permission::UsersStatus), 200, "What a deactivation would touch"),
    row("resources_list", ("GET", "/v1/resources"), Needs(Permission::ResourcesWrite), 200, "The resources, by kind and id"),
    row("resources_put", ("PUT", "/v1/resources/{kind}/{id}"), Needs(Permission::ResourcesWrite), 200, "Register a resource, or write over it"),
    row("resources_get", ("GET", "/v1/resources/{kind}/{id}"), Needs(Permission::ResourcesWrite), 200, "One resource"),
    row("resources_delete", ("DELETE", "/v1/resources/{kind}/{id}"), Needs(Permission::ResourcesWrite), 204, "Forget a resource"),
    row("resources_transfer", ("POST", "/v1/resources/transfer"), Needs(Permission::ResourcesWrite), 200, "Hand resources to another owner, or to none"),
    row("resources_claim", ("POST", "/v1/resources/{kind}/{id}/claim"), Needs(Permission::UsersStatus), 200, "Take the ownership of a resource that has no active owner"),
    row("participants_add", ("POST", "/v1/resources/{kind}/{id}/participants"), SignedIn, 200, "Bring somebody into a board or project"),
    row("participants_remove", ("DELETE", "/v1/resources/{kind}/{id}/participants/{user_id}"), SignedIn, 200, "Let a participant go"),
    row("mentionable_list", ("GET", "/v1/resources/{kind}/{id}/mentionable"), SignedIn, 200, "Whom to mention on a board or in a project"),
    row("mentions_add", ("POST", "/v1/resources/{kind}/{id}/mentions"), SignedIn, 200, "Mention somebody, who takes part from then on"),
    row("invitations_create", ("POST", "/v1/invitations"), SignedIn, 201, "Invite up to 50 addresses"),
    row("invitations_list", ("GET", "/v1/invitations"), SignedIn, 200, "The open invitations, or those of a status"),
    row("invitations_resend", ("POST", "/v1/invitations/{id}/resend"), SignedIn, 200, "Mail an invitation again, with a fresh link"),
    row("invitations_revoke", ("DELETE", "/v1/invitations/{id}"), SignedIn, 204, "Take an invitation back"),
    row("invitations_approve", ("POST", "/v1/invitations/{id}/approve"), Needs(Permission::UsersInvite), 200, "Let a member's invitation go out"),
    row("invitations_reject", ("POST", "/v1/invitations/{id}/reject"), Needs(Permission::UsersInvite), 200, "Decline a member's invitation"),
    row("invitations_lookup", ("GET", "/v1/invitations/lookup"), Public, 200, "What an invitation's link leads to"),
    row("invitations_accept", ("POST", "/v1/invitations/accept"), Public, 201, "Accept an invitation and sign in"),
    row("imports_upload", ("POST", "/v1/imports/uploads"), SignedIn, 201, "Begin to upload a file of people to invite"),
    row("imports_create", ("POST", "/v1/imports"), SignedIn, 201, "Look at a file of people to invite: what would become of each row"),
    row("imports_list", ("GET", "/v1/imports"), SignedIn, 200, "The imports of the last thirty days"),
    row("imports_get", ("GET", "/v1/imports/{id}"), SignedIn, 200, "How far an import has come"),
    row("imports_rows", ("GET", "/v1/imports/{id}/rows"), SignedIn, 200, "The rows of an import with their outcomes"),
    row("imports_report", ("GET", "/v1/imports/{id}/report"), SignedIn, 200, "The rows of an import with their outcomes, as CSV"),
    row("imports_commit", ("POST", "/v1/imports/{id}/commit"), SignedIn, 200, "Invite the rows that were shown as ready"),
    row("imports_stop", ("POST", "/v1/imports/{id}/stop"), SignedIn, 200, "Invite no more rows of an import"),
    row("licenses_get", ("GET", "/v1/licenses"), Needs(Permission::BillingRead), 200, "Licenses bought, in use, reserved and free"),
    row("licenses_purchase", ("POST", "/v1/licenses"), Needs(Permission::BillingWrite), 201, "Buy licenses"),
    row("licenses_ledger", ("GET", "/v1/licenses/ledger"), Needs(Permission::BillingRead), 200, "What happened to the licenses and what was charged for it, newest first"),
    row("licenses_verify", ("GET", "/v1/licenses/ledger/verify"), Needs(Permission::BillingRead), 200, "Whether counts and invoices follow from the ledger"),
    row("billing_preview", ("GET", "/v1/billing/renewal-preview"), Needs(Permission::BillingRead), 200, "The invoice that a renewal would come to now, and what would be dropped"),
    row("plan_switch", ("PUT", "/v1/billing/plan"), Needs(Permission::BillingWrite), 200, "Switch to another plan, at once"),
    row("invoices_list", ("GET", "/v1/invoices"), Needs(Permission::BillingRead), 200, "The invoices, newest first"),
    row("invoices_get", ("GET", "/v1/invoices/{id}"), Needs(Permission::BillingRead), 200, "One invoice"),
    row("invoices_pdf", ("GET", "/v1/invoices/{id}/pdf"), Needs(Permission::BillingRead), 200, "One invoice as a PDF, in the account's language"),
    row("operator_invoices", ("GET", "/v1/operator/accounts/{account_id}/invoices"), Operator, 200, "An account's invoices, newest first"),
    row("operator_invoice_paid", ("POST", "/v1/operator/accounts/{account_id}/invoices/{id}/paid"), Operator, 200, "Mark an open invoice as paid"),
    row("operator_invoice_void", ("POST", "/v1/operator/accounts/{account_id}/invoices/{id}/void"), Operator, 200, "Mark an open invoice as not to be paid"),
    row("payment_method_get", ("GET", "/v1/billing/payment-method"), Needs(Permission::BillingRead), 200, "The card that invoices are charged to, and whether anything is overdue"),
    row("payment_method_set", ("PUT", "/v1/billing/payment-method"), Needs(Permission::BillingWrite), 200, "Give a card that the browser has handed to Stripe; open invoices are charged to it"),
    row("payment_method_remove", ("DELETE", "/v1/billing/payment-method"), Needs(Permission::BillingWrite), 204, "Take the card away"),
    row("stripe_webhook", ("POST", "/v1/stripe/webhook"), Public, 200, "What Stripe tells of payments, signed"),
    row("customers_list", ("GET", "/v1/customers"), Needs(Permission::CustomersAccess), 200, "The customers of a partner's account that one may enter, by name"),
    row("customers_create", ("POST", "/v1/customers"), Needs(Permission::CustomersAccess), 201, "Make a customer's account and invite its owner"),
    row("audit_list", ("GET", "/v1/audit"), Needs(Permission::AuditRead), 200, "Who changed what, newest first"),
    row("openapi_get", ("GET", "/v1/openapi.json"), Public, 200, "This API's description"),
    row("pages_accept_invitation", ("GET", "/accept-invitation"), Public, 200, "The page that an invitation's link opens"),
    row("pages_verify_email", ("GET", "/verify-email"), Public, 200, "The page that confirms an address"),
    row("pages_forgot_password", ("GET", "/forgot-password"), Public, 200, "The page that asks for a link to choose a new password"),
    row("pages_reset_password", ("GET", "/reset-password"), Public, 200, "The page that chooses a new password"),
    row("pages_confirm_sign_in", ("GET", "/confirm-sign-in"), Public, 200, "The page that confirms a sign-in with Google or Microsoft"),
    row("pages_confirm_email", ("GET", "/confirm-email"), Public, 200, "The page that confirms a new address"),
    row("pages_revert_email", ("GET", "/revert-email"), Public, 200, "The page that puts an address back"),
    row("pages_email", ("GET", "/email"), Public, 200, "The page that shows the change of one's address that is pending, with the accept button"),
    row("avatars_get", ("GET", "/avatars/{account}/{key}"), Public, 200, "A user's picture"),
    row("pages_problem", ("GET", "/problems/{code}"), Public, 200, "What a problem code means"),
    row("fallback", ("ANY", FALLBACK), Public, 404, "Whatever has no route"),
];

/// The action of that name.
pub fn action(name: &str) -> Option<&'static Action> {
    CATALOGUE.iter().find(|action| action.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_routes_are_unique() {
        for (index, one) in CATALOGUE.iter().enumerate() {
            for other in &CATALOGUE[..index] {
                assert_ne!(one.name, other.name);
                assert_ne!((one.method, one.path), (other.method, other.path));
            }
        }
    }
}
