//! `Idempotency-Key`.

use serde_json::json;

use crate::support::{Cloud, PASSWORD};

#[tokio::test]
async fn the_same_request_is_answered_again_and_done_once() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 1).await;
    let keyed = admin.with("idempotency-key", "k-1");
    let first = keyed.post("/v1/licenses", json!({ "quantity": 2 })).await;
    assert_eq!(first.header("idempotency-replayed"), "");
    let again = keyed.post("/v1/licenses", json!({ "quantity": 2 })).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(first.expect(201), again.expect(201));
    assert_eq!(admin.licenses().await.0, 3);
    keyed.post("/v1/licenses", json!({ "quantity": 5 })).await.refused(422, "idempotency_key_reused");
    admin.with("idempotency-key", "k-2").post("/v1/licenses", json!({ "quantity": 2 })).await.expect(201);
    assert_eq!(admin.licenses().await.0, 5);
    // Another account's key is another key; so is the same key of another action.
    let other = cloud.sign_up("licensed-monthly", 1).await.with("idempotency-key", "k-1");
    other.post("/v1/licenses", json!({ "quantity": 9 })).await.expect(201);
    keyed.post("/v1/invitations", json!({ "emails": ["a@example.com"], "type": "member" })).await.expect(201);
    // After a day the key is free.
    cloud.advance(24 * 3_600).await;
    keyed.post("/v1/licenses", json!({ "quantity": 1 })).await.expect(201);
    assert_eq!(admin.licenses().await.0, 6);
}

#[tokio::test]
async fn public_requests_too_with_the_very_token() {
    let cloud = Cloud::start().await;
    let body = json!({ "name": "A", "plan_id": "basic",
        "owner": { "name": "O", "email": "o@example.com", "password": PASSWORD } });
    let keyed = cloud.public().with("idempotency-key", "6c1f0c52-7f5e-4a52-9a5b-0f6f3f0f7a11");
    let first = keyed.post("/v1/accounts", body.clone()).await.expect(201);
    let again = keyed.post("/v1/accounts", body).await.expect(201);
    assert_eq!(first, again);
    assert_eq!(cloud.mails("o@example.com").await.len(), 1);
    cloud.signed_in(&again["session"]).get("/v1/me").await.expect(200);
}

#[tokio::test]
async fn what_was_refused_may_be_tried_again() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 2).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    admin.deactivate(ben.id()).await.expect(200);
    let carla = admin.invite("carla@example.com", "member").await;
    let keyed = admin.with("idempotency-key", "back");
    keyed.reactivate(ben.id()).await.refused(409, "no_license_available");
    admin.delete(&format!("/v1/invitations/{}", carla["id"].as_str().unwrap())).await.expect(204);
    keyed.reactivate(ben.id()).await.expect(200);
    assert_eq!(keyed.reactivate(ben.id()).await.header("idempotency-replayed"), "true");
}

#[tokio::test]
async fn a_request_of_many_steps_is_one_request() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let emails: Vec<String> = (0..50).map(|number| format!("p{number}@example.com")).collect();
    let keyed = admin.with("idempotency-key", "fifty");
    let first = keyed.post("/v1/invitations", json!({ "emails": emails, "type": "member" })).await.expect(201);
    let again = keyed.post("/v1/invitations", json!({ "emails": emails, "type": "member" })).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(first, again.expect(201));
    assert!(first["results"].as_array().unwrap().iter().all(|row| row["outcome"] == "invited"));
}

#[tokio::test]
async fn keys_have_a_form() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 1).await;
    for key in ["", "ä", &"x".repeat(256)] {
        let answer = admin.with("idempotency-key", key).post("/v1/licenses", json!({ "quantity": 1 })).await;
        answer.bad_field("Idempotency-Key", "invalid_value");
    }
}
