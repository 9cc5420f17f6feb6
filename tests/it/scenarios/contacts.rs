//! B: the boards tool. Who sees whom: the team, contacts, participants.

use serde_json::{Value, json};

use crate::support::{Client, Cloud};

/// The ids of a list, in its order.
async fn ids(reader: &Client, path: &str) -> Vec<String> {
    let page = reader.get(path).await.expect(200);
    let id = |row: &Value| row["id"].as_str().or_else(|| row["user_id"].as_str()).unwrap().to_owned();
    page["items"].as_array().unwrap().iter().map(id).collect()
}

/// The ids of some, sorted.
fn sorted(of: &[&Client]) -> Vec<String> {
    let mut ids: Vec<String> = of.iter().map(|one| one.id().to_owned()).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn b4_the_team_with_its_roles_is_for_insiders_on_professional_plans() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let member = admin.welcome("mia@example.com", "member").await;
    let viewer = admin.welcome("vera@example.com", "viewer").await;
    let guest = admin.welcome("gus@example.com", "guest").await;
    let leaver = admin.welcome("leo@example.com", "member").await;
    admin.deactivate(leaver.id()).await.expect(200);
    let pending = admin.invite("pia@example.com", "member").await["user_id"].as_str().unwrap().to_owned();

    for reader in [&admin, &member, &viewer] {
        let mut all = ids(reader, "/v1/team").await;
        assert_eq!(all.pop(), Some(pending.clone()), "whoever is expected comes last");
        all.sort();
        assert_eq!(all, sorted(&[&admin, &member, &viewer, &guest]));
        assert_eq!(ids(reader, "/v1/team?type=guest").await, [guest.id()]);
        assert_eq!(ids(reader, "/v1/team?type=member").await, [member.id().to_owned(), pending.clone()]);
        assert_eq!(ids(reader, "/v1/team?type=viewer&type=admin&q=vera").await, [viewer.id()]);
        assert_eq!(ids(reader, "/v1/team?q=leo").await, Vec::<String>::new());
        let first = reader.get("/v1/team?limit=2").await.expect(200);
        let cursor = first["next_cursor"].as_str().unwrap();
        assert_eq!(ids(reader, &format!("/v1/team?limit=200&cursor={cursor}")).await.len(), 3);
    }
    let row = member.get("/v1/team?type=guest").await.expect(200)["items"][0].clone();
    assert_eq!((row["type"].as_str(), row["email"].as_str()), (Some("guest"), Some("gus@example.com")));

    let said = guest.get("/v1/team").await.refused(403, "forbidden");
    assert!(said["detail"].as_str().unwrap().contains("Guests"), "{said}");
    let basic = cloud.sign_up("basic", 1).await;
    let member = basic.welcome("ben@example.com", "member").await;
    for reader in [&basic, &member] {
        reader.get("/v1/team").await.refused(403, "professional_plan_required");
    }
}

/// Adds somebody by hand.
async fn add(who: &Client, other: &str) -> crate::support::Answer {
    who.send("PUT", &format!("/v1/contacts/{other}"), None).await
}

#[tokio::test]
async fn b6_an_invitation_makes_both_sides_contacts_and_a_hand_one() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    let gus = admin.welcome("gus@example.com", "guest").await;
    assert_eq!(ids(&admin, "/v1/contacts").await, [gus.id(), ben.id()], "the newest comes first");
    for invited in [&ben, &gus] {
        assert_eq!(ids(invited, "/v1/contacts").await, [admin.id()]);
    }

    // By hand a contact is added on one's own side, as often as one likes.
    for _ in 0..2 {
        let row = add(&ben, gus.id()).await.expect(200);
        assert_eq!((row["user_id"].as_str(), row["type"].as_str()), (Some(gus.id()), Some("guest")));
    }
    assert_eq!(ids(&ben, "/v1/contacts").await, [gus.id(), admin.id()]);
    assert_eq!(ids(&gus, "/v1/contacts").await, [admin.id()]);
    add(&gus, ben.id()).await.expect(200);
    assert_eq!(ids(&gus, "/v1/contacts").await, [ben.id(), admin.id()]);

    // Nobody adds himself, nobody who has never signed in, nobody who has left.
    add(&ben, ben.id()).await.refused(409, "cannot_change_self");
    let pending = admin.create("cora", None).await["id"].as_str().unwrap().to_owned();
    add(&ben, &pending).await.refused(404, "not_found");
    let leaver = admin.welcome("leo@example.com", "member").await;
    admin.deactivate(leaver.id()).await.expect(200);
    add(&ben, leaver.id()).await.refused(404, "not_found");
    // Who is a contact already stays so, but no mail reaches him.
    let row = add(&admin, leaver.id()).await.expect(200);
    assert_eq!((&row["email_verified"], &row["can_receive_mail"]), (&json!(true), &json!(false)));
    assert_eq!(ids(&admin, "/v1/contacts").await.len(), 3);

    // Who invited and was deleted since is nobody's contact.
    let boss = admin.welcome("boss@example.com", "admin").await;
    boss.invite("dan@example.com", "member").await;
    admin.deactivate(boss.id()).await.expect(200);
    admin.delete(&format!("/v1/users/{}", boss.id())).await.expect(200);
    let dan = cloud.accept("dan@example.com", "Dan").await;
    assert_eq!(ids(&dan, "/v1/contacts").await, Vec::<String>::new());
    add(&ben, boss.id()).await.refused(404, "not_found");
}

