//! `GET /forgot-password`

use askama::Template;
use domain::Stamp;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::NoQuery;
use crate::pages::frame::{self, Frame, LinkQuery};
use crate::pages::outcome::{self, Link, Outcome};

/// Asks for the address that a link to choose a new password goes to, or to confirm a sign-in with Google or Microsoft.
#[derive(Debug)]
pub struct Page;

impl Endpoint for Page {
    const NAME: &'static str = "pages_forgot_password";
    const USES_TABLE: bool = false;
    type Path = NoQuery;
    type Query = LinkQuery;
    type Body = Nothing;
    type Answer = ();

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, LinkQuery, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let locale = input.query.locale(None, context.accept_language.as_deref());
        Ok(Decision::read(open(Frame::new(locale, ""))?))
    }
}

#[derive(Template)]
#[template(path = "pages/forgot_password.html")]
struct Open {
    frame: Frame,
    button: String,
    outcomes: Vec<Outcome>,
}

/// The page.
pub(crate) fn open(frame: Frame) -> Result<Reply, Problem> {
    // The same for everybody: it does not tell whose address it is.
    let done = Outcome {
        next: Some(frame.say("forgot-success-next")),
        ..Outcome::last("done", frame.say("forgot-success-heading"), frame.say("forgot-success"))
    };
    let mut outcomes = vec![done, Outcome::field("invalid_email", "email", frame.say("error-invalid-email"))];
    outcomes.extend(outcome::common(&frame));
    let (title, button) = (frame.say("forgot-password"), frame.say("forgot-button"));
    frame::acts(&Open { frame: frame.titled(title), button, outcomes })
}

/// What leads here from another page.
pub(crate) fn link(frame: &Frame) -> Link {
    Link { to: address(frame), text: frame.say("forgot-password") }
}

/// What leads here whoever wants a new link, also one to confirm a sign-in, from the folder where these pages are.
pub(crate) fn new_link(frame: &Frame) -> Link {
    Link { to: address(frame), text: frame.say("new-link") }
}

fn address(frame: &Frame) -> String {
    format!("forgot-password?lang={}", frame.locale.tag())
}
