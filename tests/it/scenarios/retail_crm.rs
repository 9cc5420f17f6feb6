//! R: the retail CRM. Free users, blocking.

use serde_json::json;

use crate::support::{Cloud, PASSWORD};

#[tokio::test]
async fn r1_users_are_free_and_unlimited() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let emails: Vec<String> = (0..20).map(|number| format!("p{number}@example.com")).collect();
    let body = admin.post("/v1/invitations", json!({ "emails": emails, "type": "member" })).await.expect(201);
    assert!(body["results"].as_array().unwrap().iter().all(|row| row["outcome"] == "invited"));
    let licenses = admin.get("/v1/licenses").await.expect(200);
    assert_eq!(licenses["model"], "unlimited");
    assert_eq!((licenses["purchased"].clone(), licenses["available"].clone()), (json!(null), json!(null)));
}

#[tokio::test]
async fn r3_r4_a_user_is_made_at_once_and_told_the_login_but_never_the_password() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let body = json!({ "name": "Cora", "login": "cora", "email": "cora@example.com", "type": "member",
        "phone": "+380 44 000 00 00", "sign_in": "password", "password": PASSWORD, "locale": "uk" });
    let cora = admin.post("/v1/users", body.clone()).await.expect(201);
    assert_eq!((cora["status"].clone(), cora["login"].clone()), (json!("pending"), json!("cora")));
    assert_eq!((cora["phone"].clone(), cora["email_verified"].clone()), (json!("+380 44 000 00 00"), json!(false)));
    let mails = cloud.mails("cora@example.com").await;
    assert_eq!((mails.len(), &mails[0]["template"], &mails[0]["locale"]), (1, &json!("user_created"), &json!("uk")));
    assert!(mails[0]["text"].as_str().unwrap().contains("cora"));
    assert!(!mails[0].to_string().contains(PASSWORD));
    // The link confirms the address; signing in works without.
    cloud.try_sign_in("CORA", PASSWORD).await.expect(201);
    let token = cloud.link("cora@example.com").await;
    cloud.public().post("/v1/email/verify", json!({ "token": token })).await.expect(204);
    let path = format!("/v1/users/{}", cora["id"].as_str().unwrap());
    assert_eq!(admin.get(&path).await.expect(200)["email_verified"], true);

    // Without an address nobody is mailed; login and address are each unique, whoever holds them.
    admin.create("dora", None).await;
    for (login, email, code) in [
        ("Cora", json!("other@example.com"), "login_taken"),
        ("other", json!("CORA@example.com"), "email_taken"),
        ("cora@example.com", json!(null), "login_taken"),
    ] {
        let mut body = body.clone();
        (body["login"], body["email"]) = (json!(login), email);
        let told = admin.post("/v1/users?dry_run=true", body.clone()).await.expect(200);
        assert_eq!(told["effects"]["refusals"][0]["code"], code);
        admin.post("/v1/users", body).await.refused(409, code);
    }
    for (field, value, code) in [
        ("password", json!(null), "missing_field"),
        ("password", json!("password1234"), "weak_password"),
        ("email", json!("nonsense"), "invalid_email"),
        ("name", json!(""), "empty"),
        ("sign_in", json!("facebook"), "invalid_value"),
    ] {
        let mut body = body.clone();
        (body["login"], body[field]) = (json!("fresh"), value);
        admin.post("/v1/users", body).await.bad_field(field, code);
    }
    let nobody = json!({ "name": "N", "type": "member", "sign_in": "password", "password": PASSWORD });
    admin.post("/v1/users", nobody).await.bad_field("login", "missing_field");
    let google = json!({ "name": "G", "login": "g", "type": "member", "sign_in": "google" });
    admin.post("/v1/users", google).await.bad_field("email", "missing_field");
}

