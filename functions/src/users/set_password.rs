//! `PUT /v1/users/{id}/password`

use domain::Stamp;
use domain::rules::admin_password::{may_reset, set_by_hand};
use edge::input::{Checks, Nothing};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::load::{self, NoQuery, UserPath};

/// Sets a user's password by hand, and ends every session; no mail tells of it (R8).
#[derive(Debug)]
pub struct Set;

/// The new password.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// 10 to 256 characters, not easy to guess.
    password: String,
}

impl Endpoint for Set {
    const NAME: &'static str = "users_set_password";
    type Path = UserPath;
    type Query = NoQuery;
    type Body = Body;
    type Answer = Nothing;

    async fn decide(
        context: &Context,
        input: &Input<UserPath, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let (user, credential) = load::user_with_credential(context, caller, input.path.id).await?;
        may_reset(&caller.user, &user)?;
        context.matches(user.version)?;
        let mut checks = Checks::default();
        let password = checks.new_password("password", &input.body.password, &load::hints(&caller.account, &user));
        checks.done()?;
        let Some(password) = password else { return Err(Problem::invalid(Vec::new())) };
        let hash = context.scratch.once("hash", || password.hash(stamp.bytes()));
        let change = set_by_hand(&caller.account, &caller.user, &user, credential.as_ref(), hash, stamp)?;
        Ok(Decision::write(change, Reply::empty()))
    }
}
