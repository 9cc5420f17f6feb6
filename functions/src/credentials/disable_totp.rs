//! `DELETE /v1/me/totp`

use domain::Stamp;
use domain::rules::two_factor::disable;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::gate::Gate;
use crate::load::NoQuery;

/// Turns one's own second factor off.
#[derive(Debug)]
pub struct Disable;

/// The password, once more.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    password: String,
}

impl Endpoint for Disable {
    const NAME: &'static str = "totp_disable";
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
        let (gate, credential) = Gate::of_password(context, &caller.user, &input.body.password, stamp.now).await?;
        let mut change = disable(&caller.account, &caller.user, &credential, stamp);
        gate.guard(&caller.user, &mut change);
        Ok(Decision::write(change, Reply::empty()))
    }
}
