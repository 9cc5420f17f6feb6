//! Every action once: what it takes of the table's units, and which of its operations it uses.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use edge::catalogue::action;
use serde_json::{Value, json};
use store::meter::Units;

use crate::support::{Answer, Client, Cloud, PASSWORD, png, secret_of};

mod billing;
mod email;
mod guests;
mod imports;

/// What one run of an action took.
pub struct Cost {
    pub units: Units,
    /// The operations, and for queries the index: `GetItem`, `Query listing`.
    pub operations: BTreeSet<String>,
}

/// Calls actions one after the other and notes what each took.
pub(super) struct Measured {
    pub(super) cloud: Arc<Cloud>,
    seen: Arc<Mutex<BTreeSet<String>>>,
    costs: BTreeMap<&'static str, Cost>,
}

impl Measured {
    pub(super) async fn call(&mut self, name: &'static str, client: &Client, path: &str, body: Value) -> Value {
        let row = action(name).expect("an action");
        self.cloud.local.settle().await;
        self.seen.lock().unwrap().clear();
        let bytes = (!body.is_null()).then(|| body.to_string().into_bytes());
        let answer: Answer = client.send(row.method, path, bytes).await;
        let operations = self.seen.lock().unwrap().clone();
        self.cloud.local.settle().await;
        let cost = Cost { units: answer.units, operations };
        let found = self.costs.entry(name).or_insert(Cost { units: Units::default(), operations: BTreeSet::new() });
        if cost.units.write + cost.units.read > found.units.write + found.units.read {
            found.units = cost.units;
        }
        found.operations.extend(cost.operations);
        answer.expect(row.status)
    }
}

impl Measured {
    /// Calls an action for the operations that it uses, whatever it answers and costs.
    async fn used(&mut self, name: &'static str, client: &Client, path: &str, body: Value) {
        let row = action(name).expect("an action");
        self.cloud.local.settle().await;
        self.seen.lock().unwrap().clear();
        let bytes = (!body.is_null()).then(|| body.to_string().into_bytes());
        client.send(row.method, path, bytes).await;
        let operations = self.seen.lock().unwrap().clone();
        let found = self.costs.entry(name).or_insert(Cost { units: Units::default(), operations: BTreeSet::new() });
        found.operations.extend(operations);
    }
}

/// The operations of a request to the table, as policies name them.
fn operations(operation: &str, body: &[u8]) -> Vec<String> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    // The worker's own calls are about mails alone.
    if operation != "TransactWriteItems" && body.to_string().contains("MAIL#") {
        return Vec::new();
    }
    match operation {
        "TransactWriteItems" => {
            let actions = body["TransactItems"].as_array().cloned().unwrap_or_default();
            let kinds = actions.iter().filter_map(|it| it.as_object()?.keys().next().cloned());
            kinds
                .map(|kind| if kind == "ConditionCheck" { "ConditionCheckItem".into() } else { format!("{kind}Item") })
                .collect()
        }
        "Query" => vec![format!("Query {}", body["IndexName"].as_str().unwrap_or_default()).trim_end().to_owned()],
        "GetItem" | "BatchGetItem" | "UpdateItem" | "PutItem" | "DeleteItem" => vec![operation.to_owned()],
        _ => Vec::new(),
    }
}