#[tokio::test]
async fn b2_guests_add_the_team_and_cannot_tell_other_guests_from_nobody() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let member = admin.welcome("mia@example.com", "member").await;
    let viewer = admin.welcome("vera@example.com", "viewer").await;
    let guest = admin.welcome("gus@example.com", "guest").await;
    let other = admin.welcome("gina@example.com", "guest").await;
    add(&guest, member.id()).await.expect(200);
    let unseen = [viewer.id().to_owned(), other.id().to_owned(), "usr_00000000000000000000000000".to_owned()];
    let mut said = Vec::new();
    for id in unseen {
        said.push(add(&guest, &id).await.refused(404, "not_found")["detail"].clone());
    }
    said.dedup();
    assert_eq!(said.len(), 1);
    for insider in [&admin, &member, &viewer] {
        for id in [other.id(), guest.id()] {
            add(insider, id).await.expect(200);
        }
    }
}

#[tokio::test]
async fn b3_a_contact_shows_who_it_is_and_whether_mails_arrive() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let member = admin.welcome("mia@example.com", "member").await;
    let guest = admin.welcome("gus@example.com", "guest").await;
    let of = async |reader: &Client, query: &str| {
        let page = reader.get(&format!("/v1/contacts{query}")).await.expect(200);
        page["items"].as_array().unwrap().clone()
    };
    let row = |who: &Client, name: &str, email: Value, user_type: &str, mails: bool| {
        json!({ "user_id": who.id(), "name": name, "email": email, "account_name": "Acme Trackers",
            "type": user_type, "email_verified": mails, "can_receive_mail": mails })
    };
    // The owner's address is not confirmed yet; a guest, of another team, is told no address.
    assert_eq!(of(&member, "").await, [row(&admin, "Olga Owner", json!(admin.email()), "admin", false)]);
    assert_eq!(of(&guest, "").await, [row(&admin, "Olga Owner", Value::Null, "admin", false)]);
    let token = cloud.link(admin.email()).await;
    cloud.public().post("/v1/email/verify", json!({ "token": token })).await.expect(204);
    assert_eq!(of(&guest, "").await, [row(&admin, "Olga Owner", Value::Null, "admin", true)]);
    // What changes of a user changes in every list of contacts.
    member.patch("/v1/me", json!({ "name": "Mia Müller" })).await.expect(200);
    let mia = row(&member, "Mia Müller", json!("mia@example.com"), "member", true);
    assert_eq!(of(&admin, "?q=mull").await, [mia]);
    // They are found by their names alone, which guests see too.
    assert_eq!(of(&admin, "?q=example").await, Vec::<Value>::new());
    assert_eq!(of(&guest, "?q=owner0").await, Vec::<Value>::new());
    assert_eq!(of(&guest, "?q=olga%20o").await.len(), 1);
    admin.get(&format!("/v1/contacts?q={}", "x".repeat(201))).await.bad_field("q", "too_long");
}

