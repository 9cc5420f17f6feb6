//! From the stream's records to the event that a Lambda function gets of them.

use std::collections::HashMap;

use aws_sdk_dynamodbstreams::types::{AttributeValue, OperationType, Record};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use store::keys::MAIL_PREFIX;

/// What the filter of the event source lets pass: insertions whose partition key begins as a mail's does.
pub(super) fn is_new_mail(record: &Record) -> bool {
    let key = record.dynamodb().and_then(|change| change.keys()?.get("pk"));
    record.event_name() == Some(&OperationType::Insert)
        && matches!(key, Some(AttributeValue::S(key)) if key.starts_with(MAIL_PREFIX))
}

/// A Lambda DynamoDB event of these records.
pub(super) fn event(records: &[Record], stream_arn: &str) -> Value {
    json!({ "Records": records.iter().map(|record| event_record(record, stream_arn)).collect::<Vec<_>>() })
}

fn event_record(record: &Record, stream_arn: &str) -> Value {
    let mut change = Map::new();
    if let Some(stream) = record.dynamodb() {
        let mut images = [("Keys", &stream.keys), ("NewImage", &stream.new_image), ("OldImage", &stream.old_image)];
        for (name, image) in &mut images {
            if let Some(image) = image {
                change.insert((*name).to_owned(), item(image));
            }
        }
        let created = stream.approximate_creation_date_time.as_ref().map(aws_smithy_types::DateTime::secs);
        change.insert("ApproximateCreationDateTime".to_owned(), created.into());
        change.insert("SequenceNumber".to_owned(), stream.sequence_number().into());
        change.insert("SizeBytes".to_owned(), stream.size_bytes.unwrap_or_default().into());
        let view = stream.stream_view_type.as_ref().map(aws_sdk_dynamodbstreams::types::StreamViewType::as_str);
        change.insert("StreamViewType".to_owned(), view.into());
    }
    json!({
        "eventID": record.event_id(),
        "eventName": record.event_name().map(OperationType::as_str),
        "eventVersion": record.event_version(),
        "eventSource": record.event_source(),
        "awsRegion": record.aws_region(),
        "eventSourceARN": stream_arn,
        "dynamodb": change,
    })
}

fn item(item: &HashMap<String, AttributeValue>) -> Value {
    item.iter().map(|(name, value)| (name.clone(), attribute(value))).collect::<Map<_, _>>().into()
}

fn attribute(value: &AttributeValue) -> Value {
    let base64 = |bytes: &aws_sdk_dynamodbstreams::primitives::Blob| STANDARD.encode(bytes.as_ref());
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::Bool(truth) => json!({ "BOOL": truth }),
        AttributeValue::B(bytes) => json!({ "B": base64(bytes) }),
        AttributeValue::Ss(texts) => json!({ "SS": texts }),
        AttributeValue::Ns(numbers) => json!({ "NS": numbers }),
        AttributeValue::Bs(all) => json!({ "BS": all.iter().map(base64).collect::<Vec<_>>() }),
        AttributeValue::L(list) => json!({ "L": list.iter().map(attribute).collect::<Vec<_>>() }),
        AttributeValue::M(map) => json!({ "M": item(map) }),
        _ => json!({ "NULL": true }),
    }
}
