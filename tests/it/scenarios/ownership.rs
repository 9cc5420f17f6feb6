//! Who reaches which resources, and what is written about them.

use serde_json::{Value, json};

use crate::support::{Client, Cloud};

async fn board(admin: &Client, id: &str, owner: &Client, co_owners: &[&str]) {
    let body = json!({ "name": id, "owner_id": owner.id(), "co_owner_ids": co_owners, "visibility": "private" });
    admin.put(&format!("/v1/resources/board/{id}"), body).await.expect(200);
}

#[tokio::test]
async fn members_reach_what_is_theirs_and_claims_are_for_admins() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    let carla = admin.welcome("carla@example.com", "member").await;
    board(&admin, "hers", &carla, &[]).await;
    board(&admin, "both", &carla, &[ben.id()]).await;
    board(&ben, "his", &ben, &[]).await;
    let path = "/v1/resources/board/hers";
    ben.get(path).await.refused(404, "not_found");
    ben.delete(path).await.refused(404, "not_found");
    ben.put(path, json!({ "name": "N", "owner_id": ben.id() })).await.refused(404, "not_found");
    for body in [
        json!({ "resources": [{ "kind": "board", "id": "hers" }], "to": ben.id() }),
        json!({ "from": admin.id(), "to": ben.id() }),
    ] {
        ben.post("/v1/resources/transfer", body).await.refused(404, "not_found");
    }
    let new = json!({ "name": "N", "owner_id": carla.id() });
    ben.put("/v1/resources/board/new", new.clone()).await.bad_field("owner_id", "invalid_owner");
    assert_eq!(ben.resources("").await, ["board/his"]);
    assert_eq!(ben.resources(&format!("owner={}", ben.id())).await, ["board/his"]);
    assert_eq!(ben.resources(&format!("owner={}", carla.id())).await, [] as [&str; 0]);
    assert_eq!(ben.resources("state=unassigned").await, [] as [&str; 0]);
    // What he owns with others is his, too.
    ben.get("/v1/resources/board/both").await.expect(200);
    let body = json!({ "from": ben.id(), "to": carla.id() });
    assert_eq!(ben.post("/v1/resources/transfer", body).await.expect(200)["transferred"], 1);
    // A role that names the right reaches all; it claims nothing, whatever else it names.
    let role = admin.role("Desk", &["resources.write", "users.status", "users.read"]).await;
    admin.put(&format!("/v1/users/{}/role", ben.id()), json!({ "role_id": role })).await.expect(200);
    assert_eq!(ben.resources("").await.len(), 3);
    ben.put("/v1/resources/board/new", new).await.expect(200);
    admin.deactivate(carla.id()).await.expect(200);
    ben.post(&format!("{path}/claim"), json!({})).await.refused(403, "forbidden");
    admin.post(&format!("{path}/claim"), json!({})).await.expect(200);
}

#[tokio::test]
async fn what_is_registered_stays_as_it_is_when_its_owner_has_gone() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    let carla = admin.welcome("carla@example.com", "member").await;
    let put = async |place: &str, name: &str, owner: Value, co_owners: &[&str]| {
        let body = json!({ "name": name, "owner_id": owner, "co_owner_ids": co_owners, "visibility": "private" });
        admin.put(&format!("/v1/resources/{place}"), body).await
    };
    let his = json!(ben.id());
    put("board/1", "One", his.clone(), &[carla.id()]).await.expect(200);
    put("board/2", "Two", his.clone(), &[]).await.expect(200);
    put("automation/1", "Robot", his.clone(), &[]).await.expect(200);
    put("lead/1", "Lead", his.clone(), &[]).await.expect(200);
    let nobodys = json!({ "resources": [{ "kind": "lead", "id": "1" }], "to": null });
    admin.post("/v1/resources/transfer", nobodys).await.expect(200);
    admin.deactivate(carla.id()).await.expect(200);
    put("board/1", "One", his.clone(), &[carla.id()]).await.expect(200);
    admin.deactivate(ben.id()).await.expect(200);
    for (place, owner, co_owners, state) in [
        ("board/1", his.clone(), vec![carla.id()], "inaccessible"),
        ("board/2", his.clone(), vec![], "inaccessible"),
        ("automation/1", his.clone(), vec![], "disabled"),
        ("lead/1", Value::Null, vec![], "unassigned"),
    ] {
        let before = admin.get(&format!("/v1/resources/{place}")).await.expect(200);
        let name = before["name"].as_str().unwrap();
        let same = put(place, name, owner.clone(), &co_owners).await.expect(200);
        assert_eq!((&same, same["state"].as_str()), (&before, Some(state)), "{place}");
        let renamed = put(place, "New", owner.clone(), &co_owners).await.expect(200);
        assert_eq!((renamed["name"].as_str(), renamed["state"].as_str()), (Some("New"), Some(state)), "{place}");
        assert_eq!(admin.resource(place).await, (owner, state.to_owned()));
    }
    // Whoever is new to it must be active, and nobody gives it to nobody this way.
    put("board/3", "Three", his.clone(), &[]).await.bad_field("owner_id", "invalid_owner");
    put("board/2", "Two", his.clone(), &[carla.id()]).await.bad_field("co_owner_ids[0]", "invalid_owner");
    put("board/2", "Two", Value::Null, &[]).await.bad_field("owner_id", "invalid_owner");
    admin.put("/v1/resources/board/2", json!({ "name": "Two" })).await.bad_field("owner_id", "missing_field");
    put("board/2", "Two", json!(admin.id()), &[]).await.expect(200);
    assert_eq!(admin.resource("board/2").await.1, "active");
}

#[tokio::test]
async fn what_is_registered_again_goes_on_counting_its_versions() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let body = |name: &str| json!({ "name": name, "owner_id": admin.id() });
    let path = "/v1/resources/lead/1";
    for version in [1, 3] {
        assert_eq!(admin.put(path, body("One")).await.expect(200)["version"], version);
        assert_eq!(admin.put(path, body("Two")).await.expect(200)["version"], version + 1);
        admin.with("if-match", format!("\"{version}\"")).delete(path).await.refused(412, "version_conflict");
        admin.delete(path).await.expect(204);
    }
    admin.put(path, body("One")).await.expect(200);
    for version in 1..5 {
        let client = admin.with("if-match", format!("\"{version}\""));
        client.put(path, body("Three")).await.refused(412, "version_conflict");
    }
    admin.with("if-match", "\"5\"").put(path, body("Three")).await.expect(200);
}

#[tokio::test]
async fn a_missing_one_among_many_moves_none() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    admin.register(admin.id(), "lead", 0..60).await;
    let named = |numbers: std::ops::Range<u32>| -> Vec<Value> {
        numbers.map(|number| json!({ "kind": "lead", "id": format!("lead-{number:04}") })).collect()
    };
    let body = json!({ "resources": named(0..61), "to": ben.id() });
    admin.post("/v1/resources/transfer", body).await.refused(404, "not_found");
    assert_eq!(admin.resources(&format!("owner={}", ben.id())).await.len(), 0);
    let body = json!({ "resources": named(0..60), "to": ben.id() });
    assert_eq!(admin.post("/v1/resources/transfer", body).await.expect(200)["transferred"], 60);
}
