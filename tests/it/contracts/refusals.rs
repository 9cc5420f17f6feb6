//! Every action is refused to whoever may not: not signed in, lacking the permission, another account's object. An
//! action of the catalogue without a fixture here fails the test.

use std::sync::Arc;

use edge::catalogue::{Access, CATALOGUE};
use serde_json::{Value, json};

use crate::support::{Answer, Client, Cloud};

/// How an action is called, and with what it must be refused.
pub(super) struct Fixture {
    /// The path, with `{}` where an object's id goes.
    path: &'static str,
    /// The id of an object of another account, where the path has one.
    foreign: Option<String>,
    pub(super) body: Value,
}

pub(super) struct Other {
    user: String,
    invitation: String,
    session: String,
    role: String,
    import: String,
    invoice: String,
}

pub(super) fn fixture(name: &str, other: &Other) -> Fixture {
    let plain = |path, body| Fixture { path, foreign: None, body };
    let of = |path, foreign: &str, body| Fixture { path, foreign: Some(foreign.to_owned()), body };
    let none = Value::Null;
    match name {
        "account_get" => plain("/v1/account", none),
        "account_update" => plain("/v1/account", json!({ "name": "X" })),
        "sessions_list" => plain("/v1/sessions", none),
        "sessions_delete" => of("/v1/sessions/{}", &other.session, none),
        "sessions_delete_all" => plain("/v1/sessions", none),
        "sessions_switch" => plain("/v1/sessions/switch", json!({ "account_id": "acc_00000000000000000000000001" })),
        "me_password" => plain("/v1/me/password", json!({ "current_password": "x", "new_password": "y" })),
        "totp_start" => plain("/v1/me/totp", json!({})),
        "totp_confirm" => plain("/v1/me/totp/confirm", json!({ "code": "000000" })),
        "totp_disable" => plain("/v1/me/totp", json!({ "password": "x" })),
        "email_verification_send" => plain("/v1/me/email/verification", json!({})),
        "users_create" => plain(
            "/v1/users",
            json!({ "name": "X", "login": "x", "type": "member", "sign_in": "password", "password": crate::support::PASSWORD }),
        ),
        "users_reset_password" => of("/v1/users/{}/password-reset", &other.user, json!({})),
        "users_set_password" => {
            of("/v1/users/{}/password", &other.user, json!({ "password": crate::support::PASSWORD }))
        }
        "users_disable_two_factor" => of("/v1/users/{}/two-factor", &other.user, none),
        "me_email_get" | "me_email_cancel" => plain("/v1/me/email", none),
        "me_email_change" => plain("/v1/me/email", json!({ "email": "x@example.com", "password": "x" })),
        "me_email_accept" => plain("/v1/me/email/accept", json!({})),
        "users_change_email" => of("/v1/users/{}/email", &other.user, json!({ "email": "x@example.com" })),
        "users_cancel_email" => of("/v1/users/{}/email", &other.user, none),
        "users_batch" => {
            plain("/v1/users/batch", json!({ "select": { "status": "active" }, "set": { "status": "deactivated" } }))
        }
        "users_update" => of("/v1/users/{}", &other.user, json!({ "title": "X" })),
        "users_set_type" => of("/v1/users/{}/type", &other.user, json!({ "type": "viewer" })),
        "users_set_role" => {
            of("/v1/users/{}/role", &other.user, json!({ "role_id": "rol_00000000000000000000000003" }))
        }
        "users_choose_customers" => of("/v1/users/{}/accessible-accounts", &other.user, json!({ "mode": "all" })),
        "customers_list" => plain("/v1/customers", none),
        "customers_create" => plain(
            "/v1/customers",
            json!({ "name": "X", "plan_id": "basic", "owner": { "name": "X", "email": "x@example.com" } }),
        ),
        "roles_list" => plain("/v1/roles", none),
        "roles_create" => plain("/v1/roles", json!({ "name": "R", "permissions": [] })),
        "roles_update" => of("/v1/roles/{}", &other.role, json!({ "name": "R" })),
        "roles_delete" => of("/v1/roles/{}", &other.role, none),
        "permissions_list" => plain("/v1/permissions", none),
        "avatars_upload" => plain("/v1/avatars", json!({})),
        "me_get" => plain("/v1/me", none),
        "me_update" => plain("/v1/me", json!({ "title": "X" })),
        "users_list" => plain("/v1/users", none),
        "users_export" => plain("/v1/users/export", none),
        "users_assignable" => plain("/v1/users/assignable", none),
        "contacts_list" => plain("/v1/contacts", none),
        "contacts_add" | "contacts_remove" => of("/v1/contacts/{}", &other.user, none),
        "team_list" => plain("/v1/team", none),
        "users_get" => of("/v1/users/{}", &other.user, none),
        "users_deactivate" => of("/v1/users/{}/deactivate", &other.user, json!({})),
        "users_reactivate" => of("/v1/users/{}/reactivate", &other.user, json!({})),
        "users_withdraw" => of("/v1/users/{}/withdraw", &other.user, json!({})),
        "users_delete" => of("/v1/users/{}", &other.user, none),
        "users_impact" => of("/v1/users/{}/impact", &other.user, none),
        "resources_list" => plain("/v1/resources", none),
        "resources_put" => of("/v1/resources/lead/{}", "theirs", json!({ "name": "X", "owner_id": other.user })),
        "resources_get" => of("/v1/resources/lead/{}", "theirs", none),
        "resources_delete" => of("/v1/resources/lead/{}", "theirs", none),
        "resources_transfer" => plain("/v1/resources/transfer", json!({ "from": other.user, "to": null })),
        "resources_claim" => of("/v1/resources/lead/{}/claim", "theirs", json!({})),
        "participants_add" => of("/v1/resources/board/{}/participants", "theirs", json!({ "user_id": other.user })),
        "participants_remove" => {
            of("/v1/resources/board/{}/participants/usr_00000000000000000000000001", "theirs", none)
        }
        "mentionable_list" => of("/v1/resources/board/{}/mentionable", "theirs", none),
        "mentions_add" => of("/v1/resources/board/{}/mentions", "theirs", json!({ "user_id": other.user })),
        "invitations_create" => plain("/v1/invitations", json!({ "emails": ["a@example.com"], "type": "member" })),
        "invitations_list" => plain("/v1/invitations", none),
        "invitations_resend" => of("/v1/invitations/{}/resend", &other.invitation, json!({})),
        "invitations_revoke" => of("/v1/invitations/{}", &other.invitation, none),
        "invitations_approve" => of("/v1/invitations/{}/approve", &other.invitation, json!({})),
        "invitations_reject" => of("/v1/invitations/{}/reject", &other.invitation, json!({})),
        "imports_upload" => plain("/v1/imports/uploads", json!({})),
        "imports_create" => plain("/v1/imports", json!({ "csv": "email\na@example.com" })),
        "imports_list" => plain("/v1/imports", none),
        "imports_get" => of("/v1/imports/{}", &other.import, none),
        "imports_rows" => of("/v1/imports/{}/rows", &other.import, none),
        "imports_report" => of("/v1/imports/{}/report", &other.import, none),
        "imports_commit" => of("/v1/imports/{}/commit", &other.import, json!({})),
        "imports_stop" => of("/v1/imports/{}/stop", &other.import, json!({})),
        "audit_list" => plain("/v1/audit", none),
        name => billing(name, other),
    }
}

