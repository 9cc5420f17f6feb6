//! R3, R7: pictures of users, from the form that uploads one to the page that shows it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use local::embedded::{Failure, Fault};
use serde_json::{Value, json};

use crate::support::{Cloud, PASSWORD, colour, photograph, png};

const RED: [u8; 3] = [255, 0, 0];
const BLUE: [u8; 3] = [0, 0, 255];

/// The pictures that are kept, uploads aside.
fn kept(cloud: &Cloud) -> usize {
    cloud.local.s3().paths().iter().filter(|path| path.starts_with("avatars/")).count()
}

#[tokio::test]
async fn r3_a_user_is_made_with_a_picture() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    assert_eq!(admin.get("/v1/me").await.expect(200)["avatar_url"], Value::Null);
    let id = admin.upload(&png(RED)).await;
    let body = json!({ "name": "Cora", "login": "cora", "type": "member", "sign_in": "password", "password": PASSWORD,
        "avatar": id });
    let keyed = admin.with("idempotency-key", "cora");
    let cora = keyed.post("/v1/users", body.clone()).await.expect(201);
    let picture = admin.picture(&cora).await;
    assert_eq!((picture.status, colour(&picture.bytes)), (200, RED));
    for (name, value) in [
        ("content-type", "image/jpeg"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("cache-control", "private, max-age=86400, immutable"),
    ] {
        assert_eq!(picture.header(name), value);
    }
    // The picture is seen wherever the user is, and the upload is no more.
    let listed = admin.get("/v1/users").await.expect(200)["items"].as_array().unwrap().clone();
    assert!(listed.iter().any(|user| user["avatar_url"] == cora["avatar_url"]));
    let report = cloud.worker().await;
    assert_eq!((report["files_removed"].clone(), report["failures"].clone()), (json!(1), json!(0)));
    assert_eq!((cloud.local.s3().paths().len(), kept(&cloud)), (1, 1));
    // The same request has the same answer, although its upload is gone.
    let again = keyed.post("/v1/users", body.clone()).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.expect(201)["avatar_url"], cora["avatar_url"]);
    let mut another = body;
    another["login"] = json!("dora");
    admin.post("/v1/users", another).await.bad_field("avatar", "unknown_upload");
    assert_eq!(admin.picture(&cora).await.status, 200);
}

#[tokio::test]
async fn r7_a_picture_is_changed_and_taken_away() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    let path = format!("/v1/users/{}", ben.id());
    let mine = ben.patch("/v1/me", json!({ "avatar": ben.upload(&photograph(RED)).await })).await.expect(200);
    let first = ben.picture(&mine).await;
    assert_eq!((first.status, colour(&first.bytes)), (200, RED));
    assert!(!first.text.contains("GPS"), "where it was taken is nobody's business");
    // An admin gives him another: the first is gone from everywhere.
    let id = admin.upload(&png(BLUE)).await;
    let theirs = admin.patch(&path, json!({ "avatar": id, "title": "Clerk" })).await.expect(200);
    assert_eq!(
        (theirs["title"].as_str(), theirs["version"].as_u64()),
        (Some("Clerk"), mine["version"].as_u64().map(|it| it + 1))
    );
    assert_eq!(colour(&admin.picture(&theirs).await.bytes), BLUE);
    assert_eq!(cloud.worker().await["files_removed"], 3);
    admin.picture(&mine).await.refused(404, "not_found");
    assert_eq!(ben.get("/v1/me").await.expect(200)["avatar_url"], theirs["avatar_url"]);
    // Asked for once more, when the upload is gone, it is as it was.
    let again = admin.patch(&path, json!({ "avatar": id })).await.expect(200);
    assert_eq!((&again["avatar_url"], &again["version"]), (&theirs["avatar_url"], &theirs["version"]));
    // What happened is told by the upload, never by the name that opens the picture.
    let entries = admin.get(&format!("/v1/audit?subject={}&action=user.updated", ben.id())).await.expect(200);
    assert_eq!(entries["items"][0]["after"], json!({ "avatar": id, "title": "Clerk" }));
    let name = theirs["avatar_url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    assert!(!entries.to_string().contains(&name));

    let none = ben.patch("/v1/me", json!({ "avatar": null })).await.expect(200);
    assert_eq!(none["avatar_url"], Value::Null);
    cloud.worker().await;
    admin.picture(&theirs).await.refused(404, "not_found");
    assert_eq!(cloud.local.s3().paths(), [] as [String; 0]);
    assert_eq!(ben.patch("/v1/me", json!({ "avatar": null })).await.expect(200)["version"], none["version"]);
    // A deactivated user's stays, as what he did does.
    ben.patch("/v1/me", json!({ "avatar": ben.upload(&png(RED)).await })).await.expect(200);
    let gone = admin.deactivate(ben.id()).await.expect(200);
    assert_eq!(admin.picture(&gone).await.status, 200);
}

