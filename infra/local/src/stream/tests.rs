use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_lambda_events::dynamodb::Event;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;

use super::*;
use crate::embedded::{EmbeddedDynamo, Failure, Fault};
use crate::testing::{TABLE, client, embedded, item, make_table, put, streams_client};

#[derive(Clone, Default)]
struct Received(Arc<Mutex<Vec<Event>>>);

impl Received {
    fn deliver(&self) -> Deliver {
        let received = self.clone();
        Arc::new(move |event| {
            let received = received.clone();
            Box::pin(async move {
                received.0.lock().unwrap().push(serde_json::from_value(event).map_err(|error| error.to_string())?);
                Ok(())
            })
        })
    }

    fn mails(&self) -> Vec<String> {
        let events = self.0.lock().unwrap();
        let records = events.iter().flat_map(|event| &event.records);
        records.map(|record| format!("{:?}", record.change.keys.inner()["sk"])).collect()
    }
}

async fn pump(db: &EmbeddedDynamo, start: Start, deliver: Deliver) -> StreamPump {
    StreamPump::start(streams_client(db), TABLE, start, Some(db.writes()), deliver).await.unwrap()
}

fn named(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("S({name:?})")).collect()
}

#[tokio::test]
async fn new_mails_and_nothing_else_are_handed_over() {
    let (db, client) = embedded().await;
    put(&client, "MAIL#0", "before").await;
    let received = Received::default();
    let pump = pump(&db, Start::Latest, received.deliver()).await;
    put(&client, "A#1", "U#1").await;
    let mut mail = item("MAIL#1", "one");
    mail.insert("params".to_owned(), AttributeValue::M([("n".to_owned(), AttributeValue::N("1".to_owned()))].into()));
    client.put_item().table_name(TABLE).set_item(Some(mail.clone())).send().await.unwrap();
    mail.insert("sent".to_owned(), AttributeValue::Bool(true));
    client.put_item().table_name(TABLE).set_item(Some(mail)).send().await.unwrap();
    client.delete_item().table_name(TABLE).set_key(Some(item("MAIL#1", "one"))).send().await.unwrap();
    pump.drain().await;

    assert_eq!(received.mails(), named(&["one"]));
    let record = received.0.lock().unwrap()[0].records[0].clone();
    assert_eq!(record.event_name, "INSERT");
    assert_eq!(format!("{:?}", record.change.new_image.inner()["params"]), r#"M({"n": N("1")})"#);
    assert!(record.event_source_arn.as_ref().unwrap().contains(TABLE));
    pump.stop().await;
}

#[tokio::test]
async fn a_drain_waits_for_all_that_was_written_before() {
    let (db, client) = embedded().await;
    let delivered = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&delivered);
    let slow: Deliver = Arc::new(move |event| {
        let counted = Arc::clone(&counted);
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            counted.fetch_add(event["Records"].as_array().unwrap().len(), Ordering::SeqCst);
            Ok(())
        })
    });
    let pump = pump(&db, Start::Oldest, slow).await;
    for round in 1..=5 {
        for n in 0..60 {
            put(&client, &format!("MAIL#{round}"), &n.to_string()).await;
        }
        pump.drain().await;
        assert_eq!(delivered.load(Ordering::SeqCst), round * 60);
    }
}

#[tokio::test]
async fn a_pump_goes_on_where_the_last_one_ended() {
    let dir = tempfile::tempdir().unwrap();
    let (table, checkpoint) = (dir.path().join("table.sqlite"), dir.path().join("stream.json"));
    let received = Received::default();
    for (run, name) in ["one", "two", "three"].into_iter().enumerate() {
        let db = EmbeddedDynamo::open(Some(&table)).unwrap();
        let client = client(&db);
        if run == 0 {
            make_table(&client).await;
        }
        // Written before the pump starts, as by a process killed before it handed the mail over.
        put(&client, "MAIL#1", name).await;
        let pump = pump(&db, Start::Checkpoint(checkpoint.clone()), received.deliver()).await;
        pump.stop().await;
    }
    assert_eq!(received.mails(), named(&["one", "two", "three"]));
}

#[tokio::test]
async fn what_fails_is_tried_again_and_given_up_at_last() {
    let (db, client) = embedded().await;
    let attempts = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&attempts);
    let received = Received::default();
    let delivers = received.deliver();
    let flaky: Deliver = Arc::new(move |event| match counted.fetch_add(1, Ordering::SeqCst) {
        0 => Box::pin(async { Err("no".to_owned()) }),
        1 => Box::pin(async { panic!("the function panics") }),
        2 => delivers(event),
        _ => Box::pin(async { Err("never".to_owned()) }),
    });
    let pump = pump(&db, Start::Oldest, flaky).await;
    put(&client, "MAIL#1", "one").await;
    pump.drain().await;
    assert_eq!(received.mails(), named(&["one"]));
    put(&client, "MAIL#1", "two").await;
    pump.drain().await;
    assert_eq!(attempts.load(Ordering::SeqCst), 6);
}

#[tokio::test]
async fn a_stream_that_cannot_be_read_is_read_later() {
    let (db, client) = embedded().await;
    let received = Received::default();
    let pump = pump(&db, Start::Oldest, received.deliver()).await;
    let left = AtomicUsize::new(4);
    db.inject(Some(Arc::new(move |operation, _| {
        let fails = operation == "GetRecords"
            && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        fails.then_some(Fault::Before(Failure::InternalError))
    })));
    put(&client, "MAIL#1", "one").await;
    pump.drain().await;
    assert_eq!(received.mails(), named(&["one"]));
}

