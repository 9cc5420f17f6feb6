//! B5, B6: mentions on boards and in projects.

use serde_json::{Value, json};

use crate::support::{Answer, Client, Cloud};

const BOARD: &str = "/v1/resources/board/1";

async fn mention(who: &Client, path: &str, whom: &str) -> Answer {
    who.post(&format!("{path}/mentions"), json!({ "user_id": whom })).await
}

/// Names whom somebody is offered, in order.
async fn offered(who: &Client, path: &str, query: &str) -> Vec<String> {
    let rows = who.rows(&format!("{path}/mentionable?{query}")).await;
    rows.iter().map(|row| row["name"].as_str().expect("a name").to_owned()).collect()
}

async fn named(admin: &Client, name: &str, user_type: &str) -> Client {
    let one = admin.welcome(&format!("{}@example.com", name.to_lowercase()), user_type).await;
    one.patch("/v1/me", json!({ "name": format!("{name} Test") })).await.expect(200);
    one
}

async fn contacts(who: &Client) -> Vec<String> {
    let rows = who.rows("/v1/contacts?limit=200").await;
    let mut names: Vec<String> = rows.iter().map(|row| row["name"].as_str().expect("a name").to_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn b5_contacts_and_participants_are_offered_and_the_whole_team_on_request() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = named(&admin, "Ben", "member").await;
    let mia = named(&admin, "Mia", "member").await;
    let max = named(&admin, "Max", "viewer").await;
    let (gus, gina) = (named(&admin, "Gus", "guest").await, named(&admin, "Gina", "guest").await);
    for kind in ["board", "project"] {
        let body = json!({ "name": "One", "owner_id": ben.id(), "co_owner_ids": [mia.id()], "visibility": "private" });
        ben.put(&format!("/v1/resources/{kind}/1"), body).await.expect(200);
    }
    ben.post(&format!("{BOARD}/participants"), json!({ "user_id": gus.id() })).await.expect(200);
    ben.send("PUT", &format!("/v1/contacts/{}", max.id()), None).await.expect(200);

    // Contacts (the owner who invited Ben, Max) and who takes part, by name, never oneself.
    let nearby = ["Gus Test", "Max Test", "Mia Test", "Olga Owner"];
    for query in ["", "scope=nearby", "limit=1", "limit=2"] {
        assert_eq!(offered(&ben, BOARD, query).await, nearby, "{query}");
    }
    assert_eq!(offered(&ben, "/v1/resources/project/1", "").await, nearby);
    // Narrowed by typing: how any word begins, also of the address, for whoever is told it.
    for (query, expected) in [
        ("q=m", vec!["Max Test", "Mia Test"]),
        ("q=M%20te", vec!["Max Test", "Mia Test"]),
        ("q=owner", vec!["Olga Owner"]),
        ("q=ben", vec![]),
        ("q=gina", vec![]),
        ("q=exa", vec!["Gus Test", "Max Test", "Mia Test", "Olga Owner"]),
        ("scope=team&q=g", vec!["Gina Test", "Gus Test"]),
        ("scope=team&q=g&limit=1", vec!["Gina Test", "Gus Test"]),
        ("scope=team", vec!["Gina Test", "Gus Test", "Max Test", "Mia Test", "Olga Owner"]),
    ] {
        assert_eq!(offered(&ben, BOARD, query).await, expected, "{query}");
    }
    // Admins need not take part, but have contacts of their own.
    assert_eq!(offered(&admin, BOARD, "q=gina").await, ["Gina Test"]);
    // A guest is offered whom he sees: neither a guest nor a viewer with whom he shares nothing, and no addresses.
    assert_eq!(offered(&gus, BOARD, "").await, ["Ben Test", "Mia Test", "Olga Owner"]);
    assert_eq!(offered(&gus, BOARD, "scope=team").await, ["Ben Test", "Mia Test", "Olga Owner"]);
    assert_eq!(offered(&gus, BOARD, "q=exa").await, Vec::<String>::new());
    ben.post(&format!("{BOARD}/participants"), json!({ "user_id": gina.id() })).await.expect(200);
    for scope in ["nearby", "team"] {
        let query = format!("scope={scope}&q=g");
        assert_eq!(offered(&gus, BOARD, &query).await, ["Gina Test"]);
        assert_eq!(offered(&gina, BOARD, &query).await, ["Gus Test"]);
    }
    let page = gus.get(&format!("{BOARD}/mentionable?scope=team")).await.expect(200);
    assert!(!page.to_string().contains("@example.com"), "{page}");

    // Nobody who is expected or has left can be picked (R6).
    let leaver = named(&admin, "Leo", "member").await;
    ben.post(&format!("{BOARD}/participants"), json!({ "user_id": leaver.id() })).await.expect(200);
    assert_eq!(offered(&ben, BOARD, "q=l").await, ["Leo Test"]);
    admin.deactivate(leaver.id()).await.expect(200);
    admin.create("lena", None).await;
    for scope in ["nearby", "team"] {
        for q in ["l", "cora"] {
            assert_eq!(offered(&ben, BOARD, &format!("scope={scope}&q={q}")).await, Vec::<String>::new());
        }
    }
    // Whoever takes no part cannot tell the board from none; nothing else has participants.
    for path in [BOARD, "/v1/resources/board/none"] {
        max.get(&format!("{path}/mentionable")).await.refused(404, "not_found");
    }
    ben.register(ben.id(), "lead", 0..1).await;
    ben.get("/v1/resources/lead/lead-0000/mentionable").await.refused(404, "not_found");
    ben.get(&format!("{BOARD}/mentionable?scope=world")).await.refused(400, "invalid_request");
    let first = ben.get(&format!("{BOARD}/mentionable?limit=1")).await.expect(200);
    let cursor = first["next_cursor"].as_str().expect("more");
    for other in ["/v1/resources/project/1", BOARD] {
        let scope = if other == BOARD { "&scope=team" } else { "" };
        ben.get(&format!("{other}/mentionable?limit=1{scope}&cursor={cursor}")).await.refused(400, "invalid_cursor");
    }
}

#[tokio::test]
async fn b5_a_mentioned_team_member_takes_part_from_then_on() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = named(&admin, "Ben", "member").await;
    let mia = named(&admin, "Mia", "member").await;
    let gus = named(&admin, "Gus", "guest").await;
    let body = json!({ "name": "One", "owner_id": ben.id(), "visibility": "private" });
    for kind in ["board", "project"] {
        ben.put(&format!("/v1/resources/{kind}/1"), body.clone()).await.expect(200);
    }
    mia.get(&format!("{BOARD}/mentionable")).await.refused(404, "not_found");
    mention(&mia, BOARD, ben.id()).await.refused(404, "not_found");

    let dry = ben.post(&format!("{BOARD}/mentions?dry_run=true"), json!({ "user_id": mia.id() })).await.expect(200);
    assert_eq!(dry["dry_run"], true);
    assert_eq!(ben.get(BOARD).await.expect(200)["participant_ids"], json!([]));
    let row = mention(&ben, BOARD, mia.id()).await.expect(200);
    assert_eq!((&row["participant_ids"], &row["version"]), (&json!([mia.id()]), &json!(2)));
    // Whoever is brought in becomes a contact, as by any invitation to a board (B6).
    assert_eq!(contacts(&mia).await, ["Ben Test", "Olga Owner"]);
    assert_eq!(contacts(&ben).await, ["Mia Test", "Olga Owner"]);
    // Again, or whoever takes part anyway, or oneself: nothing changes.
    for there in [&mia, &ben] {
        assert_eq!(mention(&ben, BOARD, there.id()).await.expect(200), row);
    }
    assert_eq!(mention(&mia, BOARD, ben.id()).await.expect(200), row);
    // Mia takes part: she mentions others, in a project too, where an admin mentioned her.
    assert_eq!(mention(&admin, "/v1/resources/project/1", mia.id()).await.expect(200)["version"], 2);
    mention(&mia, "/v1/resources/project/1", gus.id()).await.expect(200);
    let audit = admin.get("/v1/audit?subject=board%231&action=participant.").await.expect(200);
    assert_eq!(audit["items"].as_array().expect("items").len(), 1, "{audit}");

    // Nobody is mentioned who is expected, has left, belongs to another account, or is not there; nor in a lead.
    let pending = admin.create("cora", None).await["id"].as_str().expect("an id").to_owned();
    let stranger = cloud.sign_up("unlimited", 1).await;
    let leaver = named(&admin, "Leo", "member").await;
    mention(&ben, BOARD, leaver.id()).await.expect(200);
    admin.deactivate(leaver.id()).await.expect(200);
    for nobody in [pending.as_str(), leaver.id(), stranger.id(), "usr_00000000000000000000000000"] {
        mention(&ben, BOARD, nobody).await.bad_field("user_id", "invalid_participant");
    }
    ben.register(ben.id(), "lead", 0..1).await;
    mention(&ben, "/v1/resources/lead/lead-0000", mia.id()).await.refused(404, "not_found");
    for bad in [json!({}), json!({ "user_id": "ben" }), json!({ "user_id": mia.id(), "x": 1 })] {
        ben.post(&format!("{BOARD}/mentions"), bad).await.refused(400, "invalid_request");
    }
    let stale = ben.with("if-match", "\"1\"");
    mention(&stale, BOARD, gus.id()).await.refused(412, "version_conflict");
}

