//! `GET /accept-invitation`

use askama::Template;
use domain::account::Account;
use domain::identity::Provider;
use domain::invitation::Invitation;
use domain::password::{MAX_CHARS, MIN_CHARS};
use domain::policy::SignIn;
use domain::rules::accept::acceptable;
use domain::{Refusal, Stamp};
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::{self, NoQuery};
use crate::pages::forgot_password;
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
            Ok(()) => open(frame, &invitation, &account.name, &offered(context, &account))?,
            Err(refusal) => closed(frame, &invitation, &account.name, &refusal)?,
        }))
    }
}

/// The ways to sign in that whoever accepts can choose from: those that the account allows and that are set up here.
pub(crate) fn offered(context: &Context, account: &Account) -> Vec<SignIn> {
    let set_up =
        |method: &SignIn| Provider::of(*method).is_none_or(|provider| context.config.sso_providers.contains(&provider));
    account.policy.sign_in_methods.0.iter().copied().filter(set_up).collect()
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
    /// Whether a password is a way to sign in.
    password: bool,
    min_password: usize,
    max_password: usize,
    hint: String,
    /// Who else may vouch for the invitee.
    providers: Vec<Provider>,
    expires: Option<String>,
    outcomes: Vec<Outcome>,
}

/// The page of an invitation that can be accepted, with these ways to sign in to choose from.
pub(crate) fn open(
    frame: Frame,
    invitation: &Invitation,
    account_name: &str,
    methods: &[SignIn],
) -> Result<Reply, Problem> {
    if methods.is_empty() {
        let outcome = no_way(&frame, invitation);
        return outcome::ending(frame, outcome);
    }
    let account = ("account_name", account_name);
    let inviter = ("inviter_name", invitation.invited_by_name.as_str());
    let email = invitation.email.as_str();
    let title = frame.text("accept-title", &[account]);
    frame::acts(&Open {
        heading: frame.text("accept-heading", &[account]),
        invited: frame.text("accept-invited", &[inviter, account, ("type", invitation.user_type.name())]),
        address: frame.text("accept-address", &[("email", email)]),
        email,
        max_name: MAX_NAME,
        password: methods.contains(&SignIn::Password),
        min_password: MIN_CHARS,
        max_password: MAX_CHARS,
        hint: of_length(&frame, "password-hint"),
        providers: methods.iter().copied().filter_map(Provider::of).collect(),
        expires: invitation
            .expires_at
            .map(|at| frame.text("accept-expires", &[("expires_at", &i18n::date_time(frame.locale, at))])),
        outcomes: outcomes(&frame, invitation, account_name, methods),
        frame: frame.titled(title),
    })
}

/// The page of an invitation that cannot be accepted any more.
pub(crate) fn closed(
    frame: Frame,
    invitation: &Invitation,
    account_name: &str,
    refusal: &Refusal,
) -> Result<Reply, Problem> {
    let outcome = match refusal {
        Refusal::InvitationUsed => used(&frame, invitation, account_name),
        Refusal::InvitationExpired => expired(&frame, invitation, account_name),
        _ => revoked(&frame, invitation, account_name),
    };
    outcome::ending(frame, outcome)
}

/// The page of a link that leads to nothing.
pub(crate) fn absent(frame: Frame) -> Result<Reply, Problem> {
    let outcome = not_found(&frame);
    outcome::ending(frame, outcome)
}

/// Whoever holds the link knows the names from the mail.
fn names<'a>(invitation: &'a Invitation, account_name: &'a str) -> [(&'static str, &'a str); 2] {
    [("inviter_name", &invitation.invited_by_name), ("account_name", account_name)]
}

fn used(frame: &Frame, invitation: &Invitation, account_name: &str) -> Outcome {
    let text = frame.text("accept-used", &names(invitation, account_name));
    Outcome {
        next: Some(frame.say("accept-used-next")),
        link: Some(forgot_password::new_link(frame)),
        ..Outcome::last("invitation_used", frame.say("accept-used-heading"), text)
    }
}

