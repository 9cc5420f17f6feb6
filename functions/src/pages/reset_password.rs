//! `GET /reset-password`

use askama::Template;
use domain::password::{MAX_CHARS, MIN_CHARS};
use domain::rules::reset_password::resettable;
use domain::token::{Grant, Purpose};
use domain::{Instant, Stamp};
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::{self, NoQuery};
use crate::pages::forgot_password;
use crate::pages::frame::{self, Frame, LinkQuery};
use crate::pages::outcome::{self, Endings, Outcome};

/// Shows whose password a link sets. It uses nothing up.
#[derive(Debug)]
pub struct Page;

/// How its links end.
pub(crate) const ENDINGS: Endings = Endings { texts: "reset", help: Some(forgot_password::link) };

impl Endpoint for Page {
    const NAME: &'static str = "pages_reset_password";
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
        let Some(token) = frame::if_found(load::token(context, Purpose::ResetPassword, query.token()).await)? else {
            return absent();
        };
        let Grant::ResetPassword { user_id, .. } = token.grants else { return absent() };
        let (account, user, credential) = tokio::try_join!(
            context.store.recent_account(token.account_id),
            context.store.user(token.account_id, user_id),
            context.store.credential(token.account_id, user_id)
        )?;
        let (Some(account), Some(user), Some(credential)) = (account, user, credential) else { return absent() };
        let frame = query.frame(context, Some(user.locale));
        Ok(Decision::read(match resettable(&account, &user, &credential, &token, stamp) {
            Ok(()) => open(frame, &account.name, &user.login, token.expires_at)?,
            Err(_) => ENDINGS.closed(frame)?,
        }))
    }
}

#[derive(Template)]
#[template(path = "pages/reset_password.html")]
struct Open<'a> {
    frame: Frame,
    whose: String,
    login: &'a str,
    min_password: usize,
    max_password: usize,
    hint: String,
    button: String,
    expires: String,
    outcomes: Vec<Outcome>,
}

/// The page of a link that is good.
pub(crate) fn open(frame: Frame, account_name: &str, login: &str, expires_at: Instant) -> Result<Reply, Problem> {
    let account = ("account_name", account_name);
    let (min, max) = (MIN_CHARS.to_string(), MAX_CHARS.to_string());
    let length = [("min", min.as_str()), ("max", max.as_str())];
    let mut outcomes = vec![
        Outcome::last("done", frame.say("reset-success-heading"), frame.say("reset-success")),
        ENDINGS.expired(&frame),
        ENDINGS.not_found(&frame),
        Outcome::field("password_length", "password", frame.text("error-password-length", &length)),
        Outcome::field("weak_password", "password", frame.say("error-weak-password")),
    ];
    outcomes.extend(outcome::common(&frame));
    let title = frame.text("reset-title", &[account]);
    frame::acts(&Open {
        whose: frame.text("reset-whose", &[account, ("login", login)]),
        login,
        min_password: MIN_CHARS,
        max_password: MAX_CHARS,
        hint: frame.text("password-hint", &length),
        button: frame.say("reset-button"),
        expires: frame.link_expires(expires_at),
        outcomes,
        frame: frame.titled(title),
    })
}
