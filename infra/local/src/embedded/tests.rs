use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, Put, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};

use super::*;
use crate::testing::{TABLE, client, embedded, item, make_table, put, s};

fn insert(pk: &str, sk: &str) -> TransactWriteItem {
    let put = Put::builder()
        .table_name(TABLE)
        .set_item(Some(item(pk, sk)))
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()
        .unwrap();
    TransactWriteItem::builder().put(put).build()
}

async fn transact(
    client: &Client,
    actions: Vec<TransactWriteItem>,
) -> Result<(), SdkError<TransactWriteItemsError, aws_sdk_dynamodb::config::http::HttpResponse>> {
    client.transact_write_items().set_transact_items(Some(actions)).send().await.map(drop)
}

fn reasons(
    error: SdkError<TransactWriteItemsError, aws_sdk_dynamodb::config::http::HttpResponse>,
) -> Vec<CancellationReason> {
    match error.into_service_error() {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => {
            cancelled.cancellation_reasons.unwrap_or_default()
        }
        other => panic!("{other:?}"),
    }
}

fn codes(reasons: &[CancellationReason]) -> Vec<&str> {
    reasons.iter().filter_map(CancellationReason::code).collect()
}

/// Fails the first `times` calls of `operation`.
fn fail(db: &EmbeddedDynamo, operation: &'static str, times: usize, fault: Fault) {
    let calls = AtomicUsize::new(0);
    db.inject(Some(Arc::new(move |called, _| {
        (called == operation && calls.fetch_add(1, Ordering::SeqCst) < times).then(|| fault.clone())
    })));
}

#[tokio::test]
async fn what_is_put_is_got_and_queried() {
    let (_db, client) = embedded().await;
    put(&client, "A#1", "U#1").await;
    let got = client
        .get_item()
        .table_name(TABLE)
        .set_key(Some(item("A#1", "U#1")))
        .consistent_read(true)
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await
        .unwrap();
    assert_eq!(got.item, Some(item("A#1", "U#1")));
    assert_eq!(got.consumed_capacity.unwrap().capacity_units, Some(1.0));

    let missing = client.get_item().table_name(TABLE).set_key(Some(item("A#1", "U#2"))).send().await.unwrap();
    assert_eq!(missing.item, None);

    let refused = client
        .put_item()
        .table_name(TABLE)
        .set_item(Some(item("A#1", "U#1")))
        .condition_expression("attribute_not_exists(pk)")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(refused.is_conditional_check_failed_exception());
}

#[tokio::test]
async fn a_query_goes_on_where_the_last_page_ended() {
    let (_db, client) = embedded().await;
    for n in 0..25 {
        put(&client, "A#1", &format!("U#{n:02}")).await;
    }
    let mut seen = Vec::new();
    let mut from = None;
    loop {
        let page = client
            .query()
            .table_name(TABLE)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", s("A#1"))
            .limit(10)
            .set_exclusive_start_key(from)
            .send()
            .await
            .unwrap();
        seen.extend(page.items().iter().filter_map(|item| item["sk"].as_s().ok().cloned()));
        from = page.last_evaluated_key;
        if from.is_none() {
            break;
        }
    }
    let expected: Vec<String> = (0..25).map(|n| format!("U#{n:02}")).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_cancelled_transaction_says_which_action_failed_and_on_what() {
    let (_db, client) = embedded().await;
    put(&client, "A#1", "U#1").await;
    let error = transact(&client, vec![insert("A#1", "U#0"), insert("A#1", "U#1")]).await.unwrap_err();
    let reasons = reasons(error);
    assert_eq!(codes(&reasons), ["None", "ConditionalCheckFailed"]);
    assert_eq!(reasons[1].item.as_ref(), Some(&item("A#1", "U#1")));
    let untouched = client.get_item().table_name(TABLE).set_key(Some(item("A#1", "U#0"))).send().await.unwrap();
    assert_eq!(untouched.item, None);
}

#[tokio::test]
async fn a_transaction_takes_a_hundred_actions_and_no_more() {
    let (_db, client) = embedded().await;
    let actions = |count: usize| (0..count).map(|n| insert("A#1", &format!("U#{n}"))).collect();
    transact(&client, actions(100)).await.unwrap();
    let error = transact(&client, actions(101)).await.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("ValidationException"));
}