fn expired(frame: &Frame, invitation: &Invitation, account_name: &str) -> Outcome {
    let text = frame.text("accept-expired", &names(invitation, account_name));
    Outcome::last("invitation_expired", frame.say("accept-expired-heading"), text)
}

fn revoked(frame: &Frame, invitation: &Invitation, account_name: &str) -> Outcome {
    Outcome {
        next: Some(frame.text("accept-revoked-next", &names(invitation, account_name))),
        ..Outcome::last("invitation_revoked", frame.say("accept-revoked-heading"), frame.say("accept-revoked"))
    }
}

fn not_found(frame: &Frame) -> Outcome {
    Outcome {
        next: Some(frame.say("accept-not-found-next")),
        ..Outcome::last("not_found", frame.say("accept-not-found-heading"), frame.say("accept-not-found"))
    }
}

/// Where all ways to sign in that the account allows are missing here.
fn no_way(frame: &Frame, invitation: &Invitation) -> Outcome {
    let text = frame.text("accept-no-way", &[("inviter_name", &invitation.invited_by_name)]);
    Outcome::last("sign_in_method_not_allowed", frame.say("accept-no-way-heading"), text)
}

/// A sentence about how long a password is.
fn of_length(frame: &Frame, key: &str) -> String {
    frame.text(key, &[("min", &MIN_CHARS.to_string()), ("max", &MAX_CHARS.to_string())])
}

/// Whatever the buttons can lead to.
fn outcomes(frame: &Frame, invitation: &Invitation, account_name: &str, methods: &[SignIn]) -> Vec<Outcome> {
    let inviter = ("inviter_name", invitation.invited_by_name.as_str());
    let name_error = frame.text("error-invalid-name", &[("max", &MAX_NAME.to_string())]);
    let mut outcomes: Vec<_> =
        methods.iter().map(|method| done(frame, invitation, account_name, Provider::of(*method))).collect();
    outcomes.extend([
        used(frame, invitation, account_name),
        expired(frame, invitation, account_name),
        revoked(frame, invitation, account_name),
        not_found(frame),
        Outcome {
            heading: Some(frame.say("accept-no-license-heading")),
            ..Outcome::again("no_license_available", frame.text("accept-no-license", &[inviter]))
        },
        Outcome {
            heading: Some(frame.say("accept-not-allowed-heading")),
            ..Outcome::again("sign_in_method_not_allowed", frame.text("accept-not-allowed", &[inviter]))
        },
        Outcome::field("invalid_name", "name", name_error),
    ]);
    if methods.contains(&SignIn::Password) {
        outcomes.extend([
            Outcome::field("password_length", "password", of_length(frame, "error-password-length")),
            Outcome::field("weak_password", "password", frame.say("error-weak-password")),
        ]);
    }
    outcomes.extend(outcome::common(frame));
    outcomes
}

/// The welcome: to whoever has chosen a password, or is to confirm by mail who he is at a provider.
fn done(frame: &Frame, invitation: &Invitation, account_name: &str, provider: Option<Provider>) -> Outcome {
    let welcome = frame.text("accept-success-heading", &[("account_name", account_name)]);
    let email = ("email", invitation.email.as_str());
    let Some(provider) = provider else {
        let success = frame.text("accept-success", &[("name", NAME_SLOT), email]);
        let (text, after_name) = success.split_once(NAME_SLOT).unwrap_or((&success, ""));
        return Outcome {
            after_name: Some(after_name.to_owned()),
            next: Some(frame.say("accept-success-next")),
            ..Outcome::last("done", welcome, text.to_owned())
        };
    };
    let code = match provider {
        Provider::Google => "done_google",
        Provider::Microsoft => "done_microsoft",
    };
    let label = ("provider", provider.label());
    Outcome {
        next: Some(frame.text("accept-provider-next", &[label])),
        ..Outcome::last(code, welcome, frame.text("accept-provider-success", &[email, label]))
    }
}