/// Every action once, on the embedded engine; none elsewhere.
pub async fn measure() -> Option<BTreeMap<&'static str, Cost>> {
    let cloud = Cloud::with_payments().await;
    let seen: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let noting = seen.clone();
    cloud.local.embedded()?.inject(Some(Arc::new(move |operation, body| {
        noting.lock().unwrap().extend(operations(operation, body));
        None
    })));
    let mut run = Measured { cloud: cloud.clone(), seen, costs: BTreeMap::new() };
    let none = Value::Null;
    let public = cloud.public();

    run.call("plans_list", &public, "/v1/plans", none.clone()).await;
    run.call("openapi_get", &public, "/v1/openapi.json", none.clone()).await;
    let owner = json!({ "name": "Olga Owner", "email": "olga@example.com", "password": PASSWORD });
    let body = json!({ "name": "Acme", "plan_id": "licensed-monthly", "licenses": 3, "owner": owner });
    let up = run.call("accounts_create", &public.with("idempotency-key", "1"), "/v1/accounts", body).await;
    let mut admin = cloud.signed_in(&json!({ "token": up["session"]["token"], "user": up["user"] }));
    let link = cloud.link("olga@example.com").await;
    run.call("pages_verify_email", &public, &format!("/verify-email?token={link}"), none.clone()).await;
    run.call("email_verify", &public.with("idempotency-key", "1"), "/v1/email/verify", json!({ "token": link })).await;
    let body = json!({ "login": "olga@example.com", "password": PASSWORD });
    let other = run.call("sessions_create", &public.with("idempotency-key", "1"), "/v1/sessions", body).await;
    let named = json!({ "account": up["account"]["slug"], "login": "olga@example.com", "password": PASSWORD });
    run.call("sessions_create", &public, "/v1/sessions", named).await;
    run.call(
        "password_forgot",
        &public.with("idempotency-key", "1"),
        "/v1/password/forgot",
        json!({ "email": "olga@example.com" }),
    )
    .await;
    let reset = cloud.link("olga@example.com").await;
    run.call("pages_forgot_password", &public, "/forgot-password", none.clone()).await;
    run.call("pages_reset_password", &public, &format!("/reset-password?token={reset}"), none.clone()).await;
    run.call("sessions_list", &admin, "/v1/sessions", none.clone()).await;
    let path = format!("/v1/sessions/{}", other["id"].as_str().unwrap());
    run.call("sessions_delete", &admin, &path, none.clone()).await;
    let body = json!({ "token": reset, "password": PASSWORD });
    run.call("password_reset", &public.with("idempotency-key", "1"), "/v1/password/reset", body).await;
    admin = cloud.sign_in("olga@example.com").await;
    let body = json!({ "current_password": PASSWORD, "new_password": PASSWORD });
    run.call("me_password", &admin, "/v1/me/password", body).await;
    second_factor(&mut run, &admin).await;
    run.call("account_get", &admin, "/v1/account", none.clone()).await;
    run.call("account_update", &admin, "/v1/account", json!({ "name": "Acme 2" })).await;
    run.call("me_get", &admin, "/v1/me", none.clone()).await;
    // A quarter of an hour later the activity is noted.
    cloud.advance(16 * 60).await;
    run.call("me_update", &admin, "/v1/me", json!({ "title": "CEO", "name": "Olga Boss" })).await;
    pictures(&mut run, &admin).await;
    admin = admin.with("idempotency-key", "2");

    let body = json!({ "emails": ["ben@example.com"], "type": "member", "message": "Welcome" });
    let invited = run.call("invitations_create", &admin, "/v1/invitations", body).await;
    let id = invited["results"][0]["invitation"]["id"].as_str().unwrap().to_owned();
    run.call("invitations_list", &admin, "/v1/invitations", none.clone()).await;
    run.call("invitations_resend", &admin, &format!("/v1/invitations/{id}/resend"), json!({})).await;
    let link = cloud.link("ben@example.com").await;
    run.call("pages_accept_invitation", &public, &format!("/accept-invitation?token={link}"), none.clone()).await;
    run.call("invitations_lookup", &public, &format!("/v1/invitations/lookup?token={link}"), none.clone()).await;
    let body = json!({ "token": link, "name": "Benjamin Newcomer", "password": PASSWORD });
    let ben =
        run.call("invitations_accept", &public.with("idempotency-key", "3"), "/v1/invitations/accept", body).await;
    let ben = cloud.signed_in(&ben);
    lists(&mut run, &admin, &ben).await;
    contacts(&mut run, &admin, &ben).await;
    let user = format!("/v1/users/{}", ben.id());
    credentials_of_others(&mut run, &admin).await;
    email::changes(&mut run, &admin).await;
    sso(&mut run, &admin).await;
    roles(&mut run, &admin, &user).await;
    run.call("users_get", &admin, &user, none.clone()).await;

    admin.policy(json!({ "invitations": { "who": "members_with_approval" } })).await;
    for (name, verb) in [("invitations_approve", "approve"), ("invitations_reject", "reject")] {
        let body = json!({ "emails": [format!("{verb}@example.com")], "type": "member" });
        let asked = run.call("invitations_create", &ben, "/v1/invitations", body).await;
        let id = asked["results"][0]["invitation"]["id"].as_str().unwrap().to_owned();
        run.call(name, &admin, &format!("/v1/invitations/{id}/{verb}"), json!({})).await;
        if verb == "approve" {
            run.call("invitations_revoke", &admin, &format!("/v1/invitations/{id}"), none.clone()).await;
        }
    }
    resources(&mut run, &admin, &ben).await;
    let successor = json!({ "resources": { "strategy": "reassign", "to": admin.id() } });
    run.call("users_deactivate", &admin, &format!("{user}/deactivate"), successor).await;
    run.call("users_reactivate", &admin, &format!("{user}/reactivate"), json!({})).await;
    let body = json!({ "user_ids": [ben.id()], "set": { "status": "deactivated" } });
    run.call("users_batch", &admin.with("idempotency-key", "batch"), "/v1/users/batch", body).await;
    let body =
        json!({ "select": { "status": "deactivated", "type": ["member", "viewer"] }, "set": { "status": "active" } });
    run.call("users_batch", &admin, "/v1/users/batch", body).await;
    imports::measure(&mut run, &admin).await;
    deletion(&mut run, &admin).await;
    super::customer_costs::customers(&mut run).await;
    billing::measure(&mut run, &admin).await;
    run.call("pages_problem", &public, "/problems/last_admin", none.clone()).await;
    run.call("sessions_delete_all", &admin, "/v1/sessions", none.clone()).await;
    let mut costs = run.costs;
    costs.insert("fallback", Cost { units: Units::default(), operations: BTreeSet::new() });
    Some(costs)
}