/// The same of licenses and what is paid for them.
fn billing(name: &str, other: &Other) -> Fixture {
    let plain = |path, body| Fixture { path, foreign: None, body };
    let of = |path, foreign: &str, body| Fixture { path, foreign: Some(foreign.to_owned()), body };
    let none = Value::Null;
    match name {
        "licenses_get" => plain("/v1/licenses", none),
        "plan_switch" => plain("/v1/billing/plan", json!({ "plan_id": "licensed-yearly" })),
        "licenses_purchase" => plain("/v1/licenses", json!({ "quantity": 1 })),
        "invoices_list" => plain("/v1/invoices", none),
        "invoices_get" => of("/v1/invoices/{}", &other.invoice, none),
        "invoices_pdf" => of("/v1/invoices/{}/pdf", &other.invoice, none),
        "licenses_ledger" => plain("/v1/licenses/ledger", none),
        "licenses_verify" => plain("/v1/licenses/ledger/verify", none),
        "billing_preview" => plain("/v1/billing/renewal-preview", none),
        "payment_method_get" | "payment_method_remove" => plain("/v1/billing/payment-method", none),
        "payment_method_set" => plain("/v1/billing/payment-method", json!({ "payment_method": "pm_card_visa" })),
        other => panic!("{other} has no fixture: say how it is refused"),
    }
}

/// The actions that a rule refuses to guests, beyond what a permission says.
const NOT_FOR_GUESTS: [&str; 6] =
    ["imports_upload", "imports_create", "invitations_create", "invitations_list", "team_list", "users_batch"];

/// The actions whose ids the client chooses: another account's object does not stand in the way, its people cannot own.
const NAMED_BY_CLIENTS: [&str; 1] = ["resources_put"];

/// The actions after which something is gone, whether or not it was there: another account's object is as gone as any.
const GONE_EITHER_WAY: [&str; 1] = ["contacts_remove"];

impl Other {
    /// What another account has.
    pub(super) async fn of(cloud: &Arc<Cloud>) -> Self {
        let stranger = cloud.sign_up("unlimited", 1).await;
        let invitation = stranger.invite("theirs@example.com", "member").await;
        let sessions = stranger.get("/v1/sessions").await.expect(200);
        let body = json!({ "name": "Theirs", "owner_id": stranger.id() });
        for kind in ["lead", "board"] {
            stranger.put(&format!("/v1/resources/{kind}/theirs"), body.clone()).await.expect(200);
        }
        let import = stranger.post("/v1/imports", json!({ "csv": "email\na@example.com" })).await.expect(201);
        let payer = cloud.sign_up("licensed-monthly", 1).await;
        let invoices = payer.get("/v1/invoices").await.expect(200);
        Self {
            invoice: invoices["items"][0]["id"].as_str().unwrap().to_owned(),
            user: stranger.id().to_owned(),
            invitation: invitation["id"].as_str().unwrap().to_owned(),
            session: sessions["items"][0]["id"].as_str().unwrap().to_owned(),
            role: stranger.role("Theirs", &["users.read"]).await,
            import: import["id"].as_str().unwrap().to_owned(),
        }
    }
}

