//! `GET /revert-email`

use askama::Template;
use domain::rules::revert_email::revertible;
use domain::text::Email;
use domain::token::{Grant, Purpose};
use domain::{Instant, Stamp};
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::{self, NoQuery};
use crate::pages::forgot_password;
use crate::pages::frame::{self, Frame, LinkQuery};
use crate::pages::outcome::{self, Endings, Outcome};

/// Shows which address a link puts back. It uses nothing up.
#[derive(Debug)]
pub struct Page;

/// How its links end.
pub(crate) const ENDINGS: Endings = Endings { texts: "revert", help: None };

impl Endpoint for Page {
    const NAME: &'static str = "pages_revert_email";
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
        let Some(token) = frame::if_found(load::token(context, Purpose::RevertEmail, query.token()).await)? else {
            return absent();
        };
        let Grant::RevertEmail { user_id, .. } = token.grants else { return absent() };
        let (store, account) = (&context.store, token.account_id);
        let (account, user, former) = tokio::try_join!(
            store.recent_account(account),
            store.user(account, user_id),
            store.former_emails(account, user_id)
        )?;
        let (Some(account), Some(user)) = (account, user) else { return absent() };
        let frame = query.frame(context, Some(user.locale));
        Ok(Decision::read(match revertible(&user, &former, &token, stamp) {
            Ok(former) => open(frame, &account.name, &former.email, former.until)?,
            Err(_) => ENDINGS.closed(frame)?,
        }))
    }
}

#[derive(Template)]
#[template(path = "pages/revert_email.html")]
struct Open<'a> {
    frame: Frame,
    email: &'a str,
    button: String,
    expires: String,
    outcomes: Vec<Outcome>,
}

/// The page of a link that is good.
pub(crate) fn open(frame: Frame, account_name: &str, email: &Email, until: Instant) -> Result<Reply, Problem> {
    let done = Outcome::last("done", frame.say("revert-success-heading"), frame.say("revert-success"));
    let late = Outcome::last("email_change_expired", frame.say("revert-expired-heading"), frame.say("revert-expired"));
    let mut outcomes = vec![
        Outcome { link: Some(forgot_password::link(&frame)), ..done },
        ENDINGS.expired(&frame),
        late,
        ENDINGS.not_found(&frame),
    ];
    outcomes.extend(outcome::common(&frame));
    let title = frame.text("revert-title", &[("account_name", account_name)]);
    frame::acts(&Open {
        email: email.as_str(),
        button: frame.say("revert-button"),
        expires: frame.link_expires(until),
        outcomes,
        frame: frame.titled(title),
    })
}
