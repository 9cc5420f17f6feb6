//! Nobody reaches above himself, on any path.

use serde_json::{Value, json};

use crate::support::{Client, Cloud};

/// A member with a role of the account's own.
async fn clerk(admin: &Client, email: &str, permissions: &[&str]) -> Client {
    let role = admin.role(email, permissions).await;
    let user = admin.welcome(email, "member").await;
    admin.put(&format!("/v1/users/{}/role", user.id()), json!({ "role_id": role })).await.expect(200);
    user
}

#[tokio::test]
async fn b9_only_an_administrator_makes_and_unmakes_admins_by_status_too() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let desk = clerk(&admin, "desk@example.com", &["users.read", "users.status"]).await;
    let eva = admin.welcome("eva@example.com", "admin").await;
    let ben = admin.welcome("ben@example.com", "member").await;
    desk.deactivate(eva.id()).await.refused(403, "cannot_grant");
    let off = json!({ "user_ids": [eva.id()], "set": { "status": "deactivated" } });
    let row = desk.post("/v1/users/batch", off).await.expect(200)["results"][0].clone();
    assert_eq!((&row["outcome"], &row["code"]), (&json!("refused"), &json!("cannot_grant")));
    admin.deactivate(eva.id()).await.expect(200);
    desk.reactivate(eva.id()).await.refused(403, "cannot_grant");
    let on = json!({ "user_ids": [eva.id()], "set": { "status": "active" } });
    let row = desk.post("/v1/users/batch", on).await.expect(200)["results"][0].clone();
    assert_eq!((&row["outcome"], &row["code"]), (&json!("refused"), &json!("cannot_grant")));
    // Whoever has more rights than the desk is not let in again by it; of the others it takes care.
    desk.deactivate(ben.id()).await.expect(200);
    desk.reactivate(ben.id()).await.refused(403, "cannot_grant");
    let gus = admin.welcome("gus@example.com", "guest").await;
    desk.deactivate(gus.id()).await.expect(200);
    desk.reactivate(gus.id()).await.expect(200);
}

#[tokio::test]
async fn nobody_changes_what_somebody_above_him_signs_in_with() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let every: Vec<Value> = admin.get("/v1/permissions").await.expect(200)["items"].as_array().unwrap().clone();
    let every: Vec<&str> = every.iter().map(|permission| permission["name"].as_str().unwrap()).collect();
    let almighty = clerk(&admin, "almighty@example.com", &every).await;
    let writer = clerk(&admin, "writer@example.com", &["users.read", "users.write"]).await;
    let path = format!("/v1/users/{}", admin.id());
    for clerk in [&almighty, &writer] {
        clerk.patch(&path, json!({ "login": "mine" })).await.expect(403);
        // A name stands in mails, and who gets those is the admin's own to say.
        for edit in [json!({ "name": "IT Support" }), json!({ "notifications": { "approvals": false } })] {
            clerk.patch(&path, edit).await.refused(403, "cannot_grant");
        }
    }
    let password = json!({ "password": "eine ganz andere Wolke" });
    almighty.put(&format!("{path}/password"), password).await.refused(403, "cannot_grant");
    almighty.post(&format!("{path}/password-reset"), json!({})).await.refused(403, "cannot_grant");
    almighty.delete(&format!("{path}/two-factor")).await.refused(403, "cannot_grant");
}

#[tokio::test]
async fn guests_and_viewers_bring_nobody_in_whatever_their_role() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let role = admin.role("Inviting", &["users.read", "users.invite"]).await;
    for user_type in ["guest", "viewer"] {
        let user = admin.welcome(&format!("{user_type}@example.com"), user_type).await;
        admin.put(&format!("/v1/users/{}/role", user.id()), json!({ "role_id": role })).await.expect(200);
        let body = json!({ "name": "X", "login": "x", "type": "guest", "sign_in": "google", "email": "x@example.com" });
        user.post("/v1/users", body).await.refused(403, "forbidden");
    }
}

#[tokio::test]
async fn a_list_shows_whoever_only_reads_it_no_way_in() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let viewer = admin.welcome("vera@example.com", "viewer").await;
    let path = format!("/v1/users/{}", admin.id());
    let listed = viewer.get("/v1/users?type=admin").await.expect(200)["items"][0].clone();
    for shown in [listed, viewer.get(&path).await.expect(200)] {
        for field in ["login", "sign_in", "two_factor_enabled", "notifications"] {
            assert_eq!(shown[field], Value::Null, "{field}");
        }
        assert_eq!((&shown["name"], &shown["email"]), (&admin.user["name"], &admin.user["email"]));
    }
    // Oneself, and for whoever administers users, everything.
    assert_eq!(viewer.get(&format!("/v1/users/{}", viewer.id())).await.expect(200)["login"], "vera@example.com");
    let shown = admin.get(&format!("/v1/users/{}", viewer.id())).await.expect(200);
    assert_eq!((&shown["login"], &shown["two_factor_enabled"]), (&json!("vera@example.com"), &json!(false)));
    // A guest who may read users reads of admins and members alone (B2).
    let role = admin.role("Reading", &["users.read"]).await;
    let guest = admin.welcome("gus@example.com", "guest").await;
    let other = admin.welcome("greta@example.com", "guest").await;
    admin.put(&format!("/v1/users/{}/role", guest.id()), json!({ "role_id": role })).await.expect(200);
    let seen = guest.get("/v1/users").await.expect(200)["items"].as_array().unwrap().clone();
    assert_eq!(seen.iter().map(|user| user["id"].as_str().unwrap()).collect::<Vec<_>>(), [admin.id()]);
    guest.get(&format!("/v1/users/{}", other.id())).await.refused(404, "not_found");
    assert_eq!(seen[0]["email"], Value::Null, "addresses are the team's (B3)");
    guest.get(&format!("/v1/users/{}", guest.id())).await.expect(200);
}

