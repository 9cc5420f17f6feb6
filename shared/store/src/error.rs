//! What can go wrong between here and the table.

use aws_sdk_dynamodb::error::{DisplayErrorContext, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

/// A fault of the store: the caller may try again; what was being written either is or is not there, whole.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The table could not be reached, or did not answer in time, or had too much to do.
    #[error("the table does not answer: {0}")]
    Unavailable(String),
    /// The table refused the request itself, or holds what nobody here wrote.
    #[error("the table cannot be used so: {0}")]
    Broken(String),
}

impl StoreError {
    /// The fault that an SDK error stands for.
    pub fn of<E: std::error::Error + Send + Sync + 'static>(error: &SdkError<E, HttpResponse>) -> Self {
        let text = DisplayErrorContext(error).to_string();
        let throttled = [
            "Throttl",
            "ProvisionedThroughputExceeded",
            "RequestLimitExceeded",
            "TransactionInProgress",
            "TransactionConflict",
        ]
        .iter()
        .any(|code| text.contains(code));
        match error {
            SdkError::ServiceError(answer) if !throttled && !answer.raw().status().is_server_error() => {
                Self::Broken(text)
            }
            _ => Self::Unavailable(text),
        }
    }
}

impl From<serde_dynamo::Error> for StoreError {
    fn from(error: serde_dynamo::Error) -> Self {
        Self::Broken(error.to_string())
    }
}
