//! What an action answers, and what it wants committed first.

use domain::change::Change;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::dry_run::RefusalNote;
use crate::problem::Problem;

/// The body of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Content {
    /// None.
    Empty,
    /// JSON.
    Json(Value),
    /// A page, and the `Content-Security-Policy` that it is served under.
    Html {
        /// The page.
        page: String,
        /// The policy.
        policy: String,
    },
    /// A file to keep.
    File {
        /// What it is.
        media_type: String,
        /// What it is called.
        name: String,
        /// What it says.
        text: String,
        /// Where the rest of it is, when this is not all: a path.
        next: Option<String>,
    },
    /// A document to keep.
    Document {
        /// What it is.
        media_type: String,
        /// What it is called, in ASCII.
        name: String,
        /// The file.
        bytes: Vec<u8>,
    },
    /// A picture, which browsers may keep for a day.
    Picture {
        /// What it is.
        media_type: String,
        /// The file.
        bytes: Vec<u8>,
    },
}

/// An answer of success.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// The body.
    pub content: Content,
    /// The version of the one object that it tells of.
    pub version: Option<u64>,
    /// A cookie to set.
    #[serde(default)]
    pub cookie: Option<String>,
}

impl Reply {
    /// An answer without a body.
    pub const fn empty() -> Self {
        Self { content: Content::Empty, version: None, cookie: None }
    }

    /// A JSON answer.
    pub fn json(body: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_value(body).map_err(|error| Problem::internal(error.to_string()))?;
        Ok(Self { content: Content::Json(body), version: None, cookie: None })
    }

    /// A JSON answer about one object of this version.
    pub fn object(body: &impl Serialize, version: u64) -> Result<Self, Problem> {
        Ok(Self { version: Some(version), ..Self::json(body)? })
    }

    /// The same with a cookie to set.
    pub fn with_cookie(self, cookie: String) -> Self {
        Self { cookie: Some(cookie), ..self }
    }

    /// A table as CSV, and where the rest of it is when this is not all.
    pub fn table(name: &str, text: String, next: Option<String>) -> Self {
        let media_type = "text/csv; charset=utf-8; header=present".to_owned();
        Self { content: Content::File { media_type, name: name.to_owned(), text, next }, version: None, cookie: None }
    }

    /// A document, and what it is called, in ASCII.
    pub fn document(media_type: &str, name: String, bytes: Vec<u8>) -> Self {
        let media_type = media_type.to_owned();
        Self { content: Content::Document { media_type, name, bytes }, version: None, cookie: None }
    }

    /// A picture.
    pub fn picture(media_type: &str, bytes: Vec<u8>) -> Self {
        Self { content: Content::Picture { media_type: media_type.to_owned(), bytes }, version: None, cookie: None }
    }

    /// A page under a `Content-Security-Policy`.
    pub const fn html(page: String, policy: String) -> Self {
        Self { content: Content::Html { page, policy }, version: None, cookie: None }
    }
}

/// What an action decided.
#[derive(Debug)]
pub struct Decision {
    /// To be committed; none when nothing changes.
    pub change: Option<Change>,
    /// What to answer then, or what the next step goes on from.
    pub then: Then,
    /// What was refused within it, item by item: for dry runs.
    pub refusals: Vec<RefusalNote>,
}

/// What comes after a commit.
#[derive(Debug)]
pub enum Then {
    /// The answer.
    Reply(Reply),
    /// Another step, with this to go on from.
    Continue(Value),
    /// No: what is committed are the guards under which it may be told.
    Refuse(Box<Problem>),
}

impl Decision {
    /// Nothing to commit.
    pub const fn read(reply: Reply) -> Self {
        Self { change: None, then: Then::Reply(reply), refusals: Vec::new() }
    }

    /// A no that may be told only if the guards of this change hold.
    pub fn refuse(guards: Change, problem: impl Into<Problem>) -> Self {
        Self { change: Some(guards), then: Then::Refuse(Box::new(problem.into())), refusals: Vec::new() }
    }

    /// A change, and the answer to it.
    pub fn write(change: Change, reply: Reply) -> Self {
        Self { change: Some(change), then: Then::Reply(reply), refusals: Vec::new() }
    }
}