#[tokio::test]
async fn contacts_are_paged_and_searched_among_so_many() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let mut expected = Vec::new();
    for number in 0..5 {
        expected.insert(0, admin.welcome(&format!("u{number}@example.com"), "member").await.id().to_owned());
    }
    for query in ["", "&q=newc"] {
        let rows = admin.rows(&format!("/v1/contacts?limit=2{query}")).await;
        let found: Vec<&str> = rows.iter().map(|row| row["user_id"].as_str().unwrap()).collect();
        assert_eq!(found, expected, "{query}");
        // A place in one's own list is none in another's.
        let first = admin.get(&format!("/v1/contacts?limit=2{query}")).await.expect(200);
        let cursor = first["next_cursor"].as_str().unwrap();
        let other = cloud.sign_in("u0@example.com").await;
        other.get(&format!("/v1/contacts?limit=2{query}&cursor={cursor}")).await.refused(400, "invalid_cursor");
    }
}

#[tokio::test]
async fn b7_a_contact_is_removed_on_ones_own_side() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    let path = format!("/v1/contacts/{}", admin.id());
    for _ in 0..2 {
        ben.delete(&path).await.expect(204);
        assert_eq!(ids(&ben, "/v1/contacts").await, Vec::<String>::new());
        assert_eq!(ids(&admin, "/v1/contacts").await, [ben.id()]);
    }
    add(&ben, admin.id()).await.expect(200);
    assert_eq!(ids(&ben, "/v1/contacts").await, [admin.id()]);
    admin.delete(&format!("/v1/contacts/{}", ben.id())).await.expect(204);
    assert_eq!(ids(&ben, "/v1/contacts").await, [admin.id()]);
    ben.delete(&path).await.expect(204);
    assert!(!cloud.dump().await.contains("#CONTACT#"), "nothing of it is kept");
}

#[tokio::test]
async fn w6_a_deleted_person_is_nobodys_contact() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let mut people = Vec::new();
    for name in ["mutual", "adds", "added", "left", "leaves"] {
        people.push(admin.welcome(&format!("{name}@example.com"), "member").await);
    }
    let ben = admin.welcome("ben@example.com", "member").await;
    let [mutual, adds, added, left, leaves] = people.as_slice() else { panic!("five") };
    // In every way that two can be contacts: both by hand, one by hand, one who was left with it, one who is left out.
    for (one, other) in [(mutual, &ben), (&ben, mutual), (adds, &ben), (&ben, added)] {
        add(one, other.id()).await.expect(200);
    }
    for one in [left, leaves] {
        for (one, other) in [(one, &ben), (&ben, one)] {
            add(one, other.id()).await.expect(200);
        }
    }
    ben.delete(&format!("/v1/contacts/{}", left.id())).await.expect(204);
    leaves.delete(&format!("/v1/contacts/{}", ben.id())).await.expect(204);
    let rows =
        async || cloud.dump().await.lines().filter(|it| it.contains("#CONTACT#") && it.contains(ben.id())).count();
    // With the admin who invited him: on both sides.
    assert_eq!(rows().await, 2 + 2 + 1 + 1 + 1 + 1);

    admin.deactivate(ben.id()).await.expect(200);
    assert!(ids(mutual, "/v1/contacts").await.contains(&ben.id().to_owned()), "deactivated, he stays one");
    admin.delete(&format!("/v1/users/{}", ben.id())).await.expect(200);
    // The worker has not been here yet, and nobody sees him.
    for reader in people.iter().chain([&admin]) {
        assert!(!ids(reader, "/v1/contacts").await.contains(&ben.id().to_owned()));
    }
    assert_eq!(cloud.worker().await["failures"], 0);
    assert_eq!(rows().await, 0);
    // The contacts of others are left alone.
    assert_eq!(ids(&admin, "/v1/contacts").await.len(), 5);
}

/// Brings somebody into a board or project.
async fn bring(who: &Client, place: &str, whom: Value) -> crate::support::Answer {
    who.post(&format!("/v1/resources/{place}/participants"), whom).await
}

