//! `POST /v1/me/totp/confirm`

use domain::rules::two_factor::{confirm, pending};
use domain::totp::RecoveryCode;
use domain::{Refusal, Stamp};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::gate::Gate;
use crate::load::{self, NoQuery};
use crate::second_factor;

/// Turns the second factor on.
#[derive(Debug)]
pub struct Confirm;

/// The app's first code.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Six digits.
    code: String,
}

/// What helps when the app is lost: each counts once. Shown this once.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RecoveryCodes {
    recovery_codes: Vec<String>,
}

impl Endpoint for Confirm {
    const NAME: &'static str = "totp_confirm";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Body;
    type Answer = RecoveryCodes;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let user = &caller.user;
        let credential = load::credential(context, user).await?;
        let waiting = pending(&credential, stamp)?;
        let gate = Gate::of_user(context, user, stamp.now).await?;
        let secret = second_factor::unlock(context, user, &waiting.locked).await?;
        let (codes, mut change) = match confirm(&caller.account, user, &credential, &secret, &input.body.code, stamp) {
            Err(Refusal::InvalidCode) => return Err(gate.failed(Refusal::InvalidCode).await),
            confirmed => confirmed?,
        };
        gate.guard(user, &mut change);
        let recovery_codes = codes.iter().map(RecoveryCode::shown).collect();
        Ok(Decision::write(change, Reply::json(&RecoveryCodes { recovery_codes })?))
    }
}