impl Other {
    /// Its user, whom paths name.
    pub(super) fn user(&self) -> &str {
        &self.user
    }
}

impl Fixture {
    /// The path to another account's object, where the path names one.
    pub(super) fn path(&self) -> String {
        self.path.replace("{}", self.foreign.as_deref().unwrap_or_default())
    }
}

pub(super) async fn call(client: &Client, method: &str, path: &str, body: &Value) -> Answer {
    let body = (!body.is_null()).then(|| body.to_string().into_bytes());
    client.send(method, path, body).await
}

#[tokio::test]
async fn every_action_is_refused_to_whoever_may_not() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let guest = admin.welcome("guest@example.com", "guest").await;
    let gone = admin.welcome("gone@example.com", "admin").await;
    admin.deactivate(gone.id()).await.expect(200);
    let other = Other::of(&cloud).await;
    let mut forger = cloud.public();
    forger.token = Some("A".repeat(43));
    let before = cloud.dump().await;

    for action in CATALOGUE.iter().filter(|action| action.access.needs_session()) {
        let fixture = fixture(action.name, &other);
        let path = fixture.path();
        assert_eq!(fixture.foreign.is_some(), action.path.contains('{'), "{}", action.name);

        for nobody in [&cloud.public(), &forger, &gone] {
            call(nobody, action.method, &path, &fixture.body).await.refused(401, "unauthenticated");
            let broken = nobody.send(action.method, &path, Some(b"{".to_vec())).await;
            broken.refused(401, "unauthenticated");
        }
        if let Access::Needs(permission) = action.access {
            let said = call(&guest, action.method, &path, &fixture.body).await.refused(403, "forbidden");
            assert!(said["detail"].as_str().unwrap().contains(permission.name()), "{}: {said}", action.name);
        }
        if NOT_FOR_GUESTS.contains(&action.name) {
            call(&guest, action.method, &path, &fixture.body).await.refused(403, "forbidden");
        }
        if NAMED_BY_CLIENTS.contains(&action.name) {
            call(&admin, action.method, &path, &fixture.body).await.bad_field("owner_id", "invalid_owner");
            let path = fixture.path.replace("{}", "%2e%2e");
            call(&admin, action.method, &path, &fixture.body).await.refused(400, "invalid_request");
        } else if GONE_EITHER_WAY.contains(&action.name) {
            call(&admin, action.method, &path, &fixture.body).await.expect(204);
            let path = fixture.path.replace("{}", "%2e%2e");
            call(&admin, action.method, &path, &fixture.body).await.refused(404, "not_found");
        } else if fixture.foreign.is_some() {
            call(&admin, action.method, &path, &fixture.body).await.refused(404, "not_found");
            for nonsense in ["x", "usr_00000000000000000000000000", "%2e%2e", "acc_zzzz", "%00", "🦀"] {
                let nonsense = percent(nonsense);
                let path = fixture.path.replace("{}", &nonsense);
                call(&admin, action.method, &path, &fixture.body).await.refused(404, "not_found");
            }
        }
    }
    let foreign = json!({ "from": other.user, "to": null });
    admin.post("/v1/resources/transfer", foreign).await.refused(404, "not_found");
    assert_eq!(cloud.dump().await, before, "nothing was changed");
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[tokio::test]
async fn public_actions_take_no_token_for_granted() {
    let cloud = Cloud::start().await;
    let nonsense = ["", "x", "A", &"A".repeat(43), &"A".repeat(44), &"ä".repeat(43), "../../etc/passwd"];
    for token in nonsense {
        let accept = json!({ "token": token, "name": "N", "password": crate::support::PASSWORD });
        cloud.public().post("/v1/invitations/accept", accept).await.refused(404, "not_found");
        cloud.public().post("/v1/email/verify", json!({ "token": token })).await.refused(404, "not_found");
        let reset = json!({ "token": token, "password": crate::support::PASSWORD });
        cloud.public().post("/v1/password/reset", reset).await.refused(404, "not_found");
        let token = percent(token);
        cloud.public().get(&format!("/v1/invitations/lookup?token={token}")).await.refused(404, "not_found");
        for page in ["accept-invitation", "verify-email"] {
            let answer = cloud.public().get(&format!("/{page}?token={token}")).await;
            assert_eq!((answer.status, answer.header("content-type")), (200, "text/html; charset=utf-8"));
        }
    }
    cloud.public().get("/v1/invitations/lookup").await.bad_field("token", "missing_field");
    cloud.public().get("/problems/no_such_code").await.refused(404, "not_found");
    assert_eq!(cloud.public().get("/problems/last_admin").await.status, 200);
}
