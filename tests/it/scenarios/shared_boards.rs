//! B2: who sees whom through shared boards and projects, on every route that can name a user.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::{Client, Cloud, PASSWORD};

const NOBODY: &str = "usr_00000000000000000000000000";
const RIGHTS: [&str; 7] = [
    "users.read",
    "users.write",
    "users.status",
    "users.delete",
    "users.credentials",
    "roles.write",
    "resources.write",
];

/// Lets a guest administer, as far as he sees anybody.
async fn empowered(admin: &Client, guest: Client, role: &str) -> Client {
    admin.put(&format!("/v1/users/{}/role", guest.id()), json!({ "role_id": role })).await.expect(200);
    guest
}

/// Registers a board or project.
async fn shared(admin: &Client, place: &str, owner: &Client, co_owners: &[&Client], participants: &[&Client]) {
    let ids: Vec<&str> = co_owners.iter().map(|it| it.id()).collect();
    let body = json!({ "name": "Shared", "owner_id": owner.id(), "co_owner_ids": ids, "visibility": "private" });
    admin.put(&format!("/v1/resources/{place}"), body).await.expect(200);
    for one in participants {
        admin.post(&format!("/v1/resources/{place}/participants"), json!({ "user_id": one.id() })).await.expect(200);
    }
}

async fn sees(viewer: &Client, other: &Client) -> bool {
    viewer.get(&format!("/v1/users/{}", other.id())).await.status == 200
}

/// The ids of a list, in its order.
async fn ids(reader: &Client, path: &str) -> Vec<String> {
    reader.rows(path).await.iter().map(|row| row["id"].as_str().expect("an id").to_owned()).collect()
}

/// Every action that names a user by id; what changes something is only tried.
fn naming(id: &str, role: &str) -> Vec<(&'static str, String, Value)> {
    let user = format!("/v1/users/{id}");
    let dry = "?dry_run=true";
    let lead = "/v1/resources/lead/desk";
    let none = Value::Null;
    vec![
        ("GET", user.clone(), none.clone()),
        ("GET", format!("{user}/impact"), none.clone()),
        ("PATCH", format!("{user}{dry}"), json!({ "title": "Boss" })),
        ("PUT", format!("{user}/type{dry}"), json!({ "type": "guest" })),
        ("PUT", format!("{user}/role{dry}"), json!({ "role_id": role })),
        ("POST", format!("{user}/deactivate{dry}"), json!({})),
        ("POST", format!("{user}/reactivate{dry}"), json!({})),
        ("POST", format!("{user}/withdraw{dry}"), json!({})),
        ("DELETE", format!("{user}{dry}"), none.clone()),
        ("POST", format!("{user}/password-reset{dry}"), json!({})),
        ("PUT", format!("{user}/password{dry}"), json!({ "password": PASSWORD })),
        ("DELETE", format!("{user}/two-factor{dry}"), none.clone()),
        ("PUT", format!("/v1/contacts/{id}{dry}"), none.clone()),
        ("POST", format!("/v1/users/batch{dry}"), json!({ "user_ids": [id], "set": { "status": "deactivated" } })),
        ("PUT", format!("/v1/resources/lead/new{dry}"), json!({ "name": "New", "owner_id": id })),
        ("PUT", format!("{lead}{dry}"), json!({ "name": "Desk", "owner_id": null, "co_owner_ids": [id] })),
        ("POST", format!("/v1/resources/transfer{dry}"), json!({ "from": id, "to": null })),
        (
            "POST",
            format!("/v1/resources/transfer{dry}"),
            json!({ "resources": [{ "kind": "lead", "id": "desk" }], "to": id }),
        ),
        ("POST", format!("/v1/resources/board/own/participants{dry}"), json!({ "user_id": id })),
        ("POST", format!("/v1/resources/board/own/mentions{dry}"), json!({ "user_id": id })),
    ]
}

