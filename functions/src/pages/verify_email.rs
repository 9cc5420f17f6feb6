//! `GET /verify-email`

use askama::Template;
use domain::Stamp;
use domain::rules::verify_email::verify_email;
use domain::text::Email;
use domain::token::{Grant, Purpose};
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::{self, NoQuery};
use crate::pages::frame::{self, Frame, LinkQuery};
use crate::pages::outcome::{self, Endings, Outcome};

/// Shows which address a link confirms. It uses nothing up.
#[derive(Debug)]
pub struct Page;

/// How its links end.
pub(crate) const ENDINGS: Endings = Endings { texts: "verify", help: None };

impl Endpoint for Page {
    const NAME: &'static str = "pages_verify_email";
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
        let Some(token) = frame::if_found(load::token(context, Purpose::VerifyEmail, query.token()).await)? else {
            return absent();
        };
        let Grant::VerifyEmail { user_id, email } = &token.grants else { return absent() };
        let (account, user) = tokio::try_join!(
            context.store.recent_account(token.account_id),
            context.store.user(token.account_id, *user_id)
        )?;
        let (Some(account), Some(user)) = (account, user) else { return absent() };
        let frame = query.frame(context, Some(user.locale));
        // The rule is asked whether the button would do it; what it would change is dropped.
        Ok(Decision::read(match verify_email(&account, &user, &token, stamp) {
            Ok(_) => open(frame, email)?,
            Err(_) => ENDINGS.closed(frame)?,
        }))
    }
}

#[derive(Template)]
#[template(path = "pages/verify_email.html")]
struct Open<'a> {
    frame: Frame,
    email: &'a str,
    button: String,
    outcomes: Vec<Outcome>,
}

/// The page of a link that is good.
pub(crate) fn open(frame: Frame, email: &Email) -> Result<Reply, Problem> {
    let done = Outcome::last("done", frame.say("verify-success-heading"), frame.say("verify-success"));
    let mut outcomes = vec![done, ENDINGS.expired(&frame), ENDINGS.not_found(&frame)];
    outcomes.extend(outcome::common(&frame));
    let (title, button) = (frame.say("verify-title"), frame.say("verify-button"));
    frame::acts(&Open { frame: frame.titled(title), email: email.as_str(), button, outcomes })
}
