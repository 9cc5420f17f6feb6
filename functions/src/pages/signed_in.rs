//! What a browser is told that comes back from Google or Microsoft.

use edge::{Problem, Reply};

use crate::pages::frame::Frame;
use crate::pages::outcome::{self, Outcome};

/// The codes that the page has words of its own for.
pub(crate) const TOLD: [&str; 11] = [
    "sso_failed",
    "identity_unknown",
    "identity_mismatch",
    "identity_taken",
    "account_required",
    "user_deactivated",
    "sign_in_method_not_allowed",
    "link_expired",
    "not_found",
    "no_license_available",
    "too_many_attempts",
];

/// The page after a sign-in. Its frame is to be without languages.
pub(crate) fn done(frame: Frame, user_name: &str, account_name: &str) -> Result<Reply, Problem> {
    let text = frame.text("signed-in", &[("account_name", account_name), ("name", user_name)]);
    let outcome = Outcome::last("done", frame.say("signed-in-heading"), text);
    outcome::ending(frame, outcome)
}

/// The page after a sign-in that failed with the code of a problem: what happened, and what to do. Its frame is to be without
/// languages.
pub(crate) fn failed(frame: Frame, problem_code: &str) -> Result<Reply, Problem> {
    let code = TOLD.into_iter().find(|told| *told == problem_code).unwrap_or("other");
    let say = |part| frame.say(&format!("failed-{code}.{part}"));
    let outcome = Outcome { next: Some(say("next")), ..Outcome::last(code, say("heading"), say("text")) };
    outcome::ending(frame, outcome)
}
