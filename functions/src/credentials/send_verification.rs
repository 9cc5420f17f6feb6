//! `POST /v1/me/email/verification`

use domain::rules::verify_email::verify_again;
use domain::{Refusal, Stamp};
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::gate::Gate;
use crate::load::NoQuery;

/// Mails a new link to confirm one's address.
#[derive(Debug)]
pub struct Send;

impl Endpoint for Send {
    const NAME: &'static str = "email_verification_send";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = Nothing;

    async fn decide(
        context: &Context,
        _: &Input<NoQuery, NoQuery, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let email = caller.user.email.as_ref().ok_or(Refusal::UserHasNoEmail)?;
        if !caller.user.email_verified && !context.dry_run {
            let id = caller.user.id.to_string();
            Gate::of_mail(context, &["confirmation", &id, email.as_str()], stamp.now).await?;
        }
        Ok(Decision::write(verify_again(&caller.account, &caller.user, stamp), Reply::empty()))
    }
}
