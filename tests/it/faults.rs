//! Faults: throttling, conflicts, answers lost after the commit, a mail service that fails. Nothing acknowledged is lost,
//! nothing is done twice. These run on the embedded engine only: elsewhere nobody can ask for a fault.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use local::embedded::{EmbeddedDynamo, Failure, Fault};
use local::ses::SesFault;
use serde_json::{Value, json};

use crate::support::Cloud;

fn engine(cloud: &Cloud) -> Option<&EmbeddedDynamo> {
    cloud.local.embedded()
}

/// The next `count` calls of an operation fail so; the answer counts how many did.
fn fail(engine: &EmbeddedDynamo, operation: &'static str, count: u32, fault: Fault) -> Arc<AtomicU32> {
    let failed = Arc::new(AtomicU32::new(0));
    let counted = failed.clone();
    engine.inject(Some(Arc::new(move |called, body| {
        // The worker's own calls are about mails alone.
        let about_mail = called != "TransactWriteItems" && String::from_utf8_lossy(body).contains("MAIL#");
        if called != operation || about_mail || counted.load(Ordering::SeqCst) >= count {
            return None;
        }
        counted.fetch_add(1, Ordering::SeqCst);
        Some(fault.clone())
    })));
    failed
}

#[tokio::test]
async fn a_conflict_is_tried_again() {
    let cloud = Cloud::start().await;
    let Some(engine) = engine(&cloud) else { return };
    let admin = cloud.sign_up("licensed-monthly", 1).await;
    let failed = fail(engine, "TransactWriteItems", 4, Fault::Before(Failure::conflict()));
    admin.post("/v1/licenses", json!({ "quantity": 1 })).await.expect(201);
    assert_eq!(failed.load(Ordering::SeqCst), 4);
    assert_eq!(admin.licenses().await, (2, 1, 0, 1));
}

#[tokio::test]
async fn a_conflict_that_never_ends_is_an_honest_no() {
    let cloud = Cloud::start().await;
    let Some(engine) = engine(&cloud) else { return };
    let admin = cloud.sign_up("licensed-monthly", 1).await;
    fail(engine, "TransactWriteItems", u32::MAX, Fault::Before(Failure::conflict()));
    let answer = admin.post("/v1/licenses", json!({ "quantity": 1 })).await;
    assert_eq!(answer.header("retry-after"), "1");
    answer.refused(503, "unavailable");
    engine.inject(None);
    assert_eq!(admin.licenses().await, (1, 1, 0, 0));
}

#[tokio::test]
async fn throttling_is_waited_out() {
    let cloud = Cloud::start().await;
    let Some(engine) = engine(&cloud) else { return };
    let admin = cloud.sign_up("licensed-monthly", 1).await;
    for operation in ["GetItem", "TransactWriteItems"] {
        let failed = fail(engine, operation, 2, Fault::Before(Failure::Throttled));
        admin.post("/v1/licenses", json!({ "quantity": 1 })).await.expect(201);
        assert_eq!(failed.load(Ordering::SeqCst), 2, "{operation}");
    }
}

#[tokio::test]
async fn a_table_that_does_not_answer_gives_503_and_tells_nothing() {
    let cloud = Cloud::start().await;
    let Some(engine) = engine(&cloud) else { return };
    let admin = cloud.sign_up("licensed-monthly", 1).await;
    fail(engine, "GetItem", u32::MAX, Fault::Before(Failure::InternalError));
    let answer = admin.get("/v1/me").await;
    assert!(!answer.text.contains("DynamoDB") && !answer.text.contains("roster"), "{}", answer.text);
    answer.refused(503, "unavailable");
}

#[tokio::test]
async fn an_answer_lost_after_the_commit_does_nothing_twice() {
    let cloud = Cloud::start().await;
    let Some(engine) = engine(&cloud) else { return };
    let admin = cloud.sign_up("licensed-monthly", 1).await;
    for fault in [Failure::Timeout, Failure::ConnectionLost, Failure::InternalError] {
        let (before, ..) = admin.licenses().await;
        fail(engine, "TransactWriteItems", 1, Fault::AfterCommit(fault));
        admin.post("/v1/licenses", json!({ "quantity": 1 })).await.expect(201);
        assert_eq!(admin.licenses().await.0, before + 1);
    }
}

