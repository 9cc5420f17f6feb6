//! The conventions of the contract.

use serde_json::{Value, json};

use crate::support::{Cloud, PASSWORD};

#[tokio::test]
async fn bad_input_names_its_fields_and_changes_nothing() {
    let cloud = Cloud::start().await;
    let public = cloud.public();
    let owner = json!({ "name": "O", "email": "o@example.com", "password": PASSWORD });
    for (body, field, code) in [
        (json!({ "name": "A", "plan_id": "basic" }), "owner", "missing_field"),
        (json!({ "name": "A", "plan_id": "basic", "owner": owner, "x": 1 }), "x", "unknown_field"),
        (json!({ "name": 1, "plan_id": "basic", "owner": owner }), "name", "invalid_type"),
        (json!({ "name": " ", "plan_id": "basic", "owner": owner }), "name", "empty"),
        (json!({ "name": "x".repeat(201), "plan_id": "basic", "owner": owner }), "name", "too_long"),
        (json!({ "name": "A", "plan_id": "gold", "owner": owner }), "plan_id", "unknown_plan"),
        (json!({ "name": "A", "plan_id": "basic", "owner": owner, "region": "mars" }), "region", "invalid_value"),
        (json!({ "name": "A", "plan_id": "basic", "owner": owner, "kind": "customer" }), "kind", "invalid_value"),
        (json!({ "name": "A", "plan_id": "basic", "owner": owner, "licenses": 0 }), "licenses", "out_of_range"),
    ] {
        public.post("/v1/accounts", body).await.bad_field(field, code);
    }
    for (name, email, password, field, code) in [
        ("O", "nonsense", PASSWORD, "owner.email", "invalid_email"),
        ("O", "o@example.com", "password1234", "owner.password", "weak_password"),
        ("O", "o@example.com", "short", "owner.password", "weak_password"),
        ("O\u{0}", "o@example.com", PASSWORD, "owner.name", "invalid_characters"),
    ] {
        let owner = json!({ "name": name, "email": email, "password": password });
        public
            .post("/v1/accounts", json!({ "name": "A", "plan_id": "basic", "owner": owner }))
            .await
            .bad_field(field, code);
    }
    for body in ["{", "[]", "nul", "\u{feff}{}", "{\"name\":\"a\"}{}"] {
        public.send("POST", "/v1/accounts", Some(body.as_bytes().to_vec())).await.refused(400, "invalid_request");
    }
    public.send("POST", "/v1/accounts", Some(vec![0xff, 0xfe, 0x00])).await.refused(400, "invalid_request");
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    public.send("POST", "/v1/accounts", Some(deep.into_bytes())).await.refused(400, "invalid_request");
    assert_eq!(cloud.dump().await, "", "nothing was written");
}

#[tokio::test]
async fn a_body_has_a_limit() {
    let cloud = Cloud::start().await;
    let padding = "x".repeat(256 * 1024);
    cloud.public().send("POST", "/v1/accounts", Some(padding.into_bytes())).await.refused(400, "invalid_request");
    let padding = "x".repeat(256 * 1024 + 1);
    cloud.public().send("POST", "/v1/accounts", Some(padding.into_bytes())).await.refused(413, "body_too_large");
}

#[tokio::test]
async fn answers_are_not_stored_and_have_a_request_id() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    for answer in [admin.get("/v1/me").await, admin.get("/v1/users/nobody").await, cloud.public().get("/v1/me").await] {
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(!answer.header("x-request-id").is_empty());
    }
    assert_eq!(cloud.public().get("/v1/me").await.header("www-authenticate"), "Bearer");
}

#[tokio::test]
async fn whatever_has_no_route_is_a_problem_too() {
    let cloud = Cloud::start().await;
    for path in ["/", "/v1", "/v1/nothing", "/v1/users/x/y/z", "/favicon.ico"] {
        cloud.public().get(path).await.refused(404, "not_found");
    }
    cloud.public().send("POST", "/nothing?a=1&a=2", Some(b"{".to_vec())).await.refused(404, "not_found");
    cloud.public().get("/v1/../v1/plans").await.refused(404, "not_found");
    let answer = cloud.public().send("PUT", "/v1/plans", Some(b"{".to_vec())).await;
    answer.refused(405, "method_not_allowed");
    let answer = cloud.public().delete("/v1/plans").await;
    assert_eq!(answer.header("allow"), "GET");
    answer.refused(405, "method_not_allowed");
    let answer = cloud.public().send("PUT", "/v1/sessions", None).await;
    assert_eq!(answer.header("allow"), "POST, GET, DELETE");
}

#[tokio::test]
async fn versions_guard_against_lost_updates() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let account = admin.get("/v1/account").await;
    let tag = account.header("etag").to_owned();
    assert_eq!(tag, format!("\"{}\"", account.body["version"]));
    let changed = admin.with("if-match", &tag).patch("/v1/account", json!({ "name": "One" })).await;
    assert_ne!(changed.header("etag"), tag);
    let newer = changed.header("etag").to_owned();
    changed.expect(200);
    admin.with("if-match", &tag).patch("/v1/account", json!({ "name": "Two" })).await.refused(412, "version_conflict");
    admin
        .with("if-match", "\"x\"")
        .patch("/v1/account", json!({ "name": "Two" }))
        .await
        .refused(412, "version_conflict");
    assert_eq!(admin.get("/v1/account").await.expect(200)["name"], "One");
    admin.with("if-match", &newer).patch("/v1/account", json!({ "name": "Two" })).await.expect(200);
    admin.with("if-match", "*").patch("/v1/account", json!({ "name": "Three" })).await.expect(200);
    let me = admin.get("/v1/me").await;
    let tag = me.header("etag").to_owned();
    admin.with("if-match", &tag).patch("/v1/me", json!({ "title": "CEO" })).await.expect(200);
    admin.with("if-match", &tag).patch("/v1/me", json!({ "title": "CFO" })).await.refused(412, "version_conflict");
}

