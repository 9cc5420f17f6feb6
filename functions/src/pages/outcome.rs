//! How a visit can end, or be held up: what the page says instead of its form, or above its button.

use askama::Template;
use edge::{Problem, Reply};

use crate::pages::frame::{self, Frame};

/// An outcome, under the code that the API or the script has for it.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: &'static str,
    /// Whether it takes the form's place; else the form stays for another try.
    pub(crate) last: bool,
    /// The field that it is about.
    pub(crate) field: Option<&'static str>,
    pub(crate) heading: Option<String>,
    pub(crate) text: String,
    /// Where the text holds the name that the API answers: what follows it.
    pub(crate) after_name: Option<String>,
    pub(crate) next: Option<String>,
    /// The page that helps.
    pub(crate) link: Option<Link>,
}

/// A link to another page.
#[derive(Debug)]
pub(crate) struct Link {
    /// Relative to the page.
    pub(crate) to: String,
    pub(crate) text: String,
}

impl Outcome {
    /// An end.
    pub(crate) const fn last(code: &'static str, heading: String, text: String) -> Self {
        Self { code, last: true, field: None, heading: Some(heading), text, after_name: None, next: None, link: None }
    }

    /// An error after which to try again.
    pub(crate) const fn again(code: &'static str, text: String) -> Self {
        Self { code, last: false, field: None, heading: None, text, after_name: None, next: None, link: None }
    }

    /// An error in a field.
    pub(crate) fn field(code: &'static str, field: &'static str, text: String) -> Self {
        Self { field: Some(field), ..Self::again(code, text) }
    }
}

/// The errors that every page that acts can meet.
pub(crate) fn common(frame: &Frame) -> [Outcome; 4] {
    [
        Outcome::again("generic", frame.say("error-generic")),
        Outcome::again("invalid_request", frame.say("error-invalid-input")),
        Outcome::again("too_many_attempts", frame.say("error-too-many-attempts")),
        Outcome::again("network", frame.say("error-network")),
    ]
}

#[derive(Template)]
#[template(path = "pages/ending.html")]
struct Ending {
    frame: Frame,
    outcome: Outcome,
}

/// The page of a link that leads no further.
pub(crate) fn ending(frame: Frame, outcome: Outcome) -> Result<Reply, Problem> {
    let title = outcome.heading.clone().unwrap_or_default();
    frame::tells(&Ending { frame: frame.titled(title), outcome })
}
