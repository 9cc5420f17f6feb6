//! Every action of the service: its name, route, and who may. The functions, the template, the local cloud, the API
//! description and the tests all read this table.

use domain::role::Permission;

/// Who may call an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody, without a session.
    Public,
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

impl Action {
    /// Whether it changes anything.
    pub const fn mutates(&self) -> bool {
        !matches!(self.method.as_bytes(), b"GET")
    }
}

use Access::{Needs, Public, SignedIn};

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
    row("account_get", ("GET", "/v1/account"), SignedIn, 200, "One's account"),
    row("account_update", ("PATCH", "/v1/account"), Needs(Permission::AccountWrite), 200, "Change name, language and policy"),
    row("sessions_create", ("POST", "/v1/sessions"), Public, 201, "Sign in with login or address and password"),
    row("sessions_list", ("GET", "/v1/sessions"), SignedIn, 200, "One's devices"),
    row("sessions_delete", ("DELETE", "/v1/sessions/{id}"), SignedIn, 204, "Sign one device out"),
    row("sessions_delete_all", ("DELETE", "/v1/sessions"), SignedIn, 204, "Sign every device out"),
    row("email_verify", ("POST", "/v1/email/verify"), Public, 204, "Confirm an address with the link that was mailed to it"),
    row("me_get", ("GET", "/v1/me"), SignedIn, 200, "One's own profile"),
    row("me_update", ("PATCH", "/v1/me"), SignedIn, 200, "Edit one's own profile"),
    row("users_list", ("GET", "/v1/users"), Needs(Permission::UsersRead), 200, "The users, by status and name"),
    row("users_get", ("GET", "/v1/users/{id}"), Needs(Permission::UsersRead), 200, "One user"),
    row("users_deactivate", ("POST", "/v1/users/{id}/deactivate"), Needs(Permission::UsersStatus), 200, "End a user's access and free the license"),
    row("users_reactivate", ("POST", "/v1/users/{id}/reactivate"), Needs(Permission::UsersStatus), 200, "Give a user access again"),
    row("invitations_create", ("POST", "/v1/invitations"), SignedIn, 201, "Invite up to 50 addresses"),
    row("invitations_list", ("GET", "/v1/invitations"), SignedIn, 200, "The open invitations, or those of a status"),
    row("invitations_resend", ("POST", "/v1/invitations/{id}/resend"), SignedIn, 200, "Mail an invitation again, with a fresh link"),
    row("invitations_revoke", ("DELETE", "/v1/invitations/{id}"), SignedIn, 204, "Take an invitation back"),
    row("invitations_approve", ("POST", "/v1/invitations/{id}/approve"), Needs(Permission::UsersInvite), 200, "Let a member's invitation go out"),
    row("invitations_reject", ("POST", "/v1/invitations/{id}/reject"), Needs(Permission::UsersInvite), 200, "Decline a member's invitation"),
    row("invitations_lookup", ("GET", "/v1/invitations/lookup"), Public, 200, "What an invitation's link leads to"),
    row("invitations_accept", ("POST", "/v1/invitations/accept"), Public, 201, "Accept an invitation and sign in"),
    row("licenses_get", ("GET", "/v1/licenses"), Needs(Permission::BillingRead), 200, "Licenses bought, in use, reserved and free"),
    row("licenses_purchase", ("POST", "/v1/licenses"), Needs(Permission::BillingWrite), 201, "Buy licenses"),
    row("openapi_get", ("GET", "/v1/openapi.json"), Public, 200, "This API's description"),
    row("pages_accept_invitation", ("GET", "/accept-invitation"), Public, 200, "The page that an invitation's link opens"),
    row("pages_verify_email", ("GET", "/verify-email"), Public, 200, "The page that confirms an address"),
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
