//! W6: deletion for good. The person goes, what he did stays.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Cloud, PASSWORD};

#[tokio::test]
async fn w6_the_content_stays_under_the_display_name() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 3).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    let role = admin.role("Own", &["users.read"]).await;
    let user = format!("/v1/users/{}", ben.id());
    admin.put(&format!("{user}/role"), json!({ "role_id": role })).await.expect(200);
    admin.register(ben.id(), "lead", 0..100).await;
    admin.register(ben.id(), "automation", 0..1).await;
    let board = json!({ "name": "Ours", "owner_id": admin.id(), "co_owner_ids": [ben.id()], "visibility": "private" });
    admin.put("/v1/resources/board/ours", board).await.expect(200);
    admin.delete(&user).await.refused(409, "user_not_deactivated");
    admin.deactivate(ben.id()).await.expect(200);
    let path = format!("{user}?dry_run=true");
    let told = admin.delete(&path).await.expect(200);
    assert_eq!(told["effects"]["resources"].as_array().unwrap().len(), 80, "{told}");
    assert_eq!(admin.get(&user).await.expect(200)["status"], "deactivated", "nothing has happened");
    let versioned = admin.with("if-match", "\"1\"").delete(&user).await;
    versioned.refused(412, "version_conflict");
    admin.delete_with(&user, json!({ "display_name": " " })).await.bad_field("display_name", "empty");
    let husk = admin.delete(&user).await.expect(200);
    for (field, expected) in [
        ("status", json!("deleted")),
        ("name", json!("Deleted member")),
        ("login", Value::Null),
        ("email", Value::Null),
        ("email_verified", json!(false)),
        ("last_active_at", Value::Null),
        ("permissions", json!([])),
        ("licensed", json!(false)),
    ] {
        assert_eq!(husk[field], expected, "{field}");
    }
    assert_eq!(husk["resources_in_motion"], json!({ "done": 0, "total": 101 }));
    // Nobody counts him any more, and nobody has the role.
    admin.delete(&format!("/v1/roles/{role}")).await.expect(204);
    let counts = json!({ "active": 1, "pending": 0, "deactivated": 0, "admins": 1 });
    assert_eq!(admin.get("/v1/account").await.expect(200)["counts"], counts);
    // All that he owned waits for an owner from now on, and what acted for him stopped.
    assert_eq!(admin.resources("state=unassigned").await.len(), 100);
    assert_eq!(admin.resource("automation/automation-0000").await, (Value::Null, "disabled".to_owned()));
    cloud.worker().await;
    cloud.advance(61).await;
    cloud.worker().await;
    assert_eq!(admin.resources("state=unassigned").await.len(), 100);
    let ours = admin.get("/v1/resources/board/ours").await.expect(200);
    assert_eq!((&ours["owner_id"], &ours["co_owner_ids"]), (&json!(admin.id()), &json!([])));
    // What he did is told, of him it is told that he was there.
    let audit = admin.get(&format!("/v1/audit?limit=200&subject={}", ben.id())).await.expect(200);
    let actions: Vec<_> = audit["items"].as_array().unwrap().iter().map(|it| it["action"].clone()).collect();
    assert!(actions.contains(&json!("user.deleted")) && actions.contains(&json!("user.deactivated")), "{actions:?}");
    // He is listed only when asked for.
    assert_eq!(admin.get("/v1/users").await.expect(200)["items"].as_array().unwrap().len(), 1);
    let listed = admin.get("/v1/users?status=deleted").await.expect(200);
    assert_eq!((listed["items"].as_array().unwrap().len(), &listed["items"][0]["id"]), (1, &json!(ben.id())));
}