/// Lists, sorted, searched and filtered.
async fn lists(run: &mut Measured, admin: &Client, ben: &Client) {
    for sort in ["", "?sort=-last_active", "?sort=created"] {
        run.call("users_list", admin, &format!("/v1/users{sort}"), Value::Null).await;
    }
    for query in ["?q=olga", "?q=ben%20new&sort=created"] {
        run.call("users_list", admin, &format!("/v1/users{query}"), Value::Null).await;
    }
    for query in ["", "?q=olga"] {
        run.call("users_assignable", ben, &format!("/v1/users/assignable{query}"), Value::Null).await;
        run.call("team_list", ben, &format!("/v1/team{query}"), Value::Null).await;
    }
    for filter in [String::new(), format!("?actor={}", admin.id()), format!("?subject={}", ben.id())] {
        run.call("audit_list", admin, &format!("/v1/audit{filter}"), Value::Null).await;
    }
}

/// A contact on both sides that is removed on one, added by hand and removed again on both.
async fn contacts(run: &mut Measured, admin: &Client, ben: &Client) {
    for query in ["", "?q=olga"] {
        run.call("contacts_list", ben, &format!("/v1/contacts{query}"), Value::Null).await;
    }
    let (olga, bens) = (format!("/v1/contacts/{}", admin.id()), format!("/v1/contacts/{}", ben.id()));
    run.call("contacts_remove", ben, &olga, Value::Null).await;
    run.call("contacts_add", ben, &olga, Value::Null).await;
    run.call("contacts_remove", ben, &olga, Value::Null).await;
    run.call("contacts_remove", admin, &bens, Value::Null).await;
}

