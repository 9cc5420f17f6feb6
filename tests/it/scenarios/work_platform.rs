//! W: the work platform.

use serde_json::{Value, json};

use crate::support::{Client, Cloud};

#[tokio::test]
async fn w3_w5_the_deactivated_do_not_count_and_the_reactivated_do_again() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-yearly", 2).await;
    let user = admin.welcome("user@example.com", "member").await;
    admin.deactivate(user.id()).await.expect(200);
    let account = admin.get("/v1/account").await.expect(200);
    assert_eq!(account["counts"], json!({ "active": 1, "pending": 0, "deactivated": 1, "admins": 1 }));
    assert_eq!(admin.licenses().await, (2, 1, 0, 1));
    admin.reactivate(user.id()).await.expect(200);
    assert_eq!(admin.licenses().await, (2, 2, 0, 0));
}

#[tokio::test]
async fn w7_viewers_and_guests_take_no_license() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 1).await;
    for user_type in ["viewer", "guest"] {
        let user = admin.welcome(&format!("{user_type}@example.com"), user_type).await;
        assert_eq!((user.user["type"].clone(), user.user["licensed"].clone()), (json!(user_type), json!(false)));
    }
    assert_eq!(admin.licenses().await, (1, 1, 0, 0));
}

#[tokio::test]
async fn w8_guest_domains_are_held() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    admin
        .policy(json!({ "guests": { "allow_domains": ["Partner.example"], "deny_domains": ["rival.example"],
            "company_domains": ["us.example"] } }))
        .await;
    let emails = ["a@partner.example", "a@rival.example", "a@us.example", "a@elsewhere.example", "a@PARTNER.example"];
    let codes = async |user_type: &str| {
        let body = admin.post("/v1/invitations?dry_run=true", json!({ "emails": emails, "type": user_type })).await;
        let refusals = body.expect(200)["effects"]["refusals"].clone();
        refusals.as_array().unwrap().iter().map(|row| row["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let denied = "guest_domain_not_allowed";
    assert_eq!(codes("guest").await, [denied, denied, denied, "already_invited"]);
    assert_eq!(codes("member").await, ["already_invited"]);
}

#[tokio::test]
async fn nobody_deactivates_himself_and_one_admin_always_stays() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    admin.deactivate(admin.id()).await.refused(409, "cannot_change_self");
    let second = admin.welcome("second@example.com", "admin").await;
    second.deactivate(admin.id()).await.expect(200);
    second.deactivate(second.id()).await.refused(409, "cannot_change_self");
    assert_eq!(second.get("/v1/account").await.expect(200)["counts"]["admins"], 1);
}

#[tokio::test]
async fn w11_a_visit_is_noted_however_short() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let user = admin.welcome("user@example.com", "member").await;
    let path = format!("/v1/users/{}", user.id());
    let first = admin.get(&path).await.expect(200)["last_active_at"].clone();
    cloud.advance(86_400).await;
    let back = cloud.sign_in("user@example.com").await;
    back.get("/v1/me").await.expect(200);
    let shown = admin.get(&path).await.expect(200);
    assert_ne!(shown["last_active_at"], first);
    // A second request of the same minute is not worth a write.
    let version = shown["version"].clone();
    back.get("/v1/me").await.expect(200);
    let again = admin.get(&path).await.expect(200);
    assert_eq!((again["last_active_at"].clone(), again["version"].clone()), (shown["last_active_at"].clone(), version));
}