#[tokio::test]
async fn an_unknown_outcome_is_found_out_with_the_same_key() {
    let cloud = Cloud::start().await;
    let Some(engine) = engine(&cloud) else { return };
    let admin = cloud.sign_up("licensed-monthly", 1).await;
    let keyed = admin.with("idempotency-key", "lost");
    fail(engine, "TransactWriteItems", u32::MAX, Fault::AfterCommit(Failure::ConnectionLost));
    keyed.post("/v1/licenses", json!({ "quantity": 5 })).await.refused(503, "unavailable");
    engine.inject(None);
    let again = keyed.post("/v1/licenses", json!({ "quantity": 5 })).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.expect(201)["invoice"]["number"], 2);
    assert_eq!(admin.licenses().await.0, 6);
}

#[tokio::test]
async fn a_request_of_many_steps_goes_on_where_it_was_cut() {
    let cloud = Cloud::start().await;
    let Some(engine) = engine(&cloud) else { return };
    let admin = cloud.sign_up("unlimited", 1).await;
    let keyed = admin.with("idempotency-key", "fifty");
    let emails: Vec<String> = (0..50).map(|number| format!("p{number}@example.com")).collect();
    let body = json!({ "emails": emails, "type": "member" });
    // The second transaction and all after it fail: the first addresses are invited, the request is not done.
    let calls = AtomicU32::new(0);
    engine.inject(Some(Arc::new(move |operation, _| {
        let third_on = operation == "TransactWriteItems" && calls.fetch_add(1, Ordering::SeqCst) >= 1;
        third_on.then_some(Fault::Before(Failure::ConnectionLost))
    })));
    keyed.post("/v1/invitations", body.clone()).await.refused(503, "unavailable");
    engine.inject(None);
    let some = admin.get("/v1/account").await.expect(200)["counts"]["pending"].as_i64().unwrap();
    assert!(some > 0 && some < 50, "{some}");
    let results = keyed.post("/v1/invitations", body).await.expect(201)["results"].clone();
    assert!(results.as_array().unwrap().iter().all(|row| row["outcome"] == "invited"), "{results}");
    assert_eq!(admin.get("/v1/account").await.expect(200)["counts"]["pending"], 50);
    for email in &emails {
        assert_eq!(cloud.mails(email).await.len(), 1, "{email}");
    }
}

#[tokio::test]
async fn a_transfer_of_many_named_resources_goes_on_where_it_was_cut() {
    let cloud = Cloud::start().await;
    let Some(engine) = engine(&cloud) else { return };
    let admin = cloud.sign_up("unlimited", 1).await;
    admin.register(admin.id(), "lead", 0..100).await;
    let keyed = admin.with("idempotency-key", "hundred");
    let names: Vec<_> = (0..100).map(|number| json!({ "kind": "lead", "id": format!("lead-{number:04}") })).collect();
    let body = json!({ "resources": names, "to": null });
    let calls = AtomicU32::new(0);
    engine.inject(Some(Arc::new(move |operation, _| {
        let second_on = operation == "TransactWriteItems" && calls.fetch_add(1, Ordering::SeqCst) >= 1;
        second_on.then_some(Fault::Before(Failure::ConnectionLost))
    })));
    keyed.post("/v1/resources/transfer", body.clone()).await.refused(503, "unavailable");
    engine.inject(None);
    let some = admin.resources("state=unassigned").await.len();
    assert!(some > 0 && some < 100, "{some}");
    assert_eq!(keyed.post("/v1/resources/transfer", body.clone()).await.expect(200)["transferred"], 100);
    assert_eq!(admin.resources("state=unassigned").await.len(), 100);
    let again = keyed.post("/v1/resources/transfer", body).await;
    assert_eq!((again.header("idempotency-replayed"), again.body["transferred"].clone()), ("true", json!(100)));
}

