//! What the tests of this crate share: SDK clients over what runs in this process, and a table with a stream.

use std::collections::HashMap;

use aws_sdk_dynamodb as dynamodb;
use aws_sdk_dynamodbstreams as streams;
use dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType,
};

use platform::aws::stand_in;

use crate::embedded::EmbeddedDynamo;

pub(crate) const TABLE: &str = "accounts";

pub(crate) type Item = HashMap<String, AttributeValue>;

pub(crate) fn client(db: &EmbeddedDynamo) -> dynamodb::Client {
    dynamodb::Client::new(&stand_in(db.http_client()))
}

pub(crate) fn streams_client(db: &EmbeddedDynamo) -> streams::Client {
    streams::Client::new(&stand_in(db.http_client()))
}

/// An engine in memory with the table made.
pub(crate) async fn embedded() -> (EmbeddedDynamo, dynamodb::Client) {
    let db = EmbeddedDynamo::open(None).unwrap();
    let client = client(&db);
    make_table(&client).await;
    (db, client)
}

pub(crate) async fn make_table(client: &dynamodb::Client) {
    let key = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
    let text = |name: &str| {
        AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S).build().unwrap()
    };
    let index = GlobalSecondaryIndex::builder()
        .index_name("due")
        .key_schema(key("due_pk", KeyType::Hash))
        .key_schema(key("due_sk", KeyType::Range))
        .projection(Projection::builder().projection_type(ProjectionType::All).build())
        .build()
        .unwrap();
    client
        .create_table()
        .table_name(TABLE)
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key("pk", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .set_attribute_definitions(Some(["pk", "sk", "due_pk", "due_sk"].map(text).to_vec()))
        .global_secondary_indexes(index)
        .stream_specification(
            StreamSpecification::builder()
                .stream_enabled(true)
                .stream_view_type(StreamViewType::NewAndOldImages)
                .build()
                .unwrap(),
        )
        .send()
        .await
        .unwrap();
}

pub(crate) fn s(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn item(pk: &str, sk: &str) -> Item {
    HashMap::from([("pk".to_owned(), s(pk)), ("sk".to_owned(), s(sk))])
}

pub(crate) async fn put(client: &dynamodb::Client, pk: &str, sk: &str) {
    client.put_item().table_name(TABLE).set_item(Some(item(pk, sk))).send().await.unwrap();
}