/// The names of the users, page by page.
async fn names(admin: &Client, query: &str, limit: usize) -> Vec<String> {
    let rows = admin.rows(&format!("/v1/users?limit={limit}&{query}")).await;
    rows.iter().map(|user| user["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn w11_activity_sorts_both_ways() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    admin.invite("ann@example.com", "member").await;
    let ann = cloud.accept("ann@example.com", "Ann").await;
    cloud.advance(60).await;
    admin.invite("ben@example.com", "viewer").await;
    let ben = cloud.accept("ben@example.com", "Ben").await;
    cloud.advance(60).await;
    let cora = admin.create("cora", None).await;
    assert_eq!(cora["last_active_at"], Value::Null);
    assert_eq!(cora["activity_tracked_since"], cora["created_at"], "no activity since then");
    cloud.advance(86_400).await;
    ben.get("/v1/me").await.expect(200);
    cloud.advance(86_400).await;
    ann.get("/v1/me").await.expect(200);
    cloud.advance(86_400).await;
    // Olga's own look at the list is noted when she has seen it.
    assert_eq!(names(&admin, "sort=-last_active", 50).await, ["Ann", "Ben", "Olga Owner", "Cora Created"]);
    for limit in [1, 2, 3, 4] {
        let ascending = ["Cora Created", "Ben", "Ann", "Olga Owner"];
        assert_eq!(names(&admin, "sort=last_active", limit).await, ascending, "{limit} a page");
        let descending = ["Olga Owner", "Ann", "Ben", "Cora Created"];
        assert_eq!(names(&admin, "sort=-last_active", limit).await, descending, "{limit} a page");
    }
    // Somebody who comes back moves, and so does somebody whom an admin blocks.
    cloud.advance(3_600).await;
    ben.get("/v1/me").await.expect(200);
    cloud.advance(60).await;
    admin.deactivate(ann.id()).await.expect(200);
    for (query, expected) in [
        ("sort=-last_active", &["Olga Owner", "Ben", "Ann", "Cora Created"][..]),
        ("sort=-last_active&status=active", &["Olga Owner", "Ben"]),
        ("sort=last_active&status=active&status=deactivated", &["Ann", "Ben", "Olga Owner"]),
        ("sort=last_active&type=member", &["Cora Created", "Ann"]),
        ("sort=-last_active&type=member&type=viewer&status=active", &["Ben"]),
        ("sort=last_active&status=deactivated&type=viewer", &[]),
    ] {
        assert_eq!(names(&admin, query, 2).await, expected, "{query}");
    }
}

#[tokio::test]
async fn users_sort_by_when_they_were_made() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let member = admin.welcome("member@example.com", "member").await;
    admin.policy(json!({ "invitations": { "who": "members_with_approval" } })).await;
    // Asked for early, made late: when an admin agrees.
    let asked = json!({ "emails": ["zoe@example.com"], "type": "viewer" });
    let asked = member.post("/v1/invitations", asked).await.expect(201)["results"][0]["invitation"]["id"].clone();
    for login in ["yan", "xin"] {
        cloud.advance(60).await;
        admin.create(login, None).await;
    }
    cloud.advance(60).await;
    admin.post(&format!("/v1/invitations/{}/approve", asked.as_str().unwrap()), json!({})).await.expect(200);
    let logins = async |query: &str| {
        let page = admin.get(&format!("/v1/users?{query}")).await.expect(200);
        let items = page["items"].as_array().unwrap().clone();
        items.iter().map(|user| user["login"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let made = [admin.email(), "member@example.com", "yan", "xin", "zoe@example.com"];
    assert_eq!(logins("sort=created").await, made);
    assert_eq!(logins("sort=-created").await, made.into_iter().rev().collect::<Vec<_>>());
    assert_eq!(logins("sort=-created&status=pending").await, ["zoe@example.com", "xin", "yan"]);
    assert_eq!(logins("sort=created&status=pending&type=member").await, ["yan", "xin"]);
    // A place in one order is none in another.
    let page = admin.get("/v1/users?sort=created&limit=2").await.expect(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    assert_eq!(logins(&format!("sort=created&cursor={cursor}")).await, made[2..]);
    for other in ["sort=-created", "sort=last_active", "sort=name", "sort=created&status=pending", "limit=2"] {
        admin.get(&format!("/v1/users?{other}&cursor={cursor}")).await.refused(400, "invalid_cursor");
    }
    admin.get("/v1/users?sort=age").await.bad_field("sort", "invalid_value");
}

#[tokio::test]
async fn fifty_long_messages_fit_one_idempotent_request() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await.with("idempotency-key", "long");
    let emails: Vec<String> = (0..50).map(|number| format!("p{number}@example.com")).collect();
    let long = |count: usize| json!({ "emails": emails, "type": "guest", "message": "\u{1f980}".repeat(count) });
    admin.post("/v1/invitations", long(1_001)).await.bad_field("message", "too_long");
    let first = admin.post("/v1/invitations", long(1_000)).await.expect(201);
    let again = admin.post("/v1/invitations", long(1_000)).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(first, again.expect(201));
}

#[tokio::test]
async fn w7_types_are_changed_and_licenses_move_with_them() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 2).await;
    admin.policy(json!({ "guests": { "company_domains": ["example.com"] } })).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    let path = format!("/v1/users/{}/type", ben.id());
    let user = admin.put(&path, json!({ "type": "viewer" })).await.expect(200);
    assert_eq!(
        (&user["type"], &user["role_name"], &user["licensed"]),
        (&json!("viewer"), &json!("viewer"), &json!(false))
    );
    assert_eq!(admin.licenses().await, (2, 1, 0, 1));
    admin.put(&path, json!({ "type": "guest" })).await.refused(422, "guest_domain_not_allowed");
    let carla = admin.welcome("carla@example.com", "member").await;
    admin.put(&path, json!({ "type": "member" })).await.refused(409, "no_license_available");
    admin.put(&format!("/v1/users/{}/type", carla.id()), json!({ "type": "viewer" })).await.expect(200);
    admin.put(&path, json!({ "type": "admin" })).await.expect(200);
    assert_eq!(admin.get("/v1/account").await.expect(200)["counts"]["admins"], 2);
    // His rights are there from the next request on; and one administrator always stays.
    ben.put(&format!("/v1/users/{}/type", admin.id()), json!({ "type": "member" })).await.expect(200);
    ben.put(&path, json!({ "type": "member" })).await.refused(409, "last_admin");
    admin.put(&path, json!({ "type": "member" })).await.refused(403, "forbidden");
    let told = ben.put(&format!("{path}?dry_run=true"), json!({ "type": "viewer" })).await.expect(200);
    assert_eq!(told["effects"]["refusals"][0]["code"], "last_admin");
}

#[tokio::test]
async fn w10_an_admin_edits_anothers_profile_but_neither_address_nor_password() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    let path = format!("/v1/users/{}", ben.id());
    let edit = json!({ "name": "Benjamin", "phone": "+49 30 1", "title": "Clerk", "locale": "de",
        "time_zone": "Europe/Berlin", "notifications": { "approvals": false } });
    let user = admin.patch(&path, edit).await.expect(200);
    assert_eq!(
        (&user["name"], &user["phone"], &user["locale"]),
        (&json!("Benjamin"), &json!("+49 30 1"), &json!("de"))
    );
    assert_eq!(user["notifications"], json!({ "approvals": false, "billing": true }));
    for (field, value) in [("email", json!("x@example.com")), ("password", json!(crate::support::PASSWORD))] {
        admin.patch(&path, json!({ field: value })).await.bad_field(field, "unknown_field");
    }
    ben.patch("/v1/me", json!({ "login": "boss" })).await.bad_field("login", "not_allowed");
    ben.patch(&path, json!({ "name": "X" })).await.refused(403, "forbidden");
    admin.with("if-match", "\"1\"").patch(&path, json!({ "title": "X" })).await.refused(412, "version_conflict");
    assert_eq!(admin.patch(&path, json!({ "title": null })).await.expect(200)["title"], json!(null));
}

/// The code, else the outcome, of each row of a batch.
fn outcomes(body: &serde_json::Value) -> Vec<String> {
    let rows = body["results"].as_array().unwrap().iter();
    rows.map(|row| row["code"].as_str().or(row["outcome"].as_str()).unwrap().to_owned()).collect()
}

#[tokio::test]
async fn w8_a_batch_tells_of_each_user_what_became_of_him() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 4).await;
    admin.policy(json!({ "guests": { "company_domains": ["example.com"] } })).await;
    let (ben, cora) =
        (admin.welcome("ben@example.com", "member").await, admin.welcome("cora@other.example", "viewer").await);
    let eva = admin.welcome("eva@example.com", "admin").await;
    let invited = admin.invite("ivan@example.com", "member").await;
    let pending = invited["user_id"].as_str().unwrap();
    let ids = json!([admin.id(), ben.id(), cora.id(), eva.id(), pending, "usr_00000000000000000000000007", ben.id()]);
    let batch = async |set: serde_json::Value| {
        let body = admin.post("/v1/users/batch", json!({ "user_ids": ids, "set": set })).await.expect(200);
        outcomes(&body)
    };
    assert_eq!(
        batch(json!({ "type": "member" })).await,
        ["cannot_change_self", "unchanged", "unpaid_to_paid", "changed", "unchanged", "not_found"]
    );
    assert_eq!(
        batch(json!({ "type": "guest" })).await,
        [
            "cannot_change_self",
            "guest_domain_not_allowed",
            "changed",
            "guest_domain_not_allowed",
            "guest_domain_not_allowed",
            "not_found"
        ]
    );
    assert_eq!(
        batch(json!({ "status": "deactivated" })).await,
        ["cannot_change_self", "changed", "changed", "changed", "user_pending", "not_found"]
    );
    ben.get("/v1/me").await.refused(401, "unauthenticated");
    assert_eq!(admin.licenses().await, (4, 1, 1, 2));
    // Two licenses are free, for the first two of those who need one.
    admin.invite("late@example.com", "member").await;
    assert_eq!(
        batch(json!({ "status": "active" })).await,
        ["cannot_change_self", "changed", "changed", "no_license_available", "user_pending", "not_found"]
    );
    assert_eq!(admin.licenses().await, (4, 2, 2, 0));
    for body in [
        json!({ "user_ids": [], "set": { "type": "member" } }),
        json!({ "user_ids": [ben.id()], "select": {}, "set": { "type": "member" } }),
        json!({ "set": { "type": "member" } }),
    ] {
        admin.post("/v1/users/batch", body).await.bad_field("user_ids", "missing_field");
    }
    for set in [json!({}), json!({ "type": "member", "status": "active" }), json!({ "status": "pending" })] {
        admin
            .post("/v1/users/batch", json!({ "user_ids": [ben.id()], "set": set }))
            .await
            .bad_field("set", "invalid_value");
    }
    let many: Vec<String> = (0..201).map(|number| format!("usr_{number:026}")).collect();
    admin
        .post("/v1/users/batch", json!({ "user_ids": many, "set": { "type": "member" } }))
        .await
        .refused(400, "too_many_users");
}

