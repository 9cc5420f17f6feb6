//! The audit: who did what to whom, found by any of it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Client, Cloud, PASSWORD};

/// Every entry that fits, page by page.
async fn all(client: &Client, filter: &str, limit: usize) -> Vec<Value> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client.get(&format!("/v1/audit?limit={limit}&{filter}{cursor}")).await.expect(200);
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= limit);
        found.extend(items.iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

async fn actions(client: &Client, filter: &str) -> Vec<String> {
    let found = all(client, filter, 200).await;
    found.iter().map(|entry| entry["action"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_audit_says_who_did_what_to_whom_newest_first() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    admin.from("203.0.113.7").deactivate(ben.id()).await.expect(200);
    let page = admin.get("/v1/audit").await;
    assert_eq!(page.header("cache-control"), "no-store");
    let page = page.expect(200);
    assert_eq!(page["next_cursor"], Value::Null);
    let items = page["items"].as_array().unwrap();
    let entry = &items[0];
    assert_eq!(
        (&entry["action"], &entry["actor"], &entry["subject"], &entry["ip"]),
        (&json!("user.deactivated"), &json!(admin.id()), &json!(ben.id()), &json!("203.0.113.7"))
    );
    assert_eq!((&entry["before"]["status"], &entry["after"]["status"]), (&json!("active"), &json!("deactivated")));
    assert!(entry["id"].as_str().unwrap().starts_with("evt_"), "{entry}");
    assert_eq!(entry["at"], admin.get(&format!("/v1/users/{}", ben.id())).await.expect(200)["deactivated_at"]);
    let first = items.last().unwrap();
    assert_eq!((&first["action"], &first["actor"]), (&json!("account.created"), &Value::Null), "nobody was signed in");
    assert!(items.is_sorted_by(|newer, older| newer["at"].as_str() >= older["at"].as_str()), "{items:?}");
    let names = ["id", "at", "actor", "action", "subject", "before", "after", "ip"];
    for entry in items {
        let shown: BTreeSet<&str> = entry.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(shown, BTreeSet::from(names), "{entry}");
    }
}

#[tokio::test]
async fn what_is_asked_of_the_audit_combines() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let second = admin.welcome("second@example.com", "admin").await;
    let ben = admin.welcome("ben@example.com", "member").await;
    cloud.advance(60).await;
    admin.deactivate(ben.id()).await.expect(200);
    cloud.advance(60).await;
    second.reactivate(ben.id()).await.expect(200);
    cloud.advance(60).await;
    second.put(&format!("/v1/users/{}/password", ben.id()), json!({ "password": PASSWORD })).await.expect(204);
    cloud.advance(60).await;
    second.invite("cora@example.com", "guest").await;

    let of_ben = format!("subject={}", ben.id());
    let (by_admin, by_second) = (format!("actor={}", admin.id()), format!("actor={}", second.id()));
    let history = all(&admin, &of_ben, 200).await;
    let moments: Vec<&str> = history.iter().map(|entry| entry["at"].as_str().unwrap()).collect();
    // The same moment, as elsewhere on earth one would write it.
    let zoned = moments[1].replace('Z', "%2B00:00");
    let all_of_ben = ["user.password_set", "user.reactivated", "user.deactivated"];
    for (filter, expected) in [
        (of_ben.clone(), &all_of_ben[..]),
        (format!("{of_ben}&{by_second}"), &all_of_ben[..2]),
        (format!("{of_ben}&{by_admin}"), &all_of_ben[2..]),
        (format!("{of_ben}&{by_second}&action=user.reactivated"), &all_of_ben[1..2]),
        (format!("{of_ben}&{by_admin}&action=user.reactivated"), &[]),
        (format!("{of_ben}&action=user."), &all_of_ben[..]),
        (format!("{of_ben}&action=user"), &[]),
        (format!("{of_ben}&action=invitation."), &[]),
        (format!("{of_ben}&from={}", moments[1]), &all_of_ben[..2]),
        (format!("{of_ben}&from={zoned}"), &all_of_ben[..2]),
        (format!("{of_ben}&to={}", moments[1]), &all_of_ben[2..]),
        (format!("{of_ben}&from={}&to={}", moments[1], moments[0]), &all_of_ben[1..2]),
        (format!("{of_ben}&from={0}&to={0}", moments[1]), &[]),
        (format!("{of_ben}&{by_second}&action=user.&from={}", moments[0]), &all_of_ben[..1]),
        (by_second.clone(), &["invitation.created", "user.password_set", "user.reactivated", "invitation.accepted"]),
        (format!("{by_second}&action=invitation."), &["invitation.created", "invitation.accepted"]),
        (format!("{by_second}&to={}", moments[0]), &["user.reactivated", "invitation.accepted"]),
        (format!("action=user.reactivated&from={}", moments[2]), &["user.reactivated"]),
        ("action=account.created".to_owned(), &["account.created"]),
        ("action=user.vanished".to_owned(), &[]),
        ("subject=lead-17".to_owned(), &[]),
        ("from=2100-01-01T00:00:00Z".to_owned(), &[]),
        ("to=1900-01-01T00:00:00Z".to_owned(), &[]),
    ] {
        assert_eq!(actions(&admin, &filter).await, expected, "{filter}");
    }
    let whole = all(&admin, "", 200).await;
    for filter in ["", &by_admin, &by_second, &of_ben, "action=user.", &format!("from={}", moments[2])] {
        for limit in [1, 2, 3] {
            let fits: Vec<&Value> = whole
                .iter()
                .filter(|entry| match filter.split_once('=').unwrap_or_default() {
                    ("actor" | "subject", id) => entry[&filter[..filter.find('=').unwrap()]] == id,
                    ("action", action) => entry["action"].as_str().unwrap().starts_with(action),
                    ("from", from) => entry["at"].as_str().unwrap() >= from,
                    _ => true,
                })
                .collect();
            let paged = all(&admin, filter, limit).await;
            assert_eq!(paged.iter().collect::<Vec<_>>(), fits, "{filter}, {limit} a page");
        }
    }
}

#[tokio::test]
async fn a_rare_action_is_found_however_far_back() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    for batch in 0..21 {
        let emails: Vec<String> = (0..50).map(|number| format!("u{}@example.com", batch * 50 + number)).collect();
        admin.post("/v1/invitations", json!({ "emails": emails, "type": "guest" })).await.expect(201);
    }
    let first = admin.get("/v1/audit?action=account.created").await;
    assert!(first.units.read < 100.0, "{:?}", first.units);
    let first = first.expect(200);
    assert_eq!(first["items"], json!([]), "a page may be short");
    assert!(first["next_cursor"].is_string(), "but it says that there is more");
    assert_eq!(actions(&admin, "action=account.created").await, ["account.created"]);
    let invited = all(&admin, "action=invitation.", 200).await;
    assert_eq!(invited.len(), 1_050);
    assert_eq!(invited.iter().map(|entry| entry["id"].as_str()).collect::<BTreeSet<_>>().len(), 1_050);
}

#[tokio::test]
async fn the_audit_is_for_those_who_may_and_of_their_account_alone() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let stranger = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    admin.deactivate(ben.id()).await.expect(200);
    let theirs = all(&stranger, "", 200).await;
    assert_eq!(theirs.len(), 1, "{theirs:?}");
    for filter in [format!("actor={}", admin.id()), format!("subject={}", ben.id())] {
        assert!(!actions(&admin, &filter).await.is_empty(), "{filter}");
        assert_eq!(actions(&stranger, &filter).await, Vec::<String>::new(), "{filter}");
    }
    let page = admin.get("/v1/audit?limit=1").await.expect(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    admin.get(&format!("/v1/audit?limit=2&cursor={cursor}")).await.expect(200);
    stranger.get(&format!("/v1/audit?limit=1&cursor={cursor}")).await.refused(400, "invalid_cursor");
    for other in ["action=user.", "from=2020-01-01T00:00:00Z", &format!("actor={}", admin.id())] {
        admin.get(&format!("/v1/audit?{other}&cursor={cursor}")).await.refused(400, "invalid_cursor");
    }
    for user_type in ["member", "viewer", "guest"] {
        let user = admin.welcome(&format!("{user_type}2@example.com"), user_type).await;
        let said = user.get("/v1/audit").await.refused(403, "forbidden");
        assert!(said["detail"].as_str().unwrap().contains("audit.read"), "{said}");
    }
}

#[tokio::test]
async fn what_no_audit_can_answer_is_bad_input() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    for (query, field, code) in [
        ("actor=nobody", "actor", "invalid_value"),
        ("actor=acc_00000000000000000000000001", "actor", "invalid_value"),
        ("subject=", "subject", "empty"),
        (&format!("subject={}", "x".repeat(201)), "subject", "too_long"),
        (&format!("action={}", "x".repeat(201)), "action", "too_long"),
        ("from=yesterday", "from", "invalid_value"),
        ("from=2026-02-01", "from", "invalid_value"),
        ("to=2026-02-01T10:00:00", "to", "invalid_value"),
        ("from=2026-02-01T10:00:01Z&to=2026-02-01T10:00:00Z", "from", "out_of_range"),
        ("from=2026-02-01T10:00:00Z&from=2026-02-01T10:00:00Z", "from", "invalid_value"),
        ("limit=0", "limit", "out_of_range"),
        ("limit=201", "limit", "out_of_range"),
        ("who=me", "who", "unknown_field"),
    ] {
        admin.get(&format!("/v1/audit?{query}")).await.bad_field(field, code);
    }
    admin.get("/v1/audit?cursor=damaged").await.refused(400, "invalid_cursor");
}