#[tokio::test]
async fn r6_a_created_user_is_pending_until_the_first_sign_in() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 2).await;
    let dora = admin.create("dora", None).await;
    assert_eq!((dora["status"].clone(), dora["licensed"].clone()), (json!("pending"), json!(true)));
    assert_eq!(admin.licenses().await, (2, 1, 1, 0));
    admin
        .post(&format!("/v1/users/{}/deactivate", dora["id"].as_str().unwrap()), json!({}))
        .await
        .refused(409, "user_pending");
    let body = json!({ "name": "E", "login": "e", "type": "member", "sign_in": "password", "password": PASSWORD });
    admin.post("/v1/users", body.clone()).await.refused(409, "no_license_available");
    let signed_in = cloud.try_sign_in("dora", PASSWORD).await.expect(201);
    assert_eq!(signed_in["user"]["status"], "active");
    assert!(signed_in["user"]["activated_at"].is_string());
    assert_eq!(admin.licenses().await, (2, 2, 0, 0));

    // Where the policy takes the license with the acceptance, the first sign-in is what needs one.
    admin.policy(json!({ "invitations": { "license_reserved_on": "acceptance" } })).await;
    admin.post("/v1/users", body).await.expect(201);
    cloud.try_sign_in("e", PASSWORD).await.refused(409, "no_license_available");
    admin.post("/v1/licenses", json!({ "quantity": 1 })).await.expect(201);
    cloud.try_sign_in("e", PASSWORD).await.expect(201);
    assert_eq!(admin.licenses().await, (3, 3, 0, 0));
}

#[tokio::test]
async fn r8_an_admin_sets_a_password_by_hand_and_no_mail_tells_of_it() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    let mails = cloud.mails("ben@example.com").await.len();
    let path = format!("/v1/users/{}/password", ben.id());
    admin.put(&path, json!({ "password": "Newcomer 1234" })).await.bad_field("password", "weak_password");
    let next = "zweite Wolken über Kyjiw";
    admin.put(&path, json!({ "password": next })).await.expect(204);
    ben.get("/v1/me").await.refused(401, "unauthenticated");
    cloud.try_sign_in("ben@example.com", PASSWORD).await.refused(401, "invalid_credentials");
    cloud.try_sign_in("ben@example.com", next).await.expect(201);
    assert_eq!(cloud.mails("ben@example.com").await.len(), mails);
    // It is also how somebody without an address gets a new one.
    let dora = admin.create("dora", None).await;
    let path = format!("/v1/users/{}", dora["id"].as_str().unwrap());
    admin.post(&format!("{path}/password-reset"), json!({})).await.refused(409, "user_has_no_email");
    admin.put(&format!("{path}/password"), json!({ "password": next })).await.expect(204);
    cloud.try_sign_in("dora", next).await.expect(201);
}

#[tokio::test]
async fn r9_a_forgotten_password_is_replaced_by_mail() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    cloud.forgot("Ben@Example.com").await.expect(202);
    let mail = cloud.mails("ben@example.com").await[0].clone();
    assert_eq!(mail["template"], "password_reset_requested");
    ben.get("/v1/me").await.expect(200);
    let next = "zweite Wolken über Kyjiw";
    cloud.reset("ben@example.com", next).await.expect(204);
    ben.get("/v1/me").await.refused(401, "unauthenticated");
    cloud.try_sign_in("ben@example.com", next).await.expect(201);
    assert_eq!(cloud.templates("ben@example.com").await[0], "password_changed");
    // Nobody else is mailed: no stranger, nobody who is invited or blocked, nobody without an address.
    admin.invite("invited@example.com", "member").await;
    admin.deactivate(ben.id()).await.expect(200);
    for email in ["stranger@example.com", "invited@example.com", "ben@example.com"] {
        let before = cloud.mails(email).await.len();
        cloud.forgot(email).await.expect(202);
        assert_eq!(cloud.mails(email).await.len(), before, "{email}");
    }
    assert_eq!(cloud.worker().await["failures"], 0);
}

#[tokio::test]
async fn r6_pending_until_the_acceptance_then_active() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let invitation = admin.invite("anna@example.com", "member").await;
    let path = format!("/v1/users/{}", invitation["user_id"].as_str().unwrap());
    let pending = admin.get(&path).await.expect(200);
    assert_eq!((pending["status"].clone(), pending["activated_at"].clone()), (json!("pending"), json!(null)));
    admin.post(&format!("{path}/deactivate"), json!({})).await.refused(409, "user_pending");
    cloud.accept("anna@example.com", "Anna").await;
    let active = admin.get(&path).await.expect(200);
    assert_eq!((active["status"].clone(), active["name"].clone()), (json!("active"), json!("Anna")));
    assert!(active["activated_at"].is_string());
}