#[tokio::test]
async fn w8_all_are_the_first_two_hundred_in_at_most_twelve_transactions() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    for batch in 0..5 {
        let emails: Vec<String> = (0..50).map(|number| format!("u{}@example.com", batch * 50 + number)).collect();
        admin.post("/v1/invitations", json!({ "emails": emails, "type": "viewer" })).await.expect(201);
    }
    let body = json!({ "select": { "status": ["pending"], "type": "viewer" }, "set": { "type": "member" } });
    admin.policy(json!({ "licensed_types": ["admin"] })).await;
    let told = admin.post("/v1/users/batch?dry_run=true", body.clone()).await.expect(200);
    assert_eq!(told["effects"]["refusals"], json!([]));
    let answer = admin.with("idempotency-key", "all").post("/v1/users/batch", body.clone()).await;
    assert!(answer.units.transactions <= 12, "{:?}", answer.units);
    let first = answer.expect(200);
    assert_eq!(outcomes(&first), vec!["changed"; 200]);
    let again = admin.with("idempotency-key", "all").post("/v1/users/batch", body.clone()).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.expect(200), first);
    assert_eq!(outcomes(&admin.post("/v1/users/batch", body).await.expect(200)).len(), 50);
    assert_eq!(admin.get("/v1/account").await.expect(200)["counts"]["pending"], 250);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn w8_racing_batches_leave_no_user_half_applied() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 13).await;
    let second = admin.welcome("second@example.com", "admin").await;
    let mut ids = Vec::new();
    for number in 0..11 {
        ids.push(admin.welcome(&format!("u{number}@example.com"), "member").await.id().to_owned());
    }
    for round in 0..3 {
        let set = |status: &str| json!({ "user_ids": ids, "set": { "status": status } });
        let (one, other) = futures::join!(
            admin.post("/v1/users/batch", set("deactivated")),
            second.post("/v1/users/batch", set(if round == 1 { "deactivated" } else { "active" }))
        );
        one.expect(200);
        other.expect(200);
        let users = admin.get("/v1/users?limit=200").await.expect(200)["items"].as_array().unwrap().clone();
        let active = users.iter().filter(|user| user["status"] == "active").count();
        let licensed = users.iter().filter(|user| user["licensed"] == true).count();
        assert_eq!(active, licensed, "whoever is active has a license, and nobody else");
        let held = i64::try_from(active).unwrap();
        assert_eq!(admin.licenses().await, (13, held, 0, 13 - held));
        assert_eq!(admin.get("/v1/account").await.expect(200)["counts"]["active"], held);
    }
}
