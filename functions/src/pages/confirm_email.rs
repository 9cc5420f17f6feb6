//! `GET /confirm-email`

use askama::Template;
use domain::Stamp;
use domain::email_change::{EmailChange, EmailChangeStatus};
use domain::rules::change_email::confirmable;
use domain::token::{Grant, Purpose};
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::{self, NoQuery};
use crate::pages::email;
use crate::pages::frame::{self, Frame, LinkQuery};
use crate::pages::outcome::{self, Endings, Outcome};

/// Shows which new address a link confirms. It uses nothing up.
#[derive(Debug)]
pub struct Page;

/// How its links end.
pub(crate) const ENDINGS: Endings = Endings { texts: "change", help: None };

impl Endpoint for Page {
    const NAME: &'static str = "pages_confirm_email";
    type Path = NoQuery;
    type Query = LinkQuery;
    type Body = Nothing;
    type Answer = ();

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, LinkQuery, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let query = &input.query;
        let absent = || Ok(Decision::read(ENDINGS.absent(query.frame(context, None))?));
        let Some(token) = frame::if_found(load::token(context, Purpose::ConfirmEmail, query.token()).await)? else {
            return absent();
        };
        let Grant::ConfirmEmail { user_id, .. } = token.grants else { return absent() };
        let (account, user) = tokio::try_join!(
            context.store.recent_account(token.account_id),
            context.store.user(token.account_id, user_id)
        )?;
        let (Some(account), Some(user)) = (account, user) else { return absent() };
        let frame = query.frame(context, Some(user.locale));
        Ok(Decision::read(match confirmable(&user, &token, stamp) {
            Ok(change) if change.status == EmailChangeStatus::AwaitingAccept => confirmed(frame)?,
            Ok(change) => open(frame, &account.name, &user.name, change)?,
            Err(_) => ENDINGS.closed(frame)?,
        }))
    }
}

#[derive(Template)]
#[template(path = "pages/confirm_email.html")]
struct Open<'a> {
    frame: Frame,
    whose: String,
    email: &'a str,
    explanation: String,
    button: String,
    expires: String,
    outcomes: Vec<Outcome>,
}

/// The page of a link that is good.
pub(crate) fn open(frame: Frame, account_name: &str, user_name: &str, change: &EmailChange) -> Result<Reply, Problem> {
    let account = ("account_name", account_name);
    let no = |code, texts: &str| Outcome::last(code, frame.say(&format!("{texts}-heading")), frame.say(texts));
    let mut outcomes = vec![
        if change.needs_accept {
            one_step_left(&frame)
        } else {
            Outcome::last("done", frame.say("change-success-heading"), frame.say("change-success"))
        },
        ENDINGS.expired(&frame),
        no("email_change_expired", "change-expired"),
        ENDINGS.not_found(&frame),
        no("email_taken", "change-taken"),
        no("guest_domain_not_allowed", "change-not-allowed"),
        no("email_change_not_available", "change-not-allowed"),
        no("email_changed_too_often", "change-too-often"),
    ];
    outcomes.extend(outcome::common(&frame));
    let explanation = if change.needs_accept { "change-explanation-accept" } else { "change-explanation-now" };
    let title = frame.text("change-title", &[account]);
    frame::acts(&Open {
        whose: frame.text("change-whose", &[account, ("name", user_name)]),
        email: change.email.as_str(),
        explanation: frame.say(explanation),
        button: frame.say("change-button"),
        expires: frame.link_expires(change.expires_at),
        outcomes,
        frame: frame.titled(title),
    })
}

/// The page of a link that has confirmed what waits for the accept button.
pub(crate) fn confirmed(frame: Frame) -> Result<Reply, Problem> {
    let outcome = one_step_left(&frame);
    outcome::ending(frame, outcome)
}

fn one_step_left(frame: &Frame) -> Outcome {
    let (heading, text) = (frame.say("change-accept-heading"), frame.say("change-accept"));
    Outcome { link: Some(email::link(frame)), ..Outcome::last("done", heading, text) }
}
