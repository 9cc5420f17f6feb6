//! The host product's objects: registered, handed over, claimed; and what a deactivation makes of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use local::embedded::{Failure, Fault};
use serde_json::{Value, json};

use crate::support::{Client, Cloud};

async fn put(client: &Client, place: &str, owner: &str, visibility: &str) -> Value {
    let body = json!({ "name": place, "owner_id": owner, "visibility": visibility });
    client.put(&format!("/v1/resources/{place}"), body).await.expect(200)
}

/// One of each sort that a deactivation treats in its own way.
async fn estate(admin: &Client, owner: &Client, other: &Client) {
    for (place, visibility) in [
        ("lead/1", "main"),
        ("automation/1", "main"),
        ("integration/1", "main"),
        ("board/main", "main"),
        ("board/private", "private"),
        ("board/shareable", "shareable"),
        ("workspace/1", "private"),
    ] {
        put(admin, place, owner.id(), visibility).await;
    }
    let body =
        json!({ "name": "Shared", "owner_id": owner.id(), "co_owner_ids": [other.id()], "visibility": "private" });
    admin.put("/v1/resources/board/shared", body).await.expect(200);
}

#[tokio::test]
async fn a_resource_is_registered_shown_and_forgotten() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    let first = put(&ben, "board/b:1", ben.id(), "private").await;
    assert_eq!(
        first,
        json!({ "kind": "board", "id": "b:1", "name": "board/b:1", "owner_id": ben.id(), "co_owner_ids": [],
            "participant_ids": [], "visibility": "private", "state": "active", "version": 1 })
    );
    assert_eq!(put(&ben, "board/b:1", ben.id(), "private").await, first, "the same twice changes nothing");
    let path = "/v1/resources/board/b:1";
    let body = json!({ "name": "New", "owner_id": admin.id(), "co_owner_ids": [ben.id(), ben.id(), admin.id()] });
    ben.with("if-match", "\"7\"").put(path, body.clone()).await.refused(412, "version_conflict");
    let told = ben.put(&format!("{path}?dry_run=true"), body.clone()).await.expect(200);
    assert_eq!(told["effects"]["resources"][0]["after"]["owner_id"], admin.id());
    let now = ben.with("if-match", "\"1\"").put(path, body).await;
    assert_eq!(now.header("etag"), "\"2\"");
    let now = now.expect(200);
    assert_eq!((now["co_owner_ids"].clone(), now["visibility"].clone()), (json!([ben.id()]), json!("main")));
    assert_eq!(ben.get(path).await.expect(200), now);
    let pending = admin.invite("p@example.com", "member").await;
    for (owner, field) in
        [(pending["user_id"].clone(), "owner_id"), (json!("usr_00000000000000000000000009"), "owner_id")]
    {
        ben.put(path, json!({ "name": "N", "owner_id": owner })).await.bad_field(field, "invalid_owner");
    }
    for bad in ["%20", "a%2Fb", &"x".repeat(129)] {
        let body = json!({ "name": "N", "owner_id": ben.id() });
        ben.put(&format!("/v1/resources/lead/{bad}"), body).await.refused(400, "invalid_request");
    }
    ben.put("/v1/resources/car/1", json!({ "name": "N", "owner_id": ben.id() })).await.refused(404, "not_found");
    ben.delete(path).await.expect(204);
    ben.get(path).await.refused(404, "not_found");
    ben.delete(path).await.refused(404, "not_found");
    assert_eq!(ben.resources("").await, [] as [&str; 0]);
}