#[tokio::test]
async fn cursors_are_opaque_and_bound_to_their_query() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    for number in 0..3 {
        admin.invite(&format!("p{number}@example.com"), "member").await;
    }
    let body = admin.get("/v1/users?limit=2").await.expect(200);
    let cursor = body["next_cursor"].as_str().unwrap().to_owned();
    admin.get(&format!("/v1/users?limit=1&cursor={cursor}")).await.expect(200);
    admin.get(&format!("/v1/users?limit=2&status=pending&cursor={cursor}")).await.refused(400, "invalid_cursor");
    admin.get(&format!("/v1/users?limit=2&sort=name&cursor={cursor}")).await.refused(400, "invalid_cursor");
    admin.get(&format!("/v1/invitations?cursor={cursor}")).await.refused(400, "invalid_cursor");
    let other = cloud.sign_up("unlimited", 1).await;
    other.get(&format!("/v1/users?limit=2&cursor={cursor}")).await.refused(400, "invalid_cursor");
    let mut damaged = cursor.clone();
    damaged.replace_range(8..9, if &cursor[8..9] == "A" { "B" } else { "A" });
    for bad in [damaged.as_str(), "x", "", "%00"] {
        admin.get(&format!("/v1/users?limit=2&cursor={bad}")).await.refused(400, "invalid_cursor");
    }
    for limit in ["0", "201", "-1", "x"] {
        admin.get(&format!("/v1/users?limit={limit}")).await.refused(400, "invalid_request");
    }
    admin.get("/v1/users?nothing=1").await.bad_field("nothing", "unknown_field");
    let last = admin.get(&format!("/v1/users?limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!((last["items"].as_array().unwrap().len(), last["next_cursor"].clone()), (2, Value::Null));
}

#[tokio::test]
async fn a_dry_run_tells_and_does_nothing() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 2).await;
    let before = cloud.dump().await;
    let body = json!({ "emails": ["a@example.com", "b@example.com"], "type": "member" });
    let told = admin.post("/v1/invitations?dry_run=true", body).await.expect(200);
    assert_eq!(told["dry_run"], true);
    let effects = &told["effects"];
    assert_eq!(effects["licenses"], json!({ "purchased": 0, "in_use": 0, "reserved": 1, "available": -1 }));
    assert_eq!(effects["mails"], json!([{ "template": "invitation", "to": "a@example.com" }]));
    assert_eq!(effects["refusals"][0]["subject"], "b@example.com");
    assert_eq!(effects["refusals"][0]["code"], "no_license_available");
    let told = admin.post("/v1/licenses?dry_run=true", json!({ "quantity": 2 })).await.expect(200);
    assert_eq!(told["effects"]["charges"][0]["lines"][0]["quantity"], 2);
    assert_eq!(told["effects"]["licenses"]["available"], 2);
    let told = admin.patch("/v1/account?dry_run=true", json!({ "name": "Other" })).await.expect(200);
    assert_eq!(told["effects"]["licenses"], Value::Null);
    let twice = admin.post("/v1/licenses?dry_run=true&dry_run=false", json!({ "quantity": 2 })).await;
    twice.bad_field("dry_run", "duplicate_field");
    admin.post("/v1/licenses?dry_run=true", json!([2])).await.bad_field("", "invalid_type");
    admin.patch("/v1/account?dry_run=perhaps", json!({ "name": "Other" })).await.bad_field("dry_run", "invalid_value");
    let told = admin.post(&format!("/v1/users/{}/deactivate?dry_run=true", admin.id()), json!({})).await.expect(200);
    assert_eq!(told["effects"]["refusals"][0]["code"], "cannot_change_self");
    assert_eq!(cloud.dump().await, before, "nothing was written");
    assert_eq!(cloud.mails("a@example.com").await.len(), 0);
    assert_eq!(admin.get("/v1/account").await.expect(200)["name"], "Acme Trackers");
}

#[tokio::test]
async fn the_description_of_the_api_covers_every_route() {
    let cloud = Cloud::start().await;
    let document = cloud.public().get("/v1/openapi.json").await.expect(200);
    assert_eq!(document["openapi"], "3.1.0");
    for action in edge::catalogue::CATALOGUE.iter().filter(|action| action.path.starts_with("/v1")) {
        let operation = &document["paths"][action.path][action.method.to_lowercase()];
        assert_eq!(operation["operationId"], action.name);
        assert!(operation["responses"][action.status.to_string()].is_object(), "{}", action.name);
        for part in action.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
            let parameters = operation["parameters"].as_array().unwrap();
            assert!(parameters.iter().any(|it| it["name"] == part && it["in"] == "path"), "{}", action.name);
        }
    }
    let text = document.to_string();
    let mut from = 0;
    while let Some(at) = text[from..].find("#/components/schemas/") {
        let start = from + at + "#/components/schemas/".len();
        let end = start + text[start..].find('"').unwrap();
        assert!(document["components"]["schemas"][&text[start..end]].is_object(), "{}", &text[start..end]);
        from = end;
    }
}