/// One's own second factor, from the setup to the end, with a sign-in in between; and a confirmation that is mailed again.
async fn second_factor(run: &mut Measured, admin: &Client) {
    let cloud = run.cloud.clone();
    let keyed = admin.with("idempotency-key", "totp");
    let setup = run.call("totp_start", &keyed, "/v1/me/totp", json!({})).await;
    let code = secret_of(&setup).code_at(cloud.now().await);
    let codes = run.call("totp_confirm", &keyed, "/v1/me/totp/confirm", json!({ "code": code })).await;
    let body = json!({ "login": "olga@example.com", "password": PASSWORD, "code": codes["recovery_codes"][0] });
    run.call("sessions_create", &cloud.public().with("idempotency-key", "totp"), "/v1/sessions", body).await;
    // A first failure makes its tally, a second one adds to it.
    for _ in 0..2 {
        let body = json!({ "login": "olga@example.com", "password": "wrong wrong wrong" });
        cloud.public().from("203.0.113.7").post("/v1/sessions", body).await.refused(401, "invalid_credentials");
    }
    run.call("totp_disable", admin, "/v1/me/totp", json!({ "password": PASSWORD })).await;
    let other = cloud.sign_up("basic", 1).await.with("idempotency-key", "verify");
    run.call("email_verification_send", &other, "/v1/me/email/verification", json!({})).await;
}

/// A picture of one's own, and another.
async fn pictures(run: &mut Measured, admin: &Client) {
    run.call("avatars_upload", &admin.with("idempotency-key", "picture"), "/v1/avatars", json!({})).await;
    for colour in [[255, 0, 0], [0, 0, 255]] {
        let body = json!({ "avatar": admin.upload(&png(colour)).await });
        let me = run.call("me_update", admin, "/v1/me", body).await;
        let path = me["avatar_url"].as_str().unwrap().trim_start_matches("http://127.0.0.1:3000").to_owned();
        run.call("avatars_get", &run.cloud.public(), &path, Value::Null).await;
    }
}

/// What an admin does about the credentials of others.
async fn credentials_of_others(run: &mut Measured, admin: &Client) {
    let cloud = run.cloud.clone();
    let body = json!({ "name": "Cora", "login": "cora", "email": "cora@example.com", "type": "viewer",
        "sign_in": "password", "password": PASSWORD, "avatar": admin.upload(&png([0, 255, 0])).await });
    let cora = run.call("users_create", &admin.with("idempotency-key", "cora"), "/v1/users", body).await;
    cloud.sign_in("cora").await.set_up_totp().await;
    let user = format!("/v1/users/{}", cora["id"].as_str().unwrap());
    run.call("users_disable_two_factor", admin, &format!("{user}/two-factor"), Value::Null).await;
    let keyed = admin.with("idempotency-key", "reset");
    run.call("users_reset_password", &keyed, &format!("{user}/password-reset"), json!({})).await;
    run.call("users_set_password", admin, &format!("{user}/password"), json!({ "password": PASSWORD })).await;
}

