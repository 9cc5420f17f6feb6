//! `GET /email`

use askama::Template;
use domain::Stamp;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::NoQuery;
use crate::pages::frame::{self, Frame, LinkQuery};
use crate::pages::outcome::{self, Link, Outcome};

/// Shows, to whoever signs in on it, the change of address that is pending, with the accept button (P3). The session lives
/// in the page alone: no cookie carries it, so no other site can press the button, and it ends with the page.
#[derive(Debug)]
pub struct Page;

impl Endpoint for Page {
    const NAME: &'static str = "pages_email";
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
#[template(path = "pages/email.html")]
struct Open {
    frame: Frame,
    outcomes: Vec<Outcome>,
}

/// The page.
pub(crate) fn open(frame: Frame) -> Result<Reply, Problem> {
    let end = |code, texts: &str| Outcome::last(code, frame.say(&format!("{texts}-heading")), frame.say(texts));
    let mut outcomes = vec![
        end("accepted", "portal-accepted"),
        end("cancelled", "portal-cancelled"),
        end("email_change_expired", "portal-over"),
        end("not_found", "portal-over"),
        end("unauthenticated", "portal-ended"),
        end("email_taken", "change-taken"),
        end("guest_domain_not_allowed", "change-not-allowed"),
        end("email_changed_too_often", "change-too-often"),
        Outcome::again("not_confirmed", frame.say("portal-unconfirmed")),
        Outcome::field("invalid_credentials", "password", frame.say("portal-wrong")),
        Outcome::field("second_factor_required", "code", frame.say("portal-needs-code")),
        Outcome::field("invalid_code", "code", frame.say("portal-wrong-code")),
        Outcome::field("account_required", "account", frame.say("portal-needs-account")),
        Outcome::again("user_deactivated", frame.say("portal-deactivated")),
    ];
    outcomes.extend(outcome::common(&frame));
    let title = frame.say("portal-title");
    frame::signs_in(&Open { outcomes, frame: frame.titled(title) })
}

/// The link to it.
pub(crate) fn link(frame: &Frame) -> Link {
    Link { to: format!("email?lang={}", frame.locale.tag()), text: frame.say("change-accept-link") }
}