#[tokio::test]
async fn b6_a_guests_mention_of_a_participant_adds_the_contact() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = named(&admin, "Ben", "member").await;
    let mia = named(&admin, "Mia", "member").await;
    let (gus, gina) = (named(&admin, "Gus", "guest").await, named(&admin, "Gina", "guest").await);
    let hidden = named(&admin, "Hidden", "guest").await;
    let body = json!({ "name": "One", "owner_id": ben.id(), "visibility": "private" });
    ben.put(BOARD, body).await.expect(200);
    for guest in [&gus, &gina] {
        admin.post(&format!("{BOARD}/participants"), json!({ "user_id": guest.id() })).await.expect(200);
    }
    assert_eq!(contacts(&gus).await, ["Olga Owner"]);
    // On his own side alone, of a member and of a guest; he mentions them as often as he likes.
    let board = admin.get(BOARD).await.expect(200);
    for _ in 0..2 {
        for whom in [&ben, &gina] {
            assert_eq!(mention(&gus, BOARD, whom.id()).await.expect(200), board);
        }
        assert_eq!(contacts(&gus).await, ["Ben Test", "Gina Test", "Olga Owner"]);
    }
    assert_eq!((contacts(&ben).await, contacts(&gina).await), (vec!["Olga Owner".into()], vec!["Olga Owner".into()]));
    // A member's mention of a participant adds none.
    mention(&ben, BOARD, gina.id()).await.expect(200);
    assert_eq!(contacts(&ben).await, ["Olga Owner"]);
    // A guest brings a member in, who is a contact of his then, and he of hers; but nobody whom he does not see.
    mention(&gus, BOARD, mia.id()).await.expect(200);
    assert!(contacts(&gus).await.contains(&"Mia Test".to_owned()) && contacts(&mia).await.contains(&"Gus Test".into()));
    mention(&gus, BOARD, hidden.id()).await.bad_field("user_id", "invalid_participant");

    // Contacts stay when the board is left, and guests who are contacts see each other (B2).
    admin.delete(&format!("{BOARD}/participants/{}", gina.id())).await.expect(200);
    let list = async |who: &Client| -> Vec<Value> {
        let rows = who.rows("/v1/users/assignable?q=test").await;
        rows.iter().map(|row| row["name"].clone()).collect()
    };
    assert_eq!(list(&gus).await, ["Ben Test", "Gina Test", "Mia Test"]);
    assert_eq!(list(&gina).await, ["Ben Test", "Mia Test"]);
    // And he may bring her in again: she is his contact.
    mention(&gus, BOARD, gina.id()).await.expect(200);
    assert_eq!(contacts(&gina).await, ["Olga Owner"]);
}