/// A resource's life, and a deactivation that closes a board and a reactivation that opens it.
async fn resources(run: &mut Measured, admin: &Client, ben: &Client) {
    let of = |who: &Client| json!({ "name": "One", "owner_id": who.id(), "visibility": "private" });
    let keyed = |key: &str| admin.with("idempotency-key", key);
    run.call("resources_put", admin, "/v1/resources/lead/1", of(ben)).await;
    run.call("resources_put", admin, "/v1/resources/lead/1", of(admin)).await;
    run.call("resources_put", admin, "/v1/resources/board/1", of(ben)).await;
    run.call("resources_get", admin, "/v1/resources/board/1", Value::Null).await;
    run.call("resources_list", admin, "/v1/resources", Value::Null).await;
    run.call("resources_list", admin, &format!("/v1/resources?owner={}", ben.id()), Value::Null).await;
    run.call("resources_delete", admin, "/v1/resources/lead/1", Value::Null).await;
    run.call("resources_put", admin, "/v1/resources/lead/1", of(ben)).await;
    run.call("resources_delete", admin, "/v1/resources/lead/1", Value::Null).await;
    let path = "/v1/resources/board/1/participants";
    // Contacts of neither yet, since both were removed.
    run.call("participants_add", &keyed("in"), path, json!({ "email": "olga@example.com" })).await;
    admin.delete(&format!("{path}/{}", admin.id())).await.expect(200);
    let body = json!({ "user_id": admin.id() });
    run.call("participants_add", &ben.with("idempotency-key", "in"), path, body).await;
    run.call("participants_remove", admin, &format!("{path}/{}", admin.id()), Value::Null).await;
    guests::mentions(run, admin, ben).await;
    shared_boards(run, admin, ben).await;
    guests::guests(run, admin, ben).await;
    run.call("users_impact", admin, &format!("/v1/users/{}/impact", ben.id()), Value::Null).await;
    let user = format!("/v1/users/{}", ben.id());
    run.call("users_deactivate", &keyed("keep"), &format!("{user}/deactivate"), json!({})).await;
    run.call("users_reactivate", &keyed("back"), &format!("{user}/reactivate"), json!({})).await;
    let unassign = json!({ "resources": [{ "kind": "board", "id": "1" }], "to": null });
    run.call("resources_transfer", &keyed("none"), "/v1/resources/transfer", unassign).await;
    run.call("resources_claim", &keyed("claim"), "/v1/resources/board/1/claim", json!({})).await;
    let all = json!({ "from": admin.id(), "to": ben.id() });
    run.call("resources_transfer", &keyed("all"), "/v1/resources/transfer", all).await;
    // Handed to whoever co-owned it, next.
    let body = json!({ "name": "One", "owner_id": ben.id(), "co_owner_ids": [admin.id()], "visibility": "private" });
    run.call("resources_put", admin, "/v1/resources/board/1", body).await;
}

/// A deletion of somebody who owns something and has a role of the account's own and an identity at Google; and somebody
/// who is taken back.
async fn deletion(run: &mut Measured, admin: &Client) {
    let cloud = run.cloud.clone();
    let keyed = |key: &str| admin.with("idempotency-key", key);
    let body = json!({ "name": "Dora", "login": "dora", "email": "dora@example.com", "type": "member",
        "sign_in": "google" });
    let dora = keyed("dora").post("/v1/users", body).await.expect(201);
    let user = format!("/v1/users/{}", dora["id"].as_str().unwrap());
    let token = cloud.link("dora@example.com").await;
    let mut browser = cloud.browser();
    let back = browser.go("google", json!({ "token": token }), "dora@example.com").await;
    browser.get(&back).await.expect(200);
    let role = keyed("own").role("Own", &["users.read"]).await;
    admin.put(&format!("{user}/role"), json!({ "role_id": role })).await.expect(200);
    let board = json!({ "name": "One", "owner_id": dora["id"], "visibility": "private" });
    admin.put("/v1/resources/board/2", board).await.expect(200);
    keyed("dora out").deactivate(dora["id"].as_str().unwrap()).await.expect(200);
    run.call("users_delete", admin, &user, json!({ "display_name": "Somebody" })).await;
    let again = keyed("emil").create("emil", Some("emil@example.com")).await;
    let user = format!("/v1/users/{}", again["id"].as_str().unwrap());
    run.call("users_withdraw", &keyed("emil out"), &format!("{user}/withdraw"), json!({})).await;
    // Of one who holds nothing it is held that nothing is registered for him meanwhile.
    let fred = keyed("fred").welcome("fred@example.com", "viewer").await;
    keyed("fred out").deactivate(fred.id()).await.expect(200);
    run.call("users_delete", admin, &format!("/v1/users/{}", fred.id()), Value::Null).await;
}