#[tokio::test]
async fn nobody_uses_anothers_upload() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "admin").await;
    let stranger = cloud.sign_up("unlimited", 1).await;
    let id = ben.upload(&png(RED)).await;
    for other in [&admin, &stranger] {
        other.patch("/v1/me", json!({ "avatar": id })).await.bad_field("avatar", "unknown_upload");
        other.patch("/v1/me?dry_run=true", json!({ "avatar": id })).await.bad_field("avatar", "unknown_upload");
    }
    let path = format!("/v1/users/{}", ben.id());
    admin.patch(&path, json!({ "avatar": id })).await.bad_field("avatar", "unknown_upload");
    let body = json!({ "name": "C", "login": "c", "type": "member", "sign_in": "password", "password": PASSWORD,
        "avatar": id });
    admin.post("/v1/users", body).await.bad_field("avatar", "unknown_upload");
    for nonsense in [json!("x"), json!("../avatars/x"), json!(ben.id()), json!(7), json!("")] {
        admin.patch("/v1/me", json!({ "avatar": nonsense })).await.refused(400, "invalid_request");
    }
    // What was never uploaded is as unknown.
    let form = admin.form().await;
    admin.patch("/v1/me", json!({ "avatar": form["id"] })).await.bad_field("avatar", "unknown_upload");
    assert_eq!(kept(&cloud), 0);
    ben.patch("/v1/me", json!({ "avatar": id })).await.expect(200);
}

#[tokio::test]
async fn an_upload_is_good_for_a_day() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let upload = admin.upload(&png(RED)).await;
    cloud.advance(86_401).await;
    let refused = admin.patch("/v1/me", json!({ "avatar": upload })).await;
    refused.bad_field("avatar", "unknown_upload");
}

#[tokio::test]
async fn an_upload_keeps_to_its_terms() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let form = admin.form().await;
    let most = usize::try_from(form["max_bytes"].as_u64().unwrap()).unwrap();
    assert!(form["content_types"].as_array().unwrap().contains(&json!("image/png")));
    let picture = ("Content-Type", "image/png");
    let other_key = form["upload"]["fields"]["key"].as_str().unwrap().replace("uploads/", "avatars/");
    let (own, stranger) = (png(RED), cloud.sign_up("unlimited", 1).await.form().await);
    let theirs = stranger["upload"]["fields"]["key"].as_str().unwrap();
    let policy = stranger["upload"]["fields"]["policy"].as_str().unwrap();
    for (what, more, file, code) in [
        ("a text", vec![("Content-Type", "text/html")], &own, "AccessDenied"),
        ("no type", vec![], &own, "AccessDenied"),
        ("another path", vec![picture, ("key", &other_key)], &own, "AccessDenied"),
        ("another's path", vec![picture, ("key", theirs)], &own, "AccessDenied"),
        ("another's policy", vec![picture, ("key", theirs), ("policy", policy)], &own, "SignatureDoesNotMatch"),
        ("a field of one's own", vec![picture, ("acl", "public-read")], &own, "AccessDenied"),
        ("another signature", vec![picture, ("x-amz-signature", "00")], &own, "SignatureDoesNotMatch"),
        ("another day", vec![picture, ("x-amz-date", "20200101T000000Z")], &own, "SignatureDoesNotMatch"),
        ("a byte too much", vec![picture], &vec![0; most + 1], "EntityTooLarge"),
        ("nothing", vec![picture], &Vec::new(), "EntityTooSmall"),
    ] {
        let answer = admin.submit(&form, &more, file).await;
        assert!(answer.text.contains(&format!("<Code>{code}</Code>")), "{what}: {} {}", answer.status, answer.text);
    }
    assert_eq!(cloud.local.s3().paths(), [] as [String; 0]);
    // Another host's name is none of ours, and the address does not come from it.
    let asked = admin.with("host", "evil.example").form().await;
    assert!(asked["upload"]["url"].as_str().unwrap().starts_with("http://127.0.0.1:3000/"));
    assert_eq!(admin.submit(&form, &[picture], &vec![0; most]).await.status, 204);
    admin.patch("/v1/me", json!({ "avatar": form["id"] })).await.bad_field("avatar", "invalid_image");
    cloud.advance(15 * 60).await;
    let late = admin.submit(&form, &[picture], &own).await;
    assert!(late.text.contains("Policy expired"), "{}", late.text);
}