/// What an action answers of somebody, without his id.
async fn said(viewer: &Client, (method, path, body): &(&'static str, String, Value), id: &str) -> (u16, String) {
    let bytes = (!body.is_null()).then(|| body.to_string().into_bytes());
    let answer = viewer.send(method, path, bytes).await;
    (answer.status, answer.text.replace(id, "ID"))
}

/// Whom of an account a guest is asked about: everybody with whom he has something or nothing in common.
struct Cast {
    admin: Client,
    gus: Client,
    role: String,
    seen: Vec<(&'static str, Client)>,
    unseen: Vec<(&'static str, Client)>,
}

async fn cast(cloud: &Arc<Cloud>) -> Cast {
    let admin = cloud.sign_up("unlimited", 1).await;
    let role = admin.role("Desk", &RIGHTS).await;
    let gus = empowered(&admin, admin.welcome("gus@example.com", "guest").await, &role).await;
    let (mut seen, mut unseen) = (vec![("admin", admin.clone())], Vec::new());
    seen.push(("member", admin.welcome("mia@example.com", "member").await));
    for user_type in ["guest", "viewer"] {
        let join = async |name: &str| admin.welcome(&format!("{name}{user_type}@example.com"), user_type).await;
        let (mate, owner, co_owner) = (join("mate").await, join("owner").await, join("co").await);
        shared(&admin, &format!("board/mate-{user_type}"), &admin, &[], &[&gus, &mate]).await;
        shared(&admin, &format!("project/owner-{user_type}"), &owner, &[], &[&gus]).await;
        shared(&admin, &format!("board/co-{user_type}"), &gus, &[&co_owner], &[]).await;
        seen.extend([("participant", mate), ("owner", owner), ("co-owner", co_owner)]);
        // Once on a board; the one was mentioned there, the other was not.
        let (contact, gone) = (join("contact").await, join("gone").await);
        let path = format!("/v1/resources/board/left-{user_type}");
        shared(&admin, &format!("board/left-{user_type}"), &admin, &[], &[&gus, &contact, &gone]).await;
        gus.post(&format!("{path}/mentions"), json!({ "user_id": contact.id() })).await.expect(200);
        for left in [&contact, &gone] {
            admin.delete(&format!("{path}/participants/{}", left.id())).await.expect(200);
        }
        // Of a lead that two own nobody is a participant.
        let lead = json!({ "name": "Lead", "owner_id": gus.id(), "co_owner_ids": [gone.id()] });
        admin.put(&format!("/v1/resources/lead/{user_type}"), lead).await.expect(200);
        let stranger = join("stranger").await;
        shared(&admin, &format!("board/other-{user_type}"), &stranger, &[], &[&gone]).await;
        seen.push(("contact", contact));
        unseen.extend([("left", gone), ("stranger", stranger)]);
    }
    shared(&admin, "board/own", &gus, &[], &[]).await;
    admin.put("/v1/resources/lead/desk", json!({ "name": "Desk", "owner_id": gus.id() })).await.expect(200);
    let away = json!({ "resources": [{ "kind": "lead", "id": "desk" }], "to": null });
    admin.post("/v1/resources/transfer", away).await.expect(200);
    Cast { admin, gus, role, seen, unseen }
}

#[tokio::test]
async fn b2_a_guest_is_told_of_an_unseen_guest_what_he_is_told_of_nobody_on_every_route() {
    let cloud = Cloud::start().await;
    let Cast { admin, gus, role, seen, unseen } = cast(&cloud).await;
    let nobody = naming(NOBODY, &role);
    let mut none = Vec::new();
    for call in &nobody {
        none.push(said(&gus, call, NOBODY).await);
    }
    for (others, alike) in [(&unseen, true), (&seen, false)] {
        for (relation, other) in others {
            for (call, none) in naming(other.id(), &role).iter().zip(&none) {
                let told = said(&gus, call, other.id()).await;
                assert_eq!(told == *none, alike, "{relation} {}: {call:?}: {told:?}", other.user["type"]);
            }
        }
    }
    // Whoever belongs to the account sees them all, on the same routes.
    for (_, other) in unseen.iter().chain(&seen).filter(|(_, other)| other.id() != admin.id()) {
        for call in naming(other.id(), &role).iter().filter(|call| !call.1.contains("/withdraw")) {
            assert_ne!(said(&admin, call, other.id()).await.0, 404, "{call:?}");
        }
    }
    // Lists show the same, in every order and of every type, and so do searches and the whole team on a board.
    let mut expected: Vec<&str> = seen.iter().map(|(_, other)| other.id()).collect();
    expected.sort_unstable();
    for path in [
        "/v1/users?limit=3",
        "/v1/users?limit=3&q=newc",
        "/v1/users?sort=-name&limit=4",
        "/v1/users?sort=-last_active&limit=4",
        "/v1/users?sort=created&limit=1",
        "/v1/users/assignable?limit=2",
        "/v1/users/assignable?limit=200&q=newc",
        "/v1/resources/board/own/mentionable?scope=team&limit=3",
    ] {
        let mut found = ids(&gus, path).await;
        // In the order in which everybody else sees them.
        let whole = ids(&admin, path).await;
        let in_order: Vec<&String> = whole.iter().filter(|id| found.contains(id)).collect();
        if !path.contains("mentionable") {
            assert_eq!(found.iter().collect::<Vec<_>>(), in_order, "{path}");
        }
        found.sort();
        let newcomer = |id: &&&str| !path.contains("q=newc") || **id != admin.id();
        let expected: Vec<&str> = expected.iter().filter(newcomer).copied().collect();
        assert_eq!(found, expected, "{path}");
    }
    let batch = json!({ "select": { "type": ["guest", "viewer"], "q": "newc" }, "set": { "status": "active" } });
    let results = gus.post("/v1/users/batch?dry_run=true", batch).await.expect(200);
    for (_, hidden) in &unseen {
        assert!(!results.to_string().contains(hidden.id()), "{results}");
    }
}

#[tokio::test]
async fn b2_what_guests_share_comes_and_goes_with_the_board() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let role = admin.role("Reader", &["users.read"]).await;
    let gus = empowered(&admin, admin.welcome("gus@example.com", "guest").await, &role).await;
    let gina = empowered(&admin, admin.welcome("gina@example.com", "guest").await, &role).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    let each = async || {
        let both = (sees(&gus, &gina).await, sees(&gina, &gus).await);
        assert_eq!(both.0, both.1, "seeing is mutual on a board");
        both.0
    };
    let path = "/v1/resources/board/1";
    assert!(!each().await);
    shared(&admin, "board/1", &ben, &[&gina], &[&gus]).await;
    assert!(each().await, "a co-owner and a participant");
    // The owner hands everything to the co-owner: shown at once, and as it is carried out.
    ben.register(ben.id(), "lead", 0..3).await;
    let to = json!({ "from": ben.id(), "to": gina.id() });
    admin.post("/v1/resources/transfer", to).await.expect(200);
    assert!(each().await, "on its way to her");
    assert_eq!(cloud.worker().await["failures"], 0);
    assert!(each().await, "hers");
    // She passes it on, and keeps nothing of it.
    let to = json!({ "from": gina.id(), "to": ben.id() });
    admin.post("/v1/resources/transfer", to).await.expect(200);
    assert!(!each().await, "on its way from her");
    assert_eq!(cloud.worker().await["failures"], 0);
    assert!(!each().await);
    admin.post(&format!("{path}/participants"), json!({ "user_id": gina.id() })).await.expect(200);
    assert!(each().await);
    // Registered anew the board has the same participants; gone, it has none.
    shared(&admin, "board/1", &admin, &[], &[]).await;
    assert!(each().await);
    admin.delete(path).await.expect(204);
    assert!(!each().await);
    shared(&admin, "board/1", &admin, &[], &[]).await;
    assert!(!each().await, "one of the same name is another");
    assert!(!cloud.dump().await.contains("#BOARDS#"), "nothing of it is kept");
}

#[tokio::test]
async fn w6_nothing_says_on_which_boards_a_deleted_person_was() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let gina = admin.welcome("gina@example.com", "guest").await;
    let gus = admin.welcome("gus@example.com", "guest").await;
    shared(&admin, "board/1", &admin, &[&gina], &[&gus]).await;
    shared(&admin, "project/1", &admin, &[&gus], &[&gina]).await;
    let rows = async |who: &Client| cloud.dump().await.matches(&format!("#BOARDS#{}", who.id())).count();
    assert_eq!((rows(&gina).await, rows(&gus).await), (2, 2));
    admin.deactivate(gina.id()).await.expect(200);
    admin.delete(&format!("/v1/users/{}", gina.id())).await.expect(200);
    assert_eq!(cloud.worker().await["failures"], 0);
    assert_eq!((rows(&gina).await, rows(&gus).await), (0, 2));
}

#[tokio::test]
async fn a_full_board_is_forgotten_with_all_who_took_part() {
    let cloud = Cloud::start().await;
    if cloud.local.embedded().is_none() {
        return;
    }
    let admin = cloud.sign_up("unlimited", 1).await;
    let mut people = Vec::new();
    for number in 0..101 {
        people.push(admin.welcome(&format!("u{number}@example.com"), "guest").await);
    }
    let (last, others) = people.split_last().expect("somebody");
    shared(&admin, "board/1", &admin, &[last], &others.iter().collect::<Vec<_>>()).await;
    assert_eq!(cloud.dump().await.matches("#BOARDS#").count(), 101);
    let board = admin.get("/v1/resources/board/1").await.expect(200);
    assert_eq!(board["participant_ids"].as_array().expect("ids").len(), 100);
    admin.delete("/v1/resources/board/1?dry_run=true").await.expect(200);
    let meant = admin.with("if-match", format!("\"{}\"", board["version"]));
    meant.delete("/v1/resources/board/1").await.expect(204);
    admin.get("/v1/resources/board/1").await.refused(404, "not_found");
    assert!(!cloud.dump().await.contains("#BOARDS#"), "nothing of it is kept");
}

#[tokio::test]
async fn boards_go_to_their_co_owner_in_steps_that_fit() {
    let cloud = Cloud::start().await;
    if cloud.local.embedded().is_none() {
        return;
    }
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    let mia = admin.welcome("mia@example.com", "member").await;
    for number in 0..60 {
        shared(&admin, &format!("board/{number}"), &ben, &[&mia], &[]).await;
    }
    // By name, of which several transactions take some each.
    let named: Vec<Value> = (0..40).map(|number| json!({ "kind": "board", "id": number.to_string() })).collect();
    for to in [&mia, &ben] {
        let body = json!({ "resources": named, "to": to.id() });
        assert_eq!(admin.post("/v1/resources/transfer", body).await.expect(200)["transferred"], 40);
        for number in 0..40 {
            shared(&admin, &format!("board/{number}"), to, &[if to.id() == mia.id() { &ben } else { &mia }], &[]).await;
        }
    }
    admin.leave(ben.id(), json!({ "strategy": "reassign", "to": mia.id() })).await.expect(200);
    let report = cloud.worker().await;
    assert_eq!(report["failures"], 0, "{report}");
    cloud.advance(61).await;
    assert_eq!(cloud.worker().await["failures"], 0);
    assert_eq!(admin.rows(&format!("/v1/resources?owner={}&limit=200", mia.id())).await.len(), 60);
    assert!(!cloud.dump().await.contains("#BOARDS#"), "she owns them all, and none beside somebody");
}