/// Boards whose owner is gone and that another keeps open, and one whose owners are both gone.
async fn shared_boards(run: &mut Measured, admin: &Client, ben: &Client) {
    let boards = ["/v1/resources/board/2", "/v1/resources/board/3"];
    for path in boards {
        let body =
            json!({ "name": "Two", "owner_id": ben.id(), "co_owner_ids": [admin.id()], "visibility": "private" });
        admin.put(path, body).await.expect(200);
    }
    admin.with("idempotency-key", "gone").deactivate(ben.id()).await.expect(200);
    run.call("resources_get", admin, boards[0], Value::Null).await;
    run.call("resources_list", admin, "/v1/resources?state=active", Value::Null).await;
    run.call("users_impact", admin, &format!("/v1/users/{}/impact", ben.id()), Value::Null).await;
    let body = json!({ "name": "New", "owner_id": ben.id(), "co_owner_ids": [admin.id()], "visibility": "private" });
    run.call("resources_put", admin, boards[0], body).await;
    admin.with("idempotency-key", "here").reactivate(ben.id()).await.expect(200);
    let alone = json!({ "name": "New", "owner_id": ben.id(), "visibility": "private" });
    run.call("resources_put", admin, boards[0], alone).await;
    let to_co_owner = json!({ "resources": [{ "kind": "board", "id": "3" }], "to": admin.id() });
    run.call("resources_transfer", &admin.with("idempotency-key", "co"), "/v1/resources/transfer", to_co_owner).await;
    for path in boards {
        admin.delete(path).await.expect(204);
    }
}

/// A sign-in with Google, with the confirmation that comes first.
async fn sso(run: &mut Measured, admin: &Client) {
    let cloud = run.cloud.clone();
    let body = json!({ "name": "Gina", "email": "gina@example.com", "type": "viewer", "sign_in": "google" });
    run.call("users_create", &admin.with("idempotency-key", "gina"), "/v1/users", body).await;
    let token = cloud.link("gina@example.com").await;
    run.call("pages_confirm_sign_in", &cloud.public(), &format!("/confirm-sign-in?token={token}"), Value::Null).await;
    for body in [json!({ "token": token }), json!({})] {
        run.call(
            "sso_start",
            &cloud.public().with("idempotency-key", body.to_string()),
            "/v1/sso/google/start",
            body.clone(),
        )
        .await;
        let mut browser = cloud.browser();
        let back = browser.go("google", body, "gina@example.com").await;
        run.call("sso_callback", &browser.client(), &back, Value::Null).await;
    }
}

/// Roles of the account's own, and a user who gets one.
async fn roles(run: &mut Measured, admin: &Client, user: &str) {
    run.call("permissions_list", admin, "/v1/permissions", Value::Null).await;
    let body = json!({ "name": "Desk", "permissions": ["users.read", "users.status"] });
    let role = run.call("roles_create", &admin.with("idempotency-key", "role"), "/v1/roles", body).await;
    let id = role["id"].as_str().unwrap().to_owned();
    run.call("roles_list", admin, "/v1/roles", Value::Null).await;
    run.call("roles_update", admin, &format!("/v1/roles/{id}"), json!({ "permissions": ["users.read"] })).await;
    run.call("users_set_role", admin, &format!("{user}/role"), json!({ "role_id": id })).await;
    run.call("users_set_type", admin, &format!("{user}/type"), json!({ "type": "viewer" })).await;
    run.call("users_set_type", admin, &format!("{user}/type"), json!({ "type": "member" })).await;
    run.call("roles_delete", admin, &format!("/v1/roles/{id}"), Value::Null).await;
    for login in ["benny", "ben"] {
        let body = json!({ "title": "Clerk", "login": login, "avatar": admin.upload(&png([0, 255, 0])).await });
        run.call("users_update", admin, user, body).await;
    }
}