#[tokio::test]
async fn resources_are_listed_by_owner_state_and_kind() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    admin.register(admin.id(), "lead", 0..60).await;
    estate(&admin, &ben, &admin).await;
    let of = |client: &Client| format!("owner={}", client.id());
    assert_eq!((admin.resources("").await.len(), admin.resources(&of(&admin)).await.len()), (68, 60));
    assert_eq!(admin.resources(&of(&ben)).await.len(), 8);
    assert_eq!(admin.resources(&format!("{}&kind=board", of(&ben))).await.len(), 4);
    assert_eq!(admin.resources("kind=lead").await.len(), 61);
    let body = json!({ "resources": [{ "kind": "lead", "id": "1" }, { "kind": "automation", "id": "1" }], "to": null });
    assert_eq!(admin.post("/v1/resources/transfer", body).await.expect(200)["transferred"], 2);
    assert_eq!(admin.resources("state=unassigned").await, ["lead/1"]);
    assert_eq!(admin.resources("state=disabled").await, ["automation/1"]);
    assert_eq!(admin.resources(&format!("{}&state=active", of(&ben))).await.len(), 6);
    let mut sorted = admin.resources("").await;
    sorted.sort();
    assert_eq!(admin.resources("").await, sorted);
    admin.get("/v1/resources?state=x").await.bad_field("state", "invalid_value");
}

#[tokio::test]
async fn l6_the_admin_says_what_becomes_of_a_leavers_leads() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    for (strategy, owner, state) in [("reassign", json!(admin.id()), "active"), ("unassign", Value::Null, "unassigned")]
    {
        let ben = admin.welcome(&format!("{strategy}@example.com"), "member").await;
        estate(&admin, &ben, &admin).await;
        let to = if strategy == "reassign" { json!(admin.id()) } else { Value::Null };
        let choice = json!({ "strategy": strategy, "to": to });
        let path = format!("/v1/users/{}/deactivate?dry_run=true", ben.id());
        let told = admin.post(&path, json!({ "resources": choice.clone() })).await;
        assert_eq!(told.expect(200)["effects"]["resources"].as_array().unwrap().len(), 8);
        assert_eq!(admin.resource("lead/1").await.0, ben.id(), "a dry run does nothing");
        let left = admin.leave(ben.id(), choice).await.expect(200);
        assert_eq!(left["status"], "deactivated");
        assert_eq!(left["resources_in_motion"], json!({ "done": 0, "total": 8 }));
        assert_eq!(admin.resource("lead/1").await, (owner.clone(), state.to_owned()));
        cloud.advance(1).await;
        assert_eq!(cloud.worker().await["resources_moved"], 8);
        assert_eq!(admin.resource("lead/1").await, (owner.clone(), state.to_owned()));
        assert_eq!(admin.resource("board/private").await, (owner.clone(), state.to_owned()));
        let automation = if strategy == "reassign" { "active" } else { "disabled" };
        assert_eq!(admin.resource("automation/1").await, (owner, automation.to_owned()));
        assert_eq!(admin.resources(&format!("owner={}", ben.id())).await.len(), 0);
        // Back again, he has nothing of it.
        admin.reactivate(ben.id()).await.expect(200);
        assert_eq!(admin.resource("lead/1").await.1, state);
    }
    let ben = admin.welcome("ben@example.com", "member").await;
    admin.leave(ben.id(), json!({ "strategy": "reassign" })).await.bad_field("resources.to", "invalid_successor");
    for to in [ben.id(), "usr_00000000000000000000000009"] {
        let choice = json!({ "strategy": "reassign", "to": to });
        admin.leave(ben.id(), choice).await.bad_field("resources.to", "invalid_successor");
    }
}

#[tokio::test]
async fn w3_automations_stop_with_their_owner_and_go_on_with_another() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    estate(&admin, &ben, &admin).await;
    admin.deactivate(ben.id()).await.expect(200);
    for place in ["automation/1", "integration/1"] {
        assert_eq!(admin.resource(place).await, (json!(ben.id()), "disabled".to_owned()));
    }
    assert_eq!(admin.resource("lead/1").await, (json!(ben.id()), "active".to_owned()));
    let body = json!({ "resources": [{ "kind": "automation", "id": "1" }], "to": admin.id() });
    assert_eq!(admin.post("/v1/resources/transfer", body).await.expect(200)["transferred"], 1);
    assert_eq!(admin.resource("automation/1").await, (json!(admin.id()), "active".to_owned()));
    // Reactivated, he has what he had, but nothing that acts for him goes on by itself.
    admin.reactivate(ben.id()).await.expect(200);
    assert_eq!(admin.resource("integration/1").await.1, "disabled");
    let body = json!({ "resources": [{ "kind": "integration", "id": "1" }], "to": ben.id() });
    assert_eq!(admin.post("/v1/resources/transfer", body).await.expect(200)["transferred"], 1);
    assert_eq!(admin.resource("integration/1").await, (json!(ben.id()), "active".to_owned()));
}