#[tokio::test]
async fn w6_there_is_no_way_back_and_the_address_is_free() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    let user = format!("/v1/users/{}", ben.id());
    admin.patch(&user, json!({ "login": "benny" })).await.expect(200);
    cloud.forgot("ben@example.com").await.expect(202);
    let link = cloud.link("ben@example.com").await;
    admin.deactivate(ben.id()).await.expect(200);
    admin.delete(&user).await.expect(200);
    for (method, path, body) in [
        ("DELETE", user.clone(), json!({})),
        ("POST", format!("{user}/reactivate"), json!({})),
        ("POST", format!("{user}/deactivate"), json!({})),
        ("POST", format!("{user}/withdraw"), json!({})),
        ("PATCH", user.clone(), json!({ "name": "Ben" })),
        ("PUT", format!("{user}/type"), json!({ "type": "viewer" })),
        ("PUT", format!("{user}/role"), json!({ "role_id": "rol_00000000000000000000000003" })),
        ("PUT", format!("{user}/password"), json!({ "password": PASSWORD })),
        ("POST", format!("{user}/password-reset"), json!({})),
        ("DELETE", format!("{user}/two-factor"), json!({})),
    ] {
        let answer = admin.send(method, &path, Some(body.to_string().into_bytes())).await;
        answer.refused(404, "not_found");
    }
    let body = json!({ "user_ids": [ben.id()], "set": { "status": "active" } });
    let batch = admin.post("/v1/users/batch", body).await.expect(200);
    assert_eq!(batch["results"][0]["code"], "not_found");
    let owned = json!({ "name": "X", "owner_id": ben.id() });
    admin.put("/v1/resources/lead/x", owned).await.bad_field("owner_id", "invalid_owner");
    let given = json!({ "from": admin.id(), "to": ben.id() });
    admin.post("/v1/resources/transfer", given).await.bad_field("to", "invalid_successor");
    for login in ["benny", "ben@example.com", ""] {
        let answer = cloud.try_sign_in(login, PASSWORD).await;
        assert!(answer.status == 401 || (login.is_empty() && answer.status == 400), "{login} {}", answer.text);
    }
    ben.get("/v1/me").await.refused(401, "unauthenticated");
    let reset = json!({ "token": link, "password": PASSWORD });
    let answer = cloud.public().post("/v1/password/reset", reset).await;
    assert!([404, 410].contains(&answer.status), "{}", answer.text);
    // The same address begins anew at once, as somebody else, and the erasure leaves the new one alone.
    let new = admin.welcome("ben@example.com", "member").await;
    assert_ne!(new.id(), ben.id());
    admin.patch(&format!("/v1/users/{}", new.id()), json!({ "login": "benny" })).await.expect(200);
    assert_eq!(cloud.worker().await["failures"], 0);
    cloud.advance(61).await;
    cloud.worker().await;
    assert_eq!(cloud.sign_in("benny").await.get("/v1/me").await.expect(200)["email"], "ben@example.com");
    let accepted = admin.get("/v1/invitations?status=accepted").await.expect(200);
    let addresses: Vec<_> = accepted["items"].as_array().unwrap().iter().map(|it| it["email"].clone()).collect();
    assert_eq!(addresses, [json!("ben@example.com"), Value::Null], "newest first");
}

#[tokio::test]
async fn w6_r10_a_policy_keeps_everybody_and_nobody_deletes_who_holds_more_rights() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "admin").await;
    let desk = admin.welcome("desk@example.com", "member").await;
    let role = admin.role("Desk", &["users.read", "users.status", "users.delete"]).await;
    admin.put(&format!("/v1/users/{}/role", desk.id()), json!({ "role_id": role })).await.expect(200);
    admin.deactivate(ben.id()).await.expect(200);
    let user = format!("/v1/users/{}", ben.id());
    desk.delete(&user).await.refused(403, "forbidden");
    admin.policy(json!({ "deletion": "forbidden" })).await;
    admin.delete(&user).await.refused(403, "deletion_forbidden");
    let told = admin.delete(&format!("{user}?dry_run=true")).await.expect(200);
    assert_eq!(told["effects"]["refusals"][0]["code"], "deletion_forbidden");
    admin.policy(json!({ "deletion": "anonymize" })).await;
    admin.delete(&format!("/v1/users/{}", admin.id())).await.refused(409, "cannot_change_self");
    admin.delete(&user).await.expect(200);
}

#[tokio::test]
async fn w6_resources_on_their_way_arrive_though_their_owner_is_deleted() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    admin.register(ben.id(), "lead", 0..120).await;
    let to = json!({ "strategy": "reassign", "to": admin.id() });
    admin.leave(ben.id(), to).await.expect(200);
    let user = format!("/v1/users/{}", ben.id());
    admin.delete(&user).await.expect(200);
    for _ in 0..3 {
        assert_eq!(admin.resources(&format!("owner={}", admin.id())).await.len(), 120);
        assert_eq!(admin.resources("state=unassigned").await.len(), 0);
        cloud.advance(61).await;
        assert_eq!(cloud.worker().await["failures"], 0);
    }
}

