//! `GET /accept-invitation`

use askama::Template;
use domain::invitation::Invitation;
use domain::password::{MAX_CHARS, MIN_CHARS};
use domain::rules::accept::acceptable;
use domain::{Refusal, Stamp};
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::{self, NoQuery};
use crate::pages::frame::{self, Frame, LinkQuery};
use crate::pages::outcome::{self, Outcome};

/// Most characters of a name, as the API has it.
const MAX_NAME: usize = 200;
/// Stands for a name that is not known yet; no address contains it.
const NAME_SLOT: &str = "\0";

/// Shows what an invitation's link leads to. It uses nothing up.
#[derive(Debug)]
pub struct Page;

impl Endpoint for Page {
    const NAME: &'static str = "pages_accept_invitation";
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
        let found = frame::if_found(load::invitation_of(context, query.token()).await)?;
        let frame = query.frame(context, found.as_ref().map(|(invitation, _)| invitation.locale));
        let Some((invitation, token)) = found else { return Ok(Decision::read(absent(frame)?)) };
        let Some(account) = context.store.recent_account(invitation.account_id).await? else {
            return Ok(Decision::read(absent(frame)?));
        };
        Ok(Decision::read(match acceptable(&invitation, &token.digest, stamp) {
            Ok(()) => open(frame, &invitation, &account.name)?,
            Err(refusal) => closed(frame, &invitation, &refusal)?,
        }))
    }
}

#[derive(Template)]
#[template(path = "pages/accept_invitation.html")]
struct Open<'a> {
    frame: Frame,
    heading: String,
    invited: String,
    address: String,
    email: &'a str,
    max_name: usize,
    min_password: usize,
    max_password: usize,
    hint: String,
    button: String,
    expires: Option<String>,
    outcomes: Vec<Outcome>,
}

/// The page of an invitation that can be accepted.
pub(crate) fn open(frame: Frame, invitation: &Invitation, account_name: &str) -> Result<Reply, Problem> {
    let account = ("account_name", account_name);
    let inviter = ("inviter_name", invitation.invited_by_name.as_str());
    let email = invitation.email.as_str();
    let (min, max) = (MIN_CHARS.to_string(), MAX_CHARS.to_string());
    let length = [("min", min.as_str()), ("max", max.as_str())];
    let title = frame.text("accept-title", &[account]);
    frame::acts(&Open {
        heading: frame.text("accept-heading", &[account]),
        invited: frame.text("accept-invited", &[inviter, account, ("type", invitation.user_type.name())]),
        address: frame.text("accept-address", &[("email", email)]),
        email,
        max_name: MAX_NAME,
        min_password: MIN_CHARS,
        max_password: MAX_CHARS,
        hint: frame.text("password-hint", &length),
        button: frame.say("accept-button"),
        expires: invitation
            .expires_at
            .map(|at| frame.text("accept-expires", &[("expires_at", &i18n::date_time(frame.locale, at))])),
        outcomes: outcomes(&frame, invitation, account_name, &length),
        frame: frame.titled(title),
    })
}

/// The page of an invitation that cannot be accepted any more.
pub(crate) fn closed(frame: Frame, invitation: &Invitation, refusal: &Refusal) -> Result<Reply, Problem> {
    let outcome = match refusal {
        Refusal::InvitationUsed => used(&frame),
        Refusal::InvitationExpired => expired(&frame, invitation),
        _ => revoked(&frame),
    };
    outcome::ending(frame, outcome)
}

/// The page of a link that leads to nothing.
pub(crate) fn absent(frame: Frame) -> Result<Reply, Problem> {
    let outcome = not_found(&frame);
    outcome::ending(frame, outcome)
}

fn used(frame: &Frame) -> Outcome {
    Outcome::last("invitation_used", frame.say("accept-used-heading"), frame.say("accept-used"))
}

fn expired(frame: &Frame, invitation: &Invitation) -> Outcome {
    let text = frame.text("accept-expired", &[("inviter_name", &invitation.invited_by_name)]);
    Outcome::last("invitation_expired", frame.say("accept-expired-heading"), text)
}

fn revoked(frame: &Frame) -> Outcome {
    Outcome::last("invitation_revoked", frame.say("accept-revoked-heading"), frame.say("accept-revoked"))
}

fn not_found(frame: &Frame) -> Outcome {
    Outcome::last("not_found", frame.say("accept-not-found-heading"), frame.say("accept-not-found"))
}

/// Whatever the button can lead to.
fn outcomes(frame: &Frame, invitation: &Invitation, account_name: &str, length: &[(&str, &str)]) -> Vec<Outcome> {
    let welcome = frame.text("accept-success-heading", &[("account_name", account_name)]);
    let success = frame.text("accept-success", &[("name", NAME_SLOT), ("email", invitation.email.as_str())]);
    let (text, after_name) = success.split_once(NAME_SLOT).unwrap_or((&success, ""));
    let no_license = frame.text("accept-no-license", &[("inviter_name", &invitation.invited_by_name)]);
    let name_error = frame.text("error-invalid-name", &[("max", &MAX_NAME.to_string())]);
    let mut outcomes = vec![
        Outcome {
            after_name: Some(after_name.to_owned()),
            next: Some(frame.say("accept-success-next")),
            ..Outcome::last("done", welcome, text.to_owned())
        },
        used(frame),
        expired(frame, invitation),
        revoked(frame),
        not_found(frame),
        Outcome {
            heading: Some(frame.say("accept-no-license-heading")),
            ..Outcome::again("no_license_available", no_license)
        },
        Outcome::field("invalid_name", "name", name_error),
        Outcome::field("password_length", "password", frame.text("error-password-length", length)),
        Outcome::field("weak_password", "password", frame.say("error-weak-password")),
    ];
    outcomes.extend(outcome::common(frame));
    outcomes
}
