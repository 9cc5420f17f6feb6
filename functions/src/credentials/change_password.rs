//! `PUT /v1/me/password`

use domain::Stamp;
use domain::policy::SignIn;
use domain::rules::change_password::change_password;
use edge::input::{Checks, Nothing};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::gate::Gate;
use crate::load::{self, NoQuery};

/// Changes one's own password, and ends every other session.
#[derive(Debug)]
pub struct Change;

/// The password and the next one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    current_password: String,
    /// 10 to 256 characters, not easy to guess.
    new_password: String,
}

impl Endpoint for Change {
    const NAME: &'static str = "me_password";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Body;
    type Answer = Nothing;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let (account, user) = (&caller.account, &caller.user);
        if user.sign_in != SignIn::Password {
            return Err(domain::Refusal::SignInMethodNotAllowed.into());
        }
        context.matches(user.version)?;
        let (gate, credential) = Gate::of_password(context, user, &input.body.current_password, stamp.now).await?;
        let mut checks = Checks::default();
        let password = checks.new_password("new_password", &input.body.new_password, &load::hints(account, user));
        checks.done()?;
        let Some(password) = password else { return Err(Problem::invalid(Vec::new())) };
        let hash = context.scratch.once("hash", || password.hash(stamp.bytes()));
        let mut change = change_password(account, user, &caller.session, &credential, hash, stamp);
        gate.guard(user, &mut change);
        Ok(Decision::write(change, Reply::empty()))
    }
}
