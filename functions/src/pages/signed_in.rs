//! What a browser is told that comes back from Google or Microsoft.

use edge::{Problem, Reply};

use crate::pages::forgot_password;
use crate::pages::frame::Frame;
use crate::pages::outcome::{self, Link, Outcome};

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

/// Those that a new link to confirm the sign-in may help with.
pub(crate) const RENEWED: [&str; 3] = ["identity_unknown", "link_expired", "not_found"];
/// From the address that a provider sends the browser back to, to where the pages are.
const UP: &str = "../../../";

/// The page after a provider has said who somebody is: whether that confirmed the sign-in of a mailed link, or not. Nobody
/// is signed in by it. Its frame is to be without languages.
pub(crate) fn done(
    frame: Frame,
    provider_label: &str,
    user_name: &str,
    account_name: &str,
    confirmed: bool,
) -> Result<Reply, Problem> {
    let key = if confirmed { "confirmed" } else { "returned" };
    let provider = ("provider", provider_label);
    let heading = frame.text(&format!("{key}-heading"), &[provider]);
    let text = frame.text(key, &[provider, ("account_name", account_name), ("name", user_name)]);
    let next = Some(frame.say(&format!("{key}-next")));
    outcome::ending(frame, Outcome { next, ..Outcome::last("done", heading, text) })
}

/// The page after a sign-in that failed with the code of a problem: what happened, and what to do. Its frame is to be without
/// languages.
pub(crate) fn failed(frame: Frame, problem_code: &str) -> Result<Reply, Problem> {
    let code = TOLD.into_iter().find(|told| *told == problem_code).unwrap_or("other");
    let say = |part| frame.say(&format!("failed-{code}.{part}"));
    let link = RENEWED.contains(&code).then(|| forgot_password::new_link(&frame));
    let link = link.map(|link| Link { to: format!("{UP}{}", link.to), ..link });
    let outcome = Outcome { next: Some(say("next")), link, ..Outcome::last(code, say("heading"), say("text")) };
    outcome::ending(frame, outcome)
}