#[tokio::test]
async fn w6_an_answer_is_not_told_again_once_its_person_is_deleted() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let body = json!({ "emails": ["ben@example.com", "cora@example.com"], "type": "member" });
    let keyed = admin.with("idempotency-key", "invite");
    keyed.post("/v1/invitations", body.clone()).await.expect(201);
    let ben = cloud.accept("ben@example.com", "Ben").await;
    let sign_in = cloud.public().with("idempotency-key", "sign in");
    let right = json!({ "login": "ben@example.com", "password": PASSWORD });
    sign_in.post("/v1/sessions", right.clone()).await.expect(201);
    let path = format!("/v1/users/{}/deactivate", ben.id());
    let out = admin.with("idempotency-key", "out");
    out.post(&path, json!({})).await.expect(200);
    let other = admin
        .with("idempotency-key", "licence")
        .post(
            "/v1/users",
            json!({ "name": "Cora", "login": "c2",
        "type": "member", "sign_in": "password", "password": PASSWORD }),
        )
        .await;
    other.expect(201);
    assert_eq!(out.post(&path, json!({})).await.header("idempotency-replayed"), "true");
    admin.delete(&format!("/v1/users/{}", ben.id())).await.expect(200);
    for answer in [
        keyed.post("/v1/invitations", body).await,
        sign_in.post("/v1/sessions", right).await,
        out.post(&path, json!({})).await,
    ] {
        assert!(!answer.text.contains("ben@example.com"), "{}", answer.text);
        answer.refused(410, "answer_erased");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn w6_a_deletion_and_a_reactivation_do_not_both_happen() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let mut outcomes = BTreeSet::new();
    for round in 0..12 {
        let ben = admin.welcome(&format!("ben{round}@example.com"), "member").await;
        admin.deactivate(ben.id()).await.expect(200);
        let path = format!("/v1/users/{}", ben.id());
        let (deleted, back) = if round % 2 == 0 {
            tokio::join!(admin.delete(&path), admin.reactivate(ben.id()))
        } else {
            let (back, deleted) = tokio::join!(admin.reactivate(ben.id()), admin.delete(&path));
            (deleted, back)
        };
        let status = admin.get(&path).await.expect(200)["status"].clone();
        match (deleted.status, back.status) {
            (200, 404) => assert_eq!(status, "deleted"),
            (409, 200) => assert_eq!(status, "active"),
            other => panic!("{other:?} {} {}", deleted.text, back.text),
        }
        outcomes.insert((deleted.status, back.status));
    }
    let counts = admin.get("/v1/account").await.expect(200)["counts"].clone();
    assert_eq!(counts["deactivated"], 0, "{counts} {outcomes:?}");
}

#[tokio::test]
async fn w6_open_invitations_of_a_deleted_inviter_go_on() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "admin").await;
    ben.patch("/v1/me", json!({ "name": "Ben Boss" })).await.expect(200);
    let body = json!({ "emails": ["pal@example.com"], "type": "member", "message": "Yours, Ben" });
    ben.post("/v1/invitations", body).await.expect(201);
    let path = format!("/v1/invitations/lookup?token={}", cloud.link("pal@example.com").await);
    assert_eq!(cloud.public().get(&path).await.expect(200)["invited_by_name"], "Ben Boss");
    admin.deactivate(ben.id()).await.expect(200);
    admin.delete_with(&format!("/v1/users/{}", ben.id()), json!({ "display_name": "Somebody" })).await.expect(200);
    // Before the worker has come, and after.
    for _ in 0..2 {
        assert_eq!(cloud.public().get(&path).await.expect(200)["invited_by_name"], "Somebody");
        let page = cloud.public().get(&path.replace("/v1/invitations/lookup", "/accept-invitation")).await;
        assert!(page.text.contains("Somebody") && !page.text.contains("Ben Boss"), "{}", page.text);
        cloud.worker().await;
    }
    let open = admin.get("/v1/invitations").await.expect(200)["items"][0].clone();
    assert_eq!(open["message"], Value::Null);
    admin.post(&format!("/v1/invitations/{}/resend", open["id"].as_str().unwrap()), json!({})).await.expect(200);
    let mail = cloud.mails("pal@example.com").await[0].to_string();
    assert!(mail.contains("Somebody") && !mail.contains("Ben"), "{mail}");
    cloud.accept("pal@example.com", "Pal").await.get("/v1/me").await.expect(200);
}
