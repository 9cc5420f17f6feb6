//! How a function's process begins.

use std::fmt::Display;
use std::process::ExitCode;

/// Begins to log and runs a process until it ends; an error is logged in its own words.
pub async fn run<E: Display>(start: impl Future<Output = Result<(), E>>) -> ExitCode {
    crate::logs::init();
    match start.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(cause = %error, "the function cannot run");
            ExitCode::FAILURE
        }
    }
}
