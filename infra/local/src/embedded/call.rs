//! One call of the DynamoDB API: from its name and JSON to the engine's method and back.

use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::token::Tokens;

/// What a call is answered with: a status and a JSON document.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: String,
}

impl Reply {
    pub(super) fn is_success(&self) -> bool {
        self.status == 200
    }

    pub(super) fn unknown_operation() -> Self {
        Self::error(400, "com.amazon.coral.service#UnknownOperationException", "")
    }

    pub(super) fn unreadable(message: &str) -> Self {
        Self::error(400, "com.amazon.coral.service#SerializationException", message)
    }

    pub(super) fn error(status: u16, kind: &str, message: &str) -> Self {
        Self { status, body: serde_json::json!({ "__type": kind, "message": message }).to_string() }
    }
}

/// The operation that the header `x-amz-target` names.
pub(super) fn operation(target: &str) -> Option<&str> {
    target.strip_prefix("DynamoDB_20120810.").or_else(|| target.strip_prefix("DynamoDBStreams_20120810."))
}

/// Whether a success of this operation can have changed items.
pub(super) fn writes(operation: &str) -> bool {
    matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem" | "TransactWriteItems")
}

pub(super) fn dispatch(database: &Database, operation: &str, body: &[u8], tokens: &Tokens) -> Reply {
    macro_rules! call {
        ($($name:literal => $method:ident,)*) => {
            match operation {
                "TransactWriteItems" => transact(database, body, tokens),
                $($name => run(operation, body, |request| database.$method(request)),)*
                _ => Reply::unknown_operation(),
            }
        };
    }
    call! {
        "GetItem" => get_item,
        "Query" => query,
        "PutItem" => put_item,
        "UpdateItem" => update_item,
        "DeleteItem" => delete_item,
        "BatchGetItem" => batch_get_item,
        "BatchWriteItem" => batch_write_item,
        "TransactGetItems" => transact_get_items,
        "Scan" => scan,
        "CreateTable" => create_table,
        "DescribeTable" => describe_table,
        "UpdateTable" => update_table,
        "DeleteTable" => delete_table,
        "ListTables" => list_tables,
        "UpdateTimeToLive" => update_time_to_live,
        "DescribeTimeToLive" => describe_time_to_live,
        "TagResource" => tag_resource,
        "UntagResource" => untag_resource,
        "ListTagsOfResource" => list_tags_of_resource,
        "ListStreams" => list_streams,
        "DescribeStream" => describe_stream,
        "GetShardIterator" => get_shard_iterator,
        "GetRecords" => get_records,
    }
}

/// The SDK puts a token of its own on every transaction, and the engine walks all tokens of the last ten minutes on
/// each: the token is kept here, at a constant price, and the engine gets none.
fn transact(database: &Database, body: &[u8], tokens: &Tokens) -> Reply {
    let mut request = match parse::<dynoxide::actions::transact_write_items::TransactWriteItemsRequest>(body) {
        Ok(request) => request,
        Err(error) => return refuse("TransactWriteItems", error),
    };
    let token = request.client_request_token.take();
    let run = || answer("TransactWriteItems", database.transact_write_items(request));
    match token {
        Some(token) if token.len() > 36 => refuse(
            "TransactWriteItems",
            DynoxideError::ValidationException(format!(
                "1 validation error detected: Value '{token}' at 'clientRequestToken' failed to satisfy constraint: \
                 Member must have length less than or equal to 36"
            )),
        ),
        Some(token) => tokens.once(token, body, run),
        None => run(),
    }
}

fn run<Q: DeserializeOwned, A: Serialize>(
    operation: &str,
    body: &[u8],
    method: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Reply {
    match parse(body) {
        Ok(request) => answer(operation, method(request)),
        Err(error) => refuse(operation, error),
    }
}

fn answer<A: Serialize>(operation: &str, outcome: Result<A, DynoxideError>) -> Reply {
    match outcome.map(|answer| serde_json::to_string(&answer)) {
        Ok(Ok(body)) => Reply { status: 200, body },
        Ok(Err(error)) => refuse(operation, DynoxideError::InternalServerError(error.to_string())),
        Err(error) => refuse(operation, error),
    }
}

fn refuse(operation: &str, error: DynoxideError) -> Reply {
    let error = match error {
        DynoxideError::EnvelopedValidation(message) if matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem") => {
            DynoxideError::ValidationException(format!("1 validation error detected: {message}"))
        }
        other => other,
    };
    Reply { status: error.status_code(), body: error.to_json() }
}

/// Reads a request. The engine's own readers mark in the text of their errors which error of DynamoDB they stand for;
/// what DynamoDB itself calls a validation error goes without a mark when serde finds it first.
fn parse<Q: DeserializeOwned>(body: &[u8]) -> Result<Q, DynoxideError> {
    serde_json::from_slice(body).map_err(|error| {
        let text = error.to_string();
        let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
        let marked = |mark: &str| text.strip_prefix(mark).map(str::to_owned);
        if let Some(message) = marked("VALIDATION_REQUEST:") {
            DynoxideError::EnvelopedValidation(message)
        } else if let Some(message) = marked("VALIDATION:").or_else(|| marked("VALIDATION_AS_READ:")) {
            DynoxideError::ValidationException(message)
        } else if let Some(message) = marked("SERIALIZATION:").or_else(|| marked("SERIALIZATION_AS_READ:")) {
            DynoxideError::SerializationException(message)
        } else if ["missing field", "unknown variant", "invalid type: null", "AttributeValue"]
            .iter()
            .any(|sign| text.contains(sign))
        {
            DynoxideError::ValidationException(text.to_owned())
        } else {
            DynoxideError::SerializationException(text.to_owned())
        }
    })
}
