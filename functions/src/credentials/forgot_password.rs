//! `POST /v1/password/forgot`

use domain::Stamp;
use domain::rules::forgot_password::forgot_password;
use edge::input::{Checks, Nothing};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::gate::Gate;
use crate::holders;
use crate::load::NoQuery;

/// Mails a link to choose a new password, to the address that is kept (R9). The answer is the same for everybody.
#[derive(Debug)]
pub struct Forgot;

/// Who forgot: one address.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The account's slug; without it every account of that address gets a link of its own.
    account: Option<String>,
    email: String,
}

impl Endpoint for Forgot {
    const NAME: &'static str = "password_forgot";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Body;
    type Answer = Nothing;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let mut checks = Checks::default();
        let email = checks.email("email", &input.body.email);
        checks.done()?;
        let Some(email) = email else { return Err(Problem::invalid(Vec::new())) };
        let slug = input.body.account.as_deref().unwrap_or_default();
        Gate::of_mail(context, &["password", slug, email.as_str()], stamp.now).await?;
        let mut change = None;
        for holder in holders::of_login(context, input.body.account.as_deref(), email.as_str()).await? {
            let found = holders::person(context, holder).await?;
            let found = found.as_ref().map(|person| (&person.account, &person.user, &person.credential));
            let one = forgot_password(found, stamp);
            match &mut change {
                None => change = Some(one),
                Some(change) => change.join(one),
            }
        }
        Ok(Decision { change, ..Decision::read(Reply::empty()) })
    }
}