#[tokio::test]
async fn a_shard_that_closes_goes_on_in_another() {
    let (db, client) = embedded().await;
    let received = Received::default();
    let pump = pump(&db, Start::Oldest, received.deliver()).await;
    put(&client, "MAIL#1", "one").await;
    pump.drain().await;

    // As another DynamoDB closes a shard: its last page has no iterator, and the stream lists one more.
    let streams = streams_client(&db);
    let stream_arn = streams.list_streams().send().await.unwrap().streams()[0].stream_arn().unwrap().to_owned();
    let shard = format!("shardId-00000001-{TABLE}");
    let latest = streams.get_shard_iterator().stream_arn(&stream_arn).shard_id(&shard);
    let latest = latest.shard_iterator_type(ShardIteratorType::Latest).send().await.unwrap().shard_iterator.unwrap();
    let reads = AtomicUsize::new(0);
    db.inject(Some(Arc::new(move |operation, body| {
        let body = match operation {
            "GetRecords" if reads.fetch_add(1, Ordering::SeqCst) == 0 => json!({ "Records": [] }),
            "DescribeStream" => {
                let shards = [shard.as_str(), "shardId-00000002"].map(|id| json!({ "ShardId": id }));
                json!({ "StreamDescription": { "StreamArn": stream_arn, "Shards": shards } })
            }
            "GetShardIterator" => {
                let asked: Value = serde_json::from_slice(body).unwrap();
                assert_eq!(asked["ShardId"], "shardId-00000002");
                assert_eq!(asked["ShardIteratorType"], "TRIM_HORIZON");
                json!({ "ShardIterator": latest })
            }
            _ => return None,
        };
        Some(Fault::Before(Failure::Answer { status: 200, body }))
    })));
    for name in ["two", "three"] {
        put(&client, "MAIL#1", name).await;
        pump.drain().await;
    }
    assert_eq!(received.mails(), named(&["one", "two", "three"]));
}

#[tokio::test]
async fn an_iterator_that_expired_is_fetched_again() {
    let (db, client) = embedded().await;
    let received = Received::default();
    let pump = pump(&db, Start::Oldest, received.deliver()).await;
    put(&client, "MAIL#1", "one").await;
    pump.drain().await;
    let reads = AtomicUsize::new(0);
    db.inject(Some(Arc::new(move |operation, _| {
        let expired = operation == "GetRecords" && reads.fetch_add(1, Ordering::SeqCst) == 0;
        let kind = "com.amazonaws.dynamodb.v20120810#ExpiredIteratorException";
        expired.then(|| Fault::Before(Failure::Answer { status: 400, body: json!({ "__type": kind, "message": "" }) }))
    })));
    put(&client, "MAIL#1", "two").await;
    pump.drain().await;
    assert_eq!(received.mails(), named(&["one", "two"]));
}

#[tokio::test]
async fn a_shard_goes_on_at_its_oldest_record_when_what_comes_next_is_trimmed() {
    let (db, client) = embedded().await;
    let received = Received::default();
    let pump = pump(&db, Start::Oldest, received.deliver()).await;
    let (reads, kinds) = (AtomicUsize::new(0), Arc::new(Mutex::new(Vec::new())));
    let asked = Arc::clone(&kinds);
    db.inject(Some(Arc::new(move |operation, body| {
        if operation == "GetShardIterator" {
            let body: Value = serde_json::from_slice(body).unwrap();
            asked.lock().unwrap().push(body["ShardIteratorType"].clone());
        }
        let trimmed = operation == "GetRecords" && reads.fetch_add(1, Ordering::SeqCst) == 0;
        let kind = "com.amazonaws.dynamodb.v20120810#TrimmedDataAccessException";
        trimmed.then(|| Fault::Before(Failure::Answer { status: 400, body: json!({ "__type": kind, "message": "" }) }))
    })));
    put(&client, "MAIL#1", "one").await;
    pump.drain().await;
    assert_eq!(received.mails(), named(&["one"]));
    assert_eq!(*kinds.lock().unwrap(), ["TRIM_HORIZON"]);
}

#[tokio::test]
async fn a_drain_gives_up_in_the_end() {
    let (db, client) = embedded().await;
    let started = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&started);
    let endless: Deliver = Arc::new(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        Box::pin(std::future::pending())
    });
    let pump = pump(&db, Start::Oldest, endless).await;
    put(&client, "MAIL#1", "one").await;
    pump.drain_within(Duration::from_millis(500)).await;
    assert_eq!(started.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_checkpoint_of_another_stream_counts_as_none() {
    let dir = tempfile::tempdir().unwrap();
    let checkpoint = dir.path().join("stream.json");
    std::fs::write(&checkpoint, r#""000000000000000000123""#).unwrap();
    let (db, client) = embedded().await;
    put(&client, "MAIL#1", "one").await;
    let received = Received::default();
    pump(&db, Start::Checkpoint(checkpoint), received.deliver()).await.stop().await;
    assert_eq!(received.mails(), named(&["one"]));
}

#[tokio::test]
async fn a_table_without_a_stream_has_no_pump() {
    let (db, _client) = embedded().await;
    let nothing: Deliver = Arc::new(|_| Box::pin(async { Ok(()) }));
    let error = StreamPump::start(streams_client(&db), "others", Start::Latest, None, nothing).await.unwrap_err();
    assert!(matches!(error, PumpError::NoStream(_)), "{error}");
}