#[tokio::test]
async fn w4_boards_close_with_their_only_owner_and_what_is_main_can_be_claimed() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    let carla = admin.welcome("carla@example.com", "member").await;
    estate(&admin, &ben, &carla).await;
    admin.post("/v1/resources/board/main/claim", json!({})).await.refused(409, "resource_has_owner");
    admin.deactivate(ben.id()).await.expect(200);
    for (place, state) in [
        ("board/private", "inaccessible"),
        ("board/shareable", "inaccessible"),
        ("board/shared", "active"),
        ("board/main", "active"),
        ("workspace/1", "active"),
    ] {
        assert_eq!(admin.resource(place).await, (json!(ben.id()), state.to_owned()), "{place}");
    }
    assert_eq!(admin.resources("state=inaccessible").await, ["board/private", "board/shareable"]);
    carla.post("/v1/resources/board/main/claim", json!({})).await.refused(403, "forbidden");
    let claimed = admin.post("/v1/resources/board/main/claim", json!({})).await.expect(200);
    assert_eq!((claimed["owner_id"].clone(), claimed["state"].clone()), (json!(admin.id()), json!("active")));
    admin.post("/v1/resources/workspace/1/claim", json!({})).await.expect(200);
    admin.post("/v1/resources/board/shared/claim", json!({})).await.refused(409, "resource_has_owner");
    let body = json!({ "resources": [{ "kind": "board", "id": "shareable" }], "to": carla.id() });
    admin.post("/v1/resources/transfer", body).await.expect(200);
    assert_eq!(admin.resource("board/shareable").await, (json!(carla.id()), "active".to_owned()));
    // What is still his opens with him.
    admin.reactivate(ben.id()).await.expect(200);
    assert_eq!(admin.resource("board/private").await, (json!(ben.id()), "active".to_owned()));
    assert_eq!(admin.resource("board/main").await.0, json!(admin.id()));
}

#[tokio::test]
async fn r11_the_admin_sees_what_a_deactivation_touches() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 2).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    cloud.sign_in("ben@example.com").await;
    admin.register(ben.id(), "chat", 0..60).await;
    admin.register(ben.id(), "trigger", 0..2).await;
    let path = format!("/v1/users/{}/impact", ben.id());
    let impact = admin.get(&path).await.expect(200);
    assert_eq!((impact["sessions"].clone(), impact["licenses"].clone()), (json!(2), json!(1)));
    assert_eq!(impact["resources"]["chat"]["count"], 60);
    assert_eq!(impact["resources"]["chat"]["items"].as_array().unwrap().len(), 50);
    assert_eq!(impact["resources"]["trigger"]["items"][1]["id"], "trigger-0001");
    assert_eq!(impact["resources"].as_object().unwrap().len(), 2);
    ben.get(&path).await.refused(403, "forbidden");
    admin.leave(ben.id(), json!({ "strategy": "reassign", "to": admin.id() })).await.expect(200);
    let after = admin.get(&path).await.expect(200);
    assert_eq!(after, json!({ "resources": {}, "sessions": 0, "licenses": 0 }));
    let mine = admin.get(&format!("/v1/users/{}/impact", admin.id())).await.expect(200);
    assert_eq!(mine["resources"]["chat"]["count"], 60);
}

