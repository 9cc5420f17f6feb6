//! How somebody is to sign in, as a request says it.

use domain::Stamp;
use domain::identity::Provider;
use domain::policy::SignIn;
use domain::rules::accept::Proof;
use edge::Context;
use edge::input::Checks;

/// What goes with a way to sign in: a password with `password`, none with Google and Microsoft. None when what belongs to
/// it is missing or too much.
pub(crate) fn proof(
    context: &Context,
    checks: &mut Checks,
    sign_in: SignIn,
    password: Option<&str>,
    about_owner: &[&str],
    stamp: &mut Stamp,
) -> Option<Proof> {
    match (Provider::of(sign_in), password) {
        (None, None) => {
            checks.fault("password", "missing_field", "Whoever signs in with a password needs one.");
            None
        }
        (None, Some(password)) => {
            let password = checks.new_password("password", password, about_owner)?;
            Some(Proof::Password(context.scratch.once("hash", || password.hash(stamp.bytes()))))
        }
        (Some(_), Some(_)) => {
            checks.fault("password", "not_allowed", "Whoever signs in with Google or Microsoft has no password here.");
            None
        }
        (Some(provider), None) if !context.config.sso_providers.contains(&provider) => {
            checks.fault("sign_in", "not_available", "This way of signing in is not set up here.");
            None
        }
        (Some(provider), None) => Some(Proof::Provider(provider)),
    }
}