#[tokio::test]
async fn what_is_no_picture_changes_nothing() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let mine = admin.patch("/v1/me", json!({ "avatar": admin.upload(&png(RED)).await })).await.expect(200);
    cloud.worker().await;
    let (before, files) = (cloud.dump().await, kept(&cloud));
    let whole = png(BLUE);
    // A head that announces 50,000 by 50,000 pixels.
    let bomb = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\xc3\x50\0\0\xc3\x50\x08\x06\0\0\0\x4b\xaf\x3d\xca\0\0\0\0IDAT\x35\xaf\x06\x1e";
    for (file, code) in [
        (b"This is a text that is called picture.png".as_slice(), "invalid_image"),
        (b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>", "invalid_image"),
        (&whole[..whole.len() / 2], "invalid_image"),
        (bomb, "image_too_large"),
    ] {
        let id = admin.upload(file).await;
        for path in ["/v1/me", "/v1/me?dry_run=true"] {
            admin.patch(path, json!({ "avatar": id, "title": "CEO" })).await.bad_field("avatar", code);
        }
    }
    assert_eq!((cloud.dump().await, kept(&cloud)), (before, files), "nothing was changed");
    assert_eq!(colour(&admin.picture(&mine).await.bytes), RED);
    // Uploads that nobody uses are forgotten after a day.
    cloud.advance(24 * 3_600 + 1).await;
    admin.form().await;
    admin.upload(&whole).await;
    assert_eq!(cloud.local.s3().paths().len(), 2, "the picture, and the newest upload");
}

#[tokio::test]
async fn a_dry_run_looks_at_a_picture_and_keeps_none() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 2).await;
    let id = admin.upload(&png(RED)).await;
    let before = (cloud.dump().await, cloud.local.s3().paths());
    admin.patch("/v1/me?dry_run=true", json!({ "avatar": id })).await.expect(200);
    let body = json!({ "name": "C", "login": "c", "type": "member", "sign_in": "password", "password": PASSWORD,
        "avatar": id });
    let told = admin.post("/v1/users?dry_run=true", body).await.expect(200);
    assert_eq!(told["effects"]["licenses"]["reserved"], 1);
    admin.post("/v1/avatars?dry_run=true", json!({})).await.expect(200);
    assert_eq!((cloud.dump().await, cloud.local.s3().paths()), before);
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_waited_for() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let id = admin.upload(&png(RED)).await;
    let before = cloud.dump().await;
    cloud.local.s3().set_away(true);
    let answer = admin.patch("/v1/me", json!({ "avatar": id })).await;
    assert!(!answer.text.contains("SlowDown"), "{}", answer.text);
    answer.refused(503, "unavailable");
    assert_eq!(cloud.dump().await, before);
    cloud.local.s3().set_away(false);
    let mine = admin.patch("/v1/me", json!({ "avatar": id })).await.expect(200);
    // What could not be removed is removed later.
    cloud.local.s3().set_away(true);
    assert_eq!(cloud.worker().await["failures"], 1);
    admin.picture(&mine).await.refused(503, "unavailable");
    cloud.local.s3().set_away(false);
    assert_eq!(cloud.worker().await["files_removed"], 1);
    assert_eq!(admin.picture(&mine).await.status, 200);
    assert_eq!(cloud.local.s3().paths().len(), 1);
}

