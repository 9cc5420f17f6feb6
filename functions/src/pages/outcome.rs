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

/// How the links of a page end: the prefix of its texts, and the page that helps.
pub(crate) struct Endings {
    pub(crate) texts: &'static str,
    pub(crate) help: Option<fn(&Frame) -> Link>,
}

impl Endings {
    /// The link is good no more.
    pub(crate) fn expired(&self, frame: &Frame) -> Outcome {
        self.outcome(frame, "link_expired", "expired")
    }

    /// The link leads to nothing.
    pub(crate) fn not_found(&self, frame: &Frame) -> Outcome {
        self.outcome(frame, "not_found", "not-found")
    }

    fn outcome(&self, frame: &Frame, code: &'static str, how: &str) -> Outcome {
        let say = |part: &str| frame.say(&format!("{}-{how}{part}", self.texts));
        Outcome { link: self.help.map(|help| help(frame)), ..Outcome::last(code, say("-heading"), say("")) }
    }

    /// The page of a link that is good no more.
    pub(crate) fn closed(&self, frame: Frame) -> Result<Reply, Problem> {
        let outcome = self.expired(&frame);
        ending(frame, outcome)
    }

    /// The page of a link that leads to nothing.
    pub(crate) fn absent(&self, frame: Frame) -> Result<Reply, Problem> {
        let outcome = self.not_found(&frame);
        ending(frame, outcome)
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