#[tokio::test]
async fn r10_r12_the_blocked_stand_at_the_lists_end_and_can_come_back() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let mut ids = Vec::new();
    for name in ["Zoe", "anna", "Émile", "Bert"] {
        admin.invite(&format!("{}@example.com", ids.len()), "member").await;
        let user = cloud.accept(&format!("{}@example.com", ids.len()), name).await;
        ids.push(user.id().to_owned());
    }
    admin.invite("waiting@example.com", "member").await;
    admin.deactivate(&ids[1]).await.expect(200);
    let names = async |query: &str| -> Vec<String> {
        let body = admin.get(&format!("/v1/users{query}")).await.expect(200);
        body["items"].as_array().unwrap().iter().map(|user| user["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("").await, ["Bert", "Olga Owner", "Zoe", "Émile", "waiting@example.com", "anna"]);
    assert_eq!(names("?sort=name").await, ["anna", "Bert", "Olga Owner", "waiting@example.com", "Zoe", "Émile"]);
    assert_eq!(names("?sort=-name&status=active").await, ["Émile", "Zoe", "Olga Owner", "Bert"]);
    assert_eq!(names("?status=deactivated&status=pending").await, ["waiting@example.com", "anna"]);
    assert_eq!(names("?type=admin").await, ["Olga Owner"]);
    admin.deactivate(&ids[1]).await.expect(200);
    assert_eq!(admin.reactivate(&ids[1]).await.expect(200)["status"], "active");
    assert_eq!(names("?status=deactivated").await, [] as [&str; 0]);
}

#[tokio::test]
async fn r2_roles_have_chosen_rights_and_are_made_while_adding() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let desk = admin.role("Desk", &["users.read"]).await;
    let body = json!({ "name": "Cora", "login": "cora", "type": "member", "role_id": desk, "sign_in": "password",
        "password": PASSWORD });
    let made = admin.post("/v1/users", body).await.expect(201);
    assert_eq!((&made["role_name"], &made["permissions"]), (&json!("Desk"), &json!(["users.read"])));
    let cora = cloud.sign_in("cora").await;
    cora.get("/v1/users").await.expect(200);
    cora.get("/v1/licenses").await.refused(403, "forbidden");
    // A change of the role holds for everybody who has it, from the next request on.
    let path = format!("/v1/roles/{desk}");
    let changed = json!({ "name": "Front desk", "permissions": ["users.read", "billing.read"] });
    assert_eq!(admin.patch(&path, changed).await.expect(200)["version"], 2);
    cora.get("/v1/licenses").await.expect(200);
    let seen = admin.get("/v1/users").await.expect(200)["items"].as_array().unwrap().clone();
    assert!(seen.iter().any(|user| user["role_name"] == "Front desk"), "{seen:?}");
    admin.patch(&path, json!({ "permissions": [] })).await.expect(200);
    cora.get("/v1/users").await.refused(403, "forbidden");
    // Nobody takes away a role that somebody has, nor one that every account has.
    admin.delete(&path).await.refused(409, "role_in_use");
    let listed = admin.get("/v1/roles").await.expect(200)["items"].as_array().unwrap().clone();
    assert_eq!(listed.len(), 5);
    assert_eq!(
        (&listed[4]["name"], &listed[4]["users"], &listed[4]["built_in"]),
        (&json!("Front desk"), &json!(1), &json!(false))
    );
    let built_in = listed[1]["id"].as_str().unwrap();
    admin.delete(&format!("/v1/roles/{built_in}")).await.refused(409, "role_built_in");
    let user = format!("/v1/users/{}/role", cora.id());
    admin.put(&user, json!({ "role_id": built_in })).await.expect(200);
    cora.get("/v1/users").await.expect(200);
    admin.delete(&path).await.expect(204);
    admin.put(&user, json!({ "role_id": desk })).await.bad_field("role_id", "unknown_role");
    let bad = json!({ "name": "R", "permissions": ["users.fly"] });
    admin.post("/v1/roles", bad).await.bad_field("permissions[0]", "invalid_value");
}

#[tokio::test]
async fn r7_a_login_is_edited_and_unique() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let made = admin.create("cora", Some("cora@example.com")).await;
    admin.create("dora", None).await;
    let path = format!("/v1/users/{}", made["id"].as_str().unwrap());
    admin.patch(&path, json!({ "login": "DORA" })).await.refused(409, "login_taken");
    assert_eq!(admin.patch(&path, json!({ "login": "Coraline" })).await.expect(200)["id"], made["id"]);
    cloud.try_sign_in("cora", PASSWORD).await.refused(401, "invalid_credentials");
    cloud.try_sign_in("coraline", PASSWORD).await.expect(201);
    cloud.try_sign_in("cora@example.com", PASSWORD).await.expect(201);
    // The old login is free for somebody else.
    admin.create("cora", None).await;
    let invited = admin.invite("ben@example.com", "member").await;
    let path = format!("/v1/users/{}", invited["user_id"].as_str().unwrap());
    admin.patch(&path, json!({ "login": "ben" })).await.refused(409, "user_pending");
}