#[tokio::test]
async fn a_picture_whose_request_was_cut_off_is_not_left_behind() {
    let cloud = Cloud::start().await;
    let Some(engine) = cloud.local.embedded() else { return };
    let admin = cloud.sign_up("unlimited", 1).await;
    let id = admin.upload(&png(RED)).await;
    // The picture is announced and written; then the user cannot be.
    let calls = AtomicU32::new(0);
    engine.inject(Some(Arc::new(move |operation, _| {
        let second_on = operation == "TransactWriteItems" && calls.fetch_add(1, Ordering::SeqCst) >= 1;
        second_on.then_some(Fault::Before(Failure::ConnectionLost))
    })));
    let body = json!({ "name": "C", "login": "c", "type": "member", "sign_in": "password", "password": PASSWORD,
        "avatar": id });
    let keyed = admin.with("idempotency-key", "cut");
    keyed.post("/v1/users", body.clone()).await.refused(503, "unavailable");
    admin.patch("/v1/me", json!({ "avatar": id })).await.refused(503, "unavailable");
    engine.inject(None);
    assert_eq!(kept(&cloud), 1);
    assert_eq!(cloud.worker().await["files_removed"], 0, "it may still be used");
    cloud.advance(61 * 60).await;
    assert_eq!(cloud.worker().await["files_removed"], 1);
    assert_eq!(kept(&cloud), 0);
    // The same request begins anew, with a picture of another name.
    let made = keyed.post("/v1/users", body).await.expect(201);
    assert_eq!(colour(&admin.picture(&made).await.bytes), RED);
    cloud.advance(61 * 60).await;
    cloud.worker().await;
    assert_eq!((cloud.local.s3().paths().len(), admin.picture(&made).await.status), (1, 200));
}

#[tokio::test]
async fn of_pictures_at_once_one_stays_and_no_file_is_left() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let mut ids = Vec::new();
    for _ in 0..8 {
        ids.push(admin.upload(&png(RED)).await);
    }
    let requests = ids.iter().map(|id| admin.patch("/v1/me", json!({ "avatar": id })));
    for answer in futures::future::join_all(requests).await {
        answer.expect(200);
    }
    cloud.advance(61 * 60).await;
    assert_eq!(cloud.worker().await["failures"], 0);
    assert_eq!(cloud.local.s3().paths().len(), 1);
    let me = admin.get("/v1/me").await.expect(200);
    assert_eq!(admin.picture(&me).await.status, 200);
}

#[tokio::test]
async fn a_picture_is_found_by_its_whole_name_alone() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let mine = admin.patch("/v1/me", json!({ "avatar": admin.upload(&png(RED)).await })).await.expect(200);
    let path = mine["avatar_url"].as_str().unwrap().strip_prefix("http://127.0.0.1:3000").unwrap().to_owned();
    let (folder, name) = path.rsplit_once('/').unwrap();
    let account = folder.rsplit('/').next().unwrap();
    let other = cloud.sign_up("unlimited", 1).await;
    let theirs = other.account["id"].as_str().unwrap();
    for wrong in [
        format!("{folder}/{}", &name[..42]),
        format!("{folder}/{}", "A".repeat(43)),
        format!("/avatars/{theirs}/{name}"),
        format!("/avatars/x/{name}"),
        format!("/avatars/{account}/%2e%2e"),
        format!("/avatars/{account}/..%2f..%2fuploads"),
    ] {
        cloud.public().get(&wrong).await.refused(404, "not_found");
    }
    assert_eq!(cloud.public().get(&path).await.status, 200);
}
