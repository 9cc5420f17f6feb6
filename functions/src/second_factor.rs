//! How a second factor's secret is locked away and taken out again.

use domain::Stamp;
use domain::totp::{SecondFactor, TotpSecret};
use domain::user::User;
use edge::{Context, Problem};
use platform::vault::VaultError;

/// What the secret is bound to: taken to another user's record, it does not open.
fn purpose(user: &User) -> String {
    format!("totp {} {}", user.account_id, user.id)
}

/// Locks a secret away.
pub(crate) async fn lock(context: &Context, user: &User, secret: &TotpSecret) -> Result<String, Problem> {
    let nonce = context.world.random();
    context.vault.lock(&purpose(user), secret.bytes(), nonce).await.map_err(problem)
}

/// Takes a secret out.
pub(crate) async fn unlock(context: &Context, user: &User, locked: &str) -> Result<TotpSecret, Problem> {
    let bytes = context.vault.unlock(&purpose(user), locked).await.map_err(problem)?;
    TotpSecret::from_bytes(&bytes).ok_or_else(|| Problem::internal("a second factor's secret has another length"))
}

/// The factor after a code was taken: a recovery code, or the app's. None for a wrong code.
pub(crate) async fn taken(
    context: &Context,
    user: &User,
    factor: &SecondFactor,
    code: &str,
    stamp: &Stamp,
) -> Result<Option<SecondFactor>, Problem> {
    match factor.recovered(code) {
        Some(recovered) => Ok(Some(recovered)),
        None => Ok(factor.taken(&unlock(context, user, &factor.locked).await?, code, stamp.now)),
    }
}

fn problem(error: VaultError) -> Problem {
    match error {
        VaultError::Unavailable(cause) => Problem::unavailable(cause),
        VaultError::Broken(cause) => Problem::internal(cause),
    }
}
