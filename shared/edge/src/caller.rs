//! Who asks.

use domain::account::Account;
use domain::role::Permission;
use domain::rules::two_factor::must_set_up;
use domain::secret::Secret;
use domain::session::Session;
use domain::user::User;
use domain::{Instant, Refusal};
use store::{Store, StoreError};

use crate::problem::Problem;

/// A signed-in user, as of this request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The user.
    pub user: User,
    /// The user's account; its policy may be a moment old.
    pub account: Account,
    /// The device.
    pub session: Session,
}

impl Caller {
    /// Whoever holds this token, if the session is alive now: the session and the user are read as they are, so that a
    /// deactivation or a reset counts from the next request on.
    pub async fn load(store: &Store, token: &Secret, now: Instant) -> Result<Option<Self>, StoreError> {
        let Some(session) = store.session(&token.digest()).await? else { return Ok(None) };
        let (user, account) = tokio::try_join!(
            store.user(session.account_id, session.user_id),
            store.recent_account(session.account_id)
        )?;
        let account = match account {
            Some(account) => Some(account),
            // An account of this very moment may be missing from a read that is not consistent.
            None => store.account(session.account_id).await?,
        };
        let (Some(user), Some(account)) = (user, account) else { return Ok(None) };
        Ok(session.is_alive(&user, &account.policy, now).then_some(Self { user, account, session }))
    }

    /// Fails while the policy demands a second factor that the caller has not set up.
    pub fn is_set_up(&self) -> Result<(), Problem> {
        if must_set_up(&self.account, &self.user) { Err(Refusal::TwoFactorSetupRequired.into()) } else { Ok(()) }
    }

    /// Fails unless the caller holds the permission.
    pub fn needs(&self, permission: Permission) -> Result<(), Problem> {
        if self.user.permissions.contains(&permission) { Ok(()) } else { Err(Problem::forbidden(permission)) }
    }
}