#[tokio::test]
async fn l6_five_hundred_leads_are_right_at_every_moment_on_their_way() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    let carla = admin.welcome("carla@example.com", "member").await;
    admin.register(ben.id(), "lead", 0..500).await;
    let left = admin.leave(ben.id(), json!({ "strategy": "reassign", "to": carla.id() })).await;
    assert_eq!(left.units.transactions, 1);
    assert_eq!(left.expect(200)["resources_in_motion"], json!({ "done": 0, "total": 500 }));
    let right = async || {
        assert_eq!(admin.resources(&format!("owner={}", ben.id())).await.len(), 0);
        assert_eq!(admin.resources(&format!("owner={}", carla.id())).await.len(), 500);
        assert_eq!(admin.resources(&format!("owner={}&state=active", carla.id())).await.len(), 500);
        assert_eq!(admin.resources("state=active").await.len(), 500);
        assert_eq!(admin.resource("lead/lead-0499").await, (json!(carla.id()), "active".to_owned()));
        let impact = admin.get(&format!("/v1/users/{}/impact", carla.id())).await.expect(200);
        assert_eq!(impact["resources"]["lead"]["count"], 500);
    };
    right().await;
    // Meanwhile the new owner's leads can be written to.
    let told = admin.put("/v1/resources/lead/lead-0400", json!({ "name": "New", "owner_id": carla.id() })).await;
    assert_eq!(told.expect(200)["name"], "New");
    // The worker dies after its second step; another goes on.
    if let Some(engine) = cloud.local.embedded() {
        let steps = AtomicU32::new(0);
        engine.inject(Some(Arc::new(move |operation, _| {
            let late = operation == "TransactWriteItems" && steps.fetch_add(1, Ordering::SeqCst) >= 2;
            late.then_some(Fault::Before(Failure::ConnectionLost))
        })));
        cloud.advance(1).await;
        assert_eq!(cloud.worker().await["failures"], 1);
        engine.inject(None);
        let shown = admin.get(&format!("/v1/users/{}", ben.id())).await.expect(200);
        assert_eq!(shown["resources_in_motion"], json!({ "done": 180, "total": 500 }));
        right().await;
    }
    cloud.advance(1).await;
    let (one, two) = tokio::join!(cloud.worker(), cloud.worker());
    assert_eq!((one["failures"].clone(), two["failures"].clone()), (json!(0), json!(0)));
    // One lead was written meanwhile: the list ends before the count is full, and is gone through once more.
    cloud.advance(61).await;
    cloud.worker().await;
    let shown = admin.get(&format!("/v1/users/{}", ben.id())).await.expect(200);
    assert_eq!(shown["resources_in_motion"], Value::Null);
    right().await;
    assert_eq!(cloud.worker().await["resources_moved"], 0);
    admin.deactivate(carla.id()).await.expect(200);
}

#[tokio::test]
async fn w3_w4_five_hundred_are_closed_and_opened_again() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    admin.register(ben.id(), "automation", 0..400).await;
    for number in 0..100 {
        put(&admin, &format!("board/{number:03}"), ben.id(), "private").await;
    }
    admin.deactivate(ben.id()).await.expect(200);
    assert_eq!(admin.resource("board/099").await.1, "inaccessible");
    assert_eq!(admin.resource("automation/automation-0399").await.1, "disabled");
    assert_eq!(admin.resources("state=inaccessible").await.len(), 100);
    assert_eq!(admin.resources("state=disabled").await.len(), 400);
    assert_eq!(admin.resources("state=active").await.len(), 0);
    // He comes back before the worker has come: everything opens, what acts for him stays stopped.
    admin.reactivate(ben.id()).await.expect(200);
    let right = async || {
        assert_eq!(admin.resources("state=inaccessible").await.len(), 0);
        assert_eq!(admin.resources("state=disabled").await.len(), 400);
        assert_eq!(admin.resources("state=active").await.len(), 100);
        assert_eq!(admin.resource("automation/automation-0399").await.1, "disabled");
    };
    right().await;
    cloud.advance(1).await;
    cloud.worker().await;
    right().await;
    cloud.advance(61).await;
    cloud.worker().await;
    right().await;
    let shown = admin.get(&format!("/v1/users/{}", ben.id())).await.expect(200);
    assert_eq!(shown["resources_in_motion"], Value::Null);
}

