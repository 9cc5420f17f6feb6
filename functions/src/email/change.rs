//! `POST /v1/me/email`

use domain::Stamp;
use domain::policy::SignIn;
use domain::rules::request_email::{is_fresh, request_own};
use edge::input::Checks;
use edge::views::RequestedEmailChange;
use edge::{Caller, Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::email::{self, Found};
use crate::gate::Gate;
use crate::load::NoQuery;

/// Asks for another address of one's own (P2).
#[derive(Debug)]
pub struct Change;

/// The address to be, and the password once more.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    email: String,
    /// Needed; but whoever signs in with Google or Microsoft has none, and has signed in within fifteen minutes instead.
    password: Option<String>,
}

impl Endpoint for Change {
    const NAME: &'static str = "me_email_change";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Body;
    type Answer = RequestedEmailChange;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = email::oneself(context)?;
        let user = &caller.user;
        let mut checks = Checks::default();
        let address = checks.email("email", &input.body.email);
        match (user.sign_in, &input.body.password) {
            (SignIn::Password, None) => checks.fault("password", "missing_field", "This field is needed."),
            (SignIn::Google | SignIn::Microsoft, Some(_)) => {
                let detail = "Whoever signs in with Google or Microsoft has no password here.";
                checks.fault("password", "not_allowed", detail);
            }
            _ => {}
        }
        checks.done()?;
        let Some(address) = address else { return Err(Problem::invalid(Vec::new())) };
        context.matches(user.version)?;
        let gate = proven(context, caller, input.body.password.as_deref(), stamp).await?;
        let found = Found::of(context, user, Some(&address)).await?;
        let (now, mut change) = request_own(&caller.account, user, &address, found.standing(), stamp)?;
        if let Some(gate) = gate {
            gate.guard(user, &mut change);
        }
        if !context.dry_run {
            Gate::of_mail(context, &["change of address", &user.id.to_string()], stamp.now).await?;
        }
        Ok(Decision::write(change, Reply::json(&RequestedEmailChange::of(&now, stamp.now))?))
    }
}

/// That it is the user himself: by the password, and the gate to guard the change by; or by a sign-in of this moment.
async fn proven<'a>(
    context: &'a Context,
    caller: &Caller,
    password: Option<&str>,
    stamp: &Stamp,
) -> Result<Option<Gate<'a>>, Problem> {
    let Some(password) = password else {
        is_fresh(&caller.session, stamp.now)?;
        return Ok(None);
    };
    let (gate, _) = Gate::of_password(context, &caller.user, password, stamp.now).await?;
    Ok(Some(gate))
}