#[tokio::test]
async fn b6_whoever_is_brought_into_a_board_becomes_a_contact_but_guests_of_guests() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    let mia = admin.welcome("mia@example.com", "member").await;
    let gus = admin.welcome("gus@example.com", "guest").await;
    let gina = admin.welcome("gina@example.com", "guest").await;
    let board = json!({ "name": "Board", "owner_id": ben.id(), "visibility": "private" });
    for kind in ["board", "project"] {
        ben.put(&format!("/v1/resources/{kind}/1"), board.clone()).await.expect(200);
    }

    // Whoever does not take part brings nobody in, and cannot tell the board from none.
    for outsider in [&mia, &gus] {
        bring(outsider, "board/1", json!({ "user_id": mia.id() })).await.refused(404, "not_found");
    }
    let row = bring(&ben, "board/1", json!({ "user_id": gus.id() })).await.expect(200);
    assert_eq!((&row["participant_ids"], &row["version"]), (&json!([gus.id()]), &json!(2)));
    let row = bring(&ben, "board/1", json!({ "email": "GINA@example.com" })).await.expect(200);
    assert_eq!(row["participant_ids"], json!([gus.id(), gina.id()]));
    for guest in [&gus, &gina] {
        assert!(ids(guest, "/v1/contacts").await.contains(&ben.id().to_owned()));
        assert!(ids(&ben, "/v1/contacts").await.contains(&guest.id().to_owned()));
        assert_eq!(ids(guest, "/v1/contacts").await.len(), 2, "with the admin who invited");
    }
    // A guest brings a member in; the two are contacts. By an address a guest finds nobody.
    bring(&gus, "board/1", json!({ "email": "mia@example.com" })).await.bad_field("email", "invalid_participant");
    let row = bring(&gus, "board/1", json!({ "user_id": mia.id() })).await.expect(200);
    assert_eq!(row["participant_ids"], json!([gus.id(), gina.id(), mia.id()]));
    assert!(ids(&mia, "/v1/contacts").await.contains(&gus.id().to_owned()));
    // Again, or an owner: nothing changes.
    for there in [&mia, &ben] {
        assert_eq!(bring(&gus, "board/1", json!({ "user_id": there.id() })).await.expect(200), row);
    }

    // A project too, by an admin who takes no part; nothing else; nobody who has left or is expected.
    bring(&admin, "project/1", json!({ "user_id": mia.id() })).await.expect(200);
    ben.register(ben.id(), "lead", 0..1).await;
    bring(&ben, "lead/lead-0000", json!({ "user_id": mia.id() })).await.refused(404, "not_found");
    let pending = admin.create("cora", None).await["id"].clone();
    let leaver = admin.welcome("leo@example.com", "member").await;
    admin.deactivate(leaver.id()).await.expect(200);
    for nobody in [pending, json!(leaver.id()), json!("usr_00000000000000000000000000")] {
        bring(&ben, "board/1", json!({ "user_id": nobody })).await.bad_field("user_id", "invalid_participant");
    }
    for neither in [json!({}), json!({ "user_id": mia.id(), "email": "mia@example.com" })] {
        bring(&ben, "board/1", neither).await.refused(400, "invalid_request");
    }
}

#[tokio::test]
async fn b5_participants_come_and_go_and_stay_with_the_board() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    let mia = admin.welcome("mia@example.com", "member").await;
    let board = json!({ "name": "Board", "owner_id": ben.id(), "visibility": "private" });
    ben.put("/v1/resources/board/1", board.clone()).await.expect(200);
    bring(&ben, "board/1", json!({ "user_id": mia.id() })).await.expect(200);
    // Who registers the board once more says nothing of those who take part; nor does another owner.
    let renamed = json!({ "name": "Renamed", "owner_id": ben.id(), "visibility": "private" });
    assert_eq!(ben.put("/v1/resources/board/1", renamed).await.expect(200)["participant_ids"], json!([mia.id()]));
    admin.leave(ben.id(), json!({ "strategy": "reassign", "to": admin.id() })).await.expect(200);
    let row = admin.get("/v1/resources/board/1").await.expect(200);
    assert_eq!((&row["owner_id"], &row["participant_ids"]), (&json!(admin.id()), &json!([mia.id()])));
    // The owner is no participant to let go; a version that is not the current one is nobody's.
    let path = "/v1/resources/board/1/participants";
    let stale = mia.with("if-match", "\"1\"");
    stale.delete(&format!("{path}/{}", mia.id())).await.refused(412, "version_conflict");
    assert_eq!(mia.delete(&format!("{path}/{}", admin.id())).await.expect(200), row);
    // Mia goes, and the board is none of hers any more; the audit tells of both.
    let left = mia.delete(&format!("{path}/{}", mia.id())).await.expect(200);
    assert_eq!(left["participant_ids"], json!([]));
    mia.delete(&format!("{path}/{}", mia.id())).await.refused(404, "not_found");
    let audit = admin.get("/v1/audit?subject=board%231&action=participant.").await.expect(200);
    let actions: Vec<_> = audit["items"].as_array().unwrap().iter().map(|it| it["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["participant.removed", "participant.added"]);
    assert!(ids(&mia, "/v1/contacts").await.contains(&ben.id().to_owned()), "contacts stay");
}