#[tokio::test]
async fn an_invitation_says_what_its_user_is_to_be() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let invitation = admin.invite("ira@example.com", "guest").await;
    let user = format!("/v1/users/{}", invitation["user_id"].as_str().unwrap());
    admin.put(&format!("{user}/type"), json!({ "type": "member" })).await.expect(200);
    let open = admin.get("/v1/invitations").await.expect(200)["items"][0].clone();
    assert_eq!((&open["type"], &open["version"]), (&json!("member"), &json!(2)));
    let role = admin.role("Reading", &["users.read"]).await;
    admin.put(&format!("{user}/role"), json!({ "role_id": role })).await.expect(200);
    assert_eq!(admin.get("/v1/invitations").await.expect(200)["items"][0]["role_id"], role.as_str());
    let body = json!({ "user_ids": [invitation["user_id"]], "set": { "type": "admin" } });
    admin.post("/v1/users/batch", body).await.expect(200);
    // It is revived as that, too.
    cloud.advance(8 * 86_400).await;
    cloud.worker().await;
    let path = format!("/v1/invitations/{}/resend", invitation["id"].as_str().unwrap());
    admin.post(&path, json!({})).await.expect(200);
    let ira = cloud.accept("ira@example.com", "Ira").await;
    assert_eq!((&ira.user["type"], &ira.user["role_name"]), (&json!("admin"), &json!("administrator")));
}

#[tokio::test]
async fn a_dry_run_says_that_a_login_is_taken() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let cora = admin.create("cora", None).await;
    admin.create("dora", None).await;
    let path = format!("/v1/users/{}", cora["id"].as_str().unwrap());
    let told = admin.patch(&format!("{path}?dry_run=true"), json!({ "login": "DORA" })).await.expect(200);
    assert_eq!(told["effects"]["refusals"][0]["code"], "login_taken", "{told}");
    admin.patch(&path, json!({ "login": "DORA" })).await.refused(409, "login_taken");
    admin.patch(&path, json!({ "login": "CORA" })).await.expect(200);
}

#[tokio::test]
async fn nobody_finds_by_what_he_is_not_told() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let member = admin.welcome("mia@example.com", "member").await;
    let user = format!("/v1/users/{}", member.id());
    admin.patch(&user, json!({ "login": "qz7secret" })).await.expect(200);
    let viewer = admin.welcome("vera@example.com", "viewer").await;
    let role = admin.role("Writing", &["users.read", "users.write", "users.status"]).await;
    let guest = admin.welcome("gus@example.com", "guest").await;
    let other = admin.welcome("greta@example.com", "guest").await;
    admin.put(&format!("/v1/users/{}/role", guest.id()), json!({ "role_id": role })).await.expect(200);
    let found = async |reader: &Client, path: &str, q: &str| {
        reader.get(&format!("{path}?q={q}")).await.expect(200)["items"].as_array().unwrap().len()
    };
    for path in ["/v1/users", "/v1/users/assignable"] {
        for (reader, login, address) in [(&admin, 1, 1), (&viewer, 0, 1), (&guest, 0, 0)] {
            assert_eq!(found(reader, path, "qz7").await, login, "{path}");
            assert_eq!(found(reader, path, "mia").await, address, "{path}");
        }
    }
    // Whom a guest does not see, he neither edits nor chooses, whatever his role.
    let unseen = format!("/v1/users/{}", other.id());
    guest.patch(&unseen, json!({})).await.refused(404, "not_found");
    guest.deactivate(other.id()).await.refused(404, "not_found");
    for choice in [json!({ "user_ids": [other.id()] }), json!({ "select": { "type": "guest" } })] {
        let mut body = choice;
        body["set"] = json!({ "status": "deactivated" });
        let rows = guest.post("/v1/users/batch", body).await.expect(200)["results"].clone();
        assert!(rows.as_array().unwrap().iter().all(|row| row["code"] == "not_found"), "{rows}");
    }
}

#[tokio::test]
async fn what_cannot_be_emptied_is_not_emptied_by_null() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let cora = admin.create("cora", None).await;
    let path = format!("/v1/users/{}", cora["id"].as_str().unwrap());
    for field in ["name", "login", "locale", "notifications"] {
        admin.patch(&path, json!({ field: null })).await.refused(400, "invalid_request");
    }
    admin.patch(&path, json!({ "title": null })).await.expect(200);
}
