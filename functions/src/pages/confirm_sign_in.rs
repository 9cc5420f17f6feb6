//! `GET /confirm-sign-in`

use askama::Template;
use domain::identity::Provider;
use domain::rules::confirm_sign_in::confirmable;
use domain::text::Email;
use domain::token::{Grant, Purpose};
use domain::{Instant, Stamp};
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::{self, NoQuery};
use crate::pages::forgot_password;
use crate::pages::frame::{self, Frame, LinkQuery};
use crate::pages::outcome::{self, Endings, Outcome};

/// Shows which sign-in with Google or Microsoft a link confirms. It uses nothing up.
#[derive(Debug)]
pub struct Page;

/// How its links end.
pub(crate) const ENDINGS: Endings = Endings { texts: "confirm", help: Some(forgot_password::new_link) };

impl Endpoint for Page {
    const NAME: &'static str = "pages_confirm_sign_in";
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
        let Some(token) = frame::if_found(load::token(context, Purpose::ConfirmSignIn, query.token()).await)? else {
            return absent();
        };
        let Grant::ConfirmSignIn { user_id, email, .. } = &token.grants else { return absent() };
        let (account, user, credential) = tokio::try_join!(
            context.store.recent_account(token.account_id),
            context.store.user(token.account_id, *user_id),
            context.store.credential(token.account_id, *user_id)
        )?;
        let (Some(account), Some(user), Some(credential)) = (account, user, credential) else { return absent() };
        let frame = query.frame(context, Some(user.locale));
        Ok(Decision::read(match confirmable(&user, &credential, &token, stamp) {
            Ok(provider) => open(frame, &account.name, email, provider, token.expires_at)?,
            Err(_) => ENDINGS.closed(frame)?,
        }))
    }
}

#[derive(Template)]
#[template(path = "pages/confirm_sign_in.html")]
struct Open<'a> {
    frame: Frame,
    provider: Provider,
    heading: String,
    explanation: String,
    email: &'a str,
    next: String,
    button: String,
    expires: String,
    outcomes: Vec<Outcome>,
}

/// The page of a link that is good.
pub(crate) fn open(
    frame: Frame,
    account_name: &str,
    email: &Email,
    provider: Provider,
    expires_at: Instant,
) -> Result<Reply, Problem> {
    let (account, label) = (("account_name", account_name), ("provider", provider.label()));
    let unavailable = Outcome::again("unavailable", frame.text("confirm-unavailable", &[label]));
    let mut outcomes = vec![ENDINGS.expired(&frame), ENDINGS.not_found(&frame), unavailable];
    outcomes.extend(outcome::common(&frame));
    let title = frame.text("confirm-title", &[account, label]);
    frame::acts(&Open {
        provider,
        heading: frame.text("confirm-heading", &[label]),
        explanation: frame.text("confirm-explanation", &[account, label]),
        email: email.as_str(),
        next: frame.text("confirm-next", &[label]),
        button: frame.text("confirm-button", &[label]),
        expires: frame.link_expires(expires_at),
        outcomes,
        frame: frame.titled(title),
    })
}
