//! Faults that a test asks for: what DynamoDB does on a bad day and the engine never does by itself.

use std::sync::Arc;

use aws_smithy_runtime_api::client::result::ConnectorError;
use serde_json::{Value, json};

use super::call::Reply;

/// Decides for each call, by the operation's name and the request's JSON, whether and how it fails.
pub type FaultHook = Arc<dyn Fn(&str, &[u8]) -> Option<Fault> + Send + Sync>;

/// When a call fails.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Nothing is read or written.
    Before(Failure),
    /// The call takes effect and its answer is lost for this one. A call that the engine refuses is answered as ever.
    AfterCommit(Failure),
}

/// How a call fails.
#[derive(Clone, Debug)]
pub enum Failure {
    /// The table is throttled; the SDK retries.
    Throttled,
    /// The service failed with 500; the SDK retries.
    InternalError,
    /// The client waited in vain; the SDK retries.
    Timeout,
    /// The connection broke; the SDK retries.
    ConnectionLost,
    /// A transaction is cancelled by this code (such as `TransactionConflict`) at the action of this index and by none
    /// at the others; any other operation gets the exception `<code>Exception`.
    Cancelled {
        /// The action that takes the blame, from 0.
        action: usize,
        /// The reason's code.
        code: String,
    },
    /// This answer, word for word.
    Answer {
        /// The status.
        status: u16,
        /// The JSON document.
        body: Value,
    },
}

impl Failure {
    /// A conflict with another transaction at the first action.
    pub fn conflict() -> Self {
        Self::Cancelled { action: 0, code: "TransactionConflict".to_owned() }
    }

    pub(super) fn answer(self, operation: &str, body: &[u8]) -> Result<Reply, ConnectorError> {
        match self {
            Self::Throttled => Ok(exception(
                400,
                "ProvisionedThroughputExceededException",
                "The level of configured provisioned throughput for the table was exceeded",
            )),
            Self::InternalError => Ok(exception(500, "InternalServerError", "Internal server error")),
            Self::Timeout => Err(ConnectorError::timeout("injected: no answer in time".into())),
            Self::ConnectionLost => Err(ConnectorError::io("injected: the connection was reset".into())),
            Self::Cancelled { action, code } => Ok(cancelled(operation, body, action, &code)),
            Self::Answer { status, body } => Ok(Reply { status, body: body.to_string() }),
        }
    }
}

fn cancelled(operation: &str, body: &[u8], action: usize, code: &str) -> Reply {
    if !operation.starts_with("Transact") {
        return exception(400, &format!("{code}Exception"), "injected");
    }
    let actions = serde_json::from_slice::<Value>(body)
        .ok()
        .and_then(|body| Some(body.get("TransactItems")?.as_array()?.len()))
        .unwrap_or_default();
    let codes: Vec<&str> = (0..actions).map(|index| if index == action { code } else { "None" }).collect();
    let reasons: Vec<Value> = codes
        .iter()
        .map(
            |&code| {
                if code == "None" { json!({ "Code": code }) } else { json!({ "Code": code, "Message": "injected" }) }
            },
        )
        .collect();
    let message =
        format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{}]", codes.join(", "));
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": message,
        "CancellationReasons": reasons,
    });
    Reply { status: 400, body: body.to_string() }
}

fn exception(status: u16, name: &str, message: &str) -> Reply {
    Reply::error(status, &format!("com.amazonaws.dynamodb.v20120810#{name}"), message)
}