#[tokio::test]
async fn a_mail_waits_until_the_mail_service_is_back() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    cloud.local.settle().await;
    cloud.local.ses().fail_next(1_000, SesFault::InternalError);
    admin.invite("ben@example.com", "member").await;
    assert_eq!(cloud.mails("ben@example.com").await.len(), 0);
    cloud.advance(120).await;
    assert_eq!(cloud.worker().await["mails_sent"], 0);
    cloud.local.ses().recover();
    assert_eq!(cloud.worker().await["mails_sent"], 0, "it is not due yet");
    cloud.advance(300).await;
    assert_eq!(cloud.worker().await["mails_sent"], 1);
    assert_eq!(cloud.worker().await["mails_sent"], 0);
    assert_eq!(cloud.mails("ben@example.com").await.len(), 1);
    cloud.accept("ben@example.com", "Ben").await;
}

#[tokio::test]
async fn a_mail_that_is_refused_for_ever_is_parked_without_its_secret() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    cloud.local.settle().await;
    cloud.local.ses().fail_next(1, SesFault::Rejected);
    admin.invite("ben@example.com", "member").await;
    let parked = cloud.dump().await;
    let mail = parked.lines().find(|line| line.contains("\"pk\":\"MAIL#")).expect("it is kept");
    assert!(!mail.contains("sealed") && !mail.contains("\"dpk\""), "{mail}");
    cloud.advance(3 * 86_400).await;
    assert_eq!(cloud.worker().await["mails_sent"], 0);
    // The invitation stands; sent again, it arrives.
    let open = admin.get("/v1/invitations").await.expect(200);
    let path = format!("/v1/invitations/{}/resend", open["items"][0]["id"].as_str().unwrap());
    admin.post(&path, json!({})).await.expect(200);
    cloud.accept("ben@example.com", "Ben").await;
}

#[tokio::test]
async fn two_workers_send_a_mail_once() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    cloud.local.settle().await;
    // Many, so that the workers meet at some of them at every moment of a delivery.
    let emails: Vec<String> = (0..40).map(|number| format!("u{number}@example.com")).collect();
    cloud.local.ses().fail_next(4 * emails.len(), SesFault::InternalError);
    admin.post("/v1/invitations", json!({ "emails": emails, "type": "viewer" })).await.expect(201);
    cloud.local.settle().await;
    cloud.local.ses().recover();
    cloud.advance(600).await;
    let (one, two, three) = tokio::join!(cloud.worker(), cloud.worker(), cloud.worker());
    let sent: i64 = [one, two, three].iter().map(|report| report["mails_sent"].as_i64().unwrap()).sum();
    assert_eq!(sent, 40);
    for email in emails {
        assert_eq!(cloud.mails(&email).await.len(), 1, "{email}");
    }
}

#[tokio::test]
async fn a_failure_that_meets_a_transaction_is_counted_all_the_same() {
    let cloud = Cloud::start().await;
    let Some(engine) = engine(&cloud) else { return };
    let admin = cloud.sign_up("unlimited", 1).await;
    for _ in 0..10 {
        let failed = fail(engine, "UpdateItem", 1, Fault::Before(Failure::conflict()));
        cloud.try_sign_in(admin.email(), "wrong wrong wrong").await.refused(401, "invalid_credentials");
        assert_eq!(failed.load(Ordering::SeqCst), 1);
    }
    engine.inject(None);
    cloud.try_sign_in(admin.email(), "wrong wrong wrong").await.refused(429, "too_many_attempts");
}

#[tokio::test]
async fn a_page_that_is_read_in_parts_is_whole() {
    let cloud = Cloud::start().await;
    let Some(engine) = engine(&cloud) else { return };
    let admin = cloud.sign_up("unlimited", 1).await;
    for number in 0..5 {
        admin.invite(&format!("u{number}@example.com"), "member").await;
    }
    let whole = admin.get("/v1/users?sort=created").await.expect(200);
    let unread = |times: u32| {
        let left = AtomicU32::new(times);
        engine.inject(Some(Arc::new(move |operation, body| {
            let again = operation == "BatchGetItem"
                && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
            let asked: Value = serde_json::from_slice(body).unwrap_or_default();
            let body = json!({ "Responses": {}, "UnprocessedKeys": asked["RequestItems"] });
            again.then_some(Fault::Before(Failure::Answer { status: 200, body }))
        })));
    };
    unread(2);
    assert_eq!(admin.get("/v1/users?sort=created").await.expect(200), whole);
    unread(u32::MAX);
    admin.get("/v1/users?sort=created").await.refused(503, "unavailable");
}