#[tokio::test]
async fn l6_all_of_somebodys_are_transferred_and_what_comes_later_stays() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    admin.register(ben.id(), "lead", 0..200).await;
    let body = json!({ "from": ben.id(), "to": admin.id() });
    assert_eq!(admin.post("/v1/resources/transfer", body.clone()).await.expect(200)["transferred"], 200);
    admin.register(ben.id(), "lead", 900..903).await;
    cloud.advance(1).await;
    cloud.worker().await;
    cloud.advance(61).await;
    cloud.worker().await;
    assert_eq!(admin.resources(&format!("owner={}", ben.id())).await.len(), 3);
    assert_eq!(admin.resources(&format!("owner={}", admin.id())).await.len(), 200);
    assert_eq!(admin.post("/v1/resources/transfer", body).await.expect(200)["transferred"], 3);
    let many: Vec<Value> =
        (0..100).map(|number| json!({ "kind": "lead", "id": format!("lead-{number:04}") })).collect();
    let body = json!({ "resources": many, "to": ben.id() });
    assert_eq!(admin.post("/v1/resources/transfer", body.clone()).await.expect(200)["transferred"], 100);
    assert_eq!(admin.post("/v1/resources/transfer", body).await.expect(200)["transferred"], 0);
    let gone = json!({ "resources": [{ "kind": "lead", "id": "none" }], "to": null });
    admin.post("/v1/resources/transfer", gone).await.refused(404, "not_found");
    for (body, field) in [
        (json!({ "to": null }), "resources"),
        (json!({ "from": ben.id() }), "to"),
        (json!({ "resources": [], "to": null }), "resources"),
    ] {
        let body = admin.post("/v1/resources/transfer", body).await.refused(400, "invalid_request");
        assert_eq!(body["errors"][0]["field"], field);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn transfers_deactivations_and_registrations_at_once_lose_nothing() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    let carla = admin.welcome("carla@example.com", "member").await;
    admin.register(ben.id(), "lead", 0..20).await;
    let all = |to: &Client| json!({ "from": ben.id(), "to": to.id() });
    let (path, registering) = ("/v1/resources/transfer", async {
        let mut registered = 20;
        for number in 100..110 {
            let body = json!({ "name": "N", "owner_id": ben.id() });
            let answer = admin.put(&format!("/v1/resources/lead/lead-{number:04}"), body).await;
            match answer.status {
                200 => registered += 1,
                _ => answer.bad_field("owner_id", "invalid_owner"),
            }
        }
        registered
    });
    let (one, other, left, registered) = tokio::join!(
        admin.post(path, all(&admin)),
        admin.post(path, all(&carla)),
        admin.leave(ben.id(), json!({ "strategy": "unassign" })),
        registering
    );
    left.expect(200);
    let handed = [one, other].map(|answer| answer.expect(200)["transferred"].as_u64().unwrap());
    assert!(handed.iter().sum::<u64>() <= 30, "{handed:?}");
    cloud.advance(61).await;
    cloud.worker().await;
    let mut sum = admin.resources("state=unassigned").await.len();
    for user in [&admin, &carla, &ben] {
        let listed = admin.resources(&format!("owner={}", user.id())).await.len();
        let impact = admin.get(&format!("/v1/users/{}/impact", user.id())).await.expect(200);
        let counted = impact["resources"]["lead"]["count"].as_u64().unwrap_or(0);
        assert_eq!(u64::try_from(listed).unwrap(), counted, "no count drifts");
        sum += listed;
    }
    assert_eq!(sum, registered);
    assert_eq!(admin.resources(&format!("owner={}", ben.id())).await.len(), 0);
}