#[tokio::test]
async fn a_retry_after_a_lost_answer_takes_effect_once() {
    let (db, client) = embedded().await;
    put(&client, "A#1", "COUNTS").await;
    for failure in [Failure::Timeout, Failure::ConnectionLost, Failure::InternalError] {
        fail(&db, "TransactWriteItems", 1, Fault::AfterCommit(failure));
        let add = Update::builder()
            .table_name(TABLE)
            .set_key(Some(item("A#1", "COUNTS")))
            .update_expression("ADD seats :one")
            .expression_attribute_values(":one", aws_sdk_dynamodb::types::AttributeValue::N("1".to_owned()))
            .build()
            .unwrap();
        transact(&client, vec![TransactWriteItem::builder().update(add).build()]).await.unwrap();
    }
    let counts = client.get_item().table_name(TABLE).set_key(Some(item("A#1", "COUNTS"))).send().await.unwrap();
    assert_eq!(counts.item.unwrap()["seats"].as_n().unwrap(), "3");
}

#[tokio::test]
async fn faults_look_like_the_real_ones() {
    let (db, client) = embedded().await;
    fail(&db, "TransactWriteItems", 1, Fault::Before(Failure::conflict()));
    let error = transact(&client, vec![insert("A#1", "U#1"), insert("A#1", "U#2")]).await.unwrap_err();
    assert_eq!(codes(&reasons(error)), ["TransactionConflict", "None"]);

    fail(&db, "PutItem", 1, Fault::Before(Failure::conflict()));
    let error = client.put_item().table_name(TABLE).set_item(Some(item("A#1", "U#1"))).send().await.unwrap_err();
    assert!(error.into_service_error().is_transaction_conflict_exception());

    fail(&db, "PutItem", 99, Fault::Before(Failure::Throttled));
    let error = client.put_item().table_name(TABLE).set_item(Some(item("A#1", "U#1"))).send().await.unwrap_err();
    assert!(error.into_service_error().is_provisioned_throughput_exceeded_exception());

    fail(&db, "PutItem", 2, Fault::Before(Failure::Throttled));
    put(&client, "A#1", "U#1").await;
    db.inject(None);
    put(&client, "A#1", "U#1").await;
}

#[tokio::test]
async fn unknown_operations_and_unreadable_requests_are_refused() {
    let (_db, client) = embedded().await;
    let backups = client.list_backups().send().await.unwrap_err().into_service_error();
    assert_eq!(backups.code(), Some("UnknownOperationException"));
    let short = client.get_item().table_name("t").set_key(Some(item("A#1", "U#1"))).send().await.unwrap_err();
    assert_eq!(short.into_service_error().code(), Some("ValidationException"));
}

#[tokio::test]
async fn the_stream_stays_short_and_writes_are_counted() {
    let (db, client) = embedded().await;
    let writes = db.writes();
    let batch = |from: usize| (from..from + 100).map(|n| insert("A#1", &format!("U#{n}"))).collect::<Vec<_>>();
    for n in 0..150 {
        transact(&client, batch(n * 100)).await.unwrap();
    }
    assert_eq!(*writes.borrow(), 150);
    assert_eq!(db.0.storage.stream_records(), 15_000);
    for n in 0..1_000 {
        put(&client, "A#2", &format!("U#{n}")).await;
    }
    assert!(db.0.storage.stream_records() <= 10_150);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_race_for_a_key_one_wins() {
    let (_db, client) = embedded().await;
    let racers = (0..50).map(|n| {
        let client = client.clone();
        tokio::spawn(async move {
            transact(&client, vec![insert("CLAIM", "one"), insert("A#1", &format!("U#{n}"))]).await.is_ok()
        })
    });
    let wins = futures::future::join_all(racers).await.into_iter().filter(|won| *won.as_ref().unwrap()).count();
    assert_eq!(wins, 1);
}

#[tokio::test]
async fn a_database_on_disk_is_there_again() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("table.sqlite");
    {
        let db = EmbeddedDynamo::open(Some(&file)).unwrap();
        make_table(&client(&db)).await;
        put(&client(&db), "A#1", "U#1").await;
    }
    let db = EmbeddedDynamo::open(Some(&file)).unwrap();
    let got = client(&db).get_item().table_name(TABLE).set_key(Some(item("A#1", "U#1"))).send().await.unwrap();
    assert!(got.item.is_some());

    let other = EmbeddedDynamo::open(None).unwrap();
    assert_eq!(client(&other).list_tables().send().await.unwrap().table_names(), [""; 0]);
}
