//! Who asks.

use domain::account::Account;
use domain::customers::{acting, may_enter};
use domain::role::Permission;
use domain::rules::two_factor::must_set_up;
use domain::secret::Secret;
use domain::session::{Home, Session};
use domain::stamp::ActingFor;
use domain::user::User;
use domain::{Instant, Refusal};
use store::{Store, StoreError};

use crate::catalogue::{Access, Action};
use crate::problem::Problem;

/// A signed-in user, as of this request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The user as he acts: in a customer's account under his own rights, signed with the partner's name.
    pub user: User,
    /// The account that he acts in: his own, or a customer's. Its policy may be a moment old.
    pub account: Account,
    /// The device.
    pub session: Session,
    /// Where he came from, if that account is a customer's (P6).
    pub home: Option<Box<AtHome>>,
}

/// Somebody who is in a customer's account, as he is in his own.
#[derive(Clone, Debug)]
pub struct AtHome {
    /// The user.
    pub user: User,
    /// The partner's account.
    pub account: Account,
    /// The session that he switched from.
    pub session: Session,
}

impl Caller {
    /// Whoever holds this token, if the session is alive now: the session and the user are read as they are, so that a
    /// deactivation or a reset counts from the next request on.
    pub async fn load(store: &Store, token: &Secret, now: Instant) -> Result<Option<Self>, StoreError> {
        let Some(session) = store.session(&token.digest()).await? else { return Ok(None) };
        if let Some(home) = session.home.clone() {
            // Seldom the case, and larger than all else that a request keeps.
            return Box::pin(Self::load_acting(store, session, &home, now)).await;
        }
        let (user, account) =
            tokio::try_join!(store.user(session.account_id, session.user_id), account(store, &session))?;
        let (Some(user), Some(account)) = (user, account) else { return Ok(None) };
        let alive = session.is_alive(&user, &account.policy, now);
        Ok(alive.then_some(Self { user, account, session, home: None }))
    }

    /// Whoever holds a session in a customer's account. It is over with the one that it comes from, with the user, and with
    /// the access: all of them are read as they are.
    async fn load_acting(
        store: &Store,
        session: Session,
        home: &Home,
        now: Instant,
    ) -> Result<Option<Self>, StoreError> {
        let Some(origin) = store.session(&home.session).await? else { return Ok(None) };
        let (user, own, account) = tokio::try_join!(
            store.user(home.account_id, session.user_id),
            account(store, &origin),
            account(store, &session)
        )?;
        let (Some(user), Some(own), Some(account)) = (user, own, account) else { return Ok(None) };
        let reach = store.reach(&user).await?;
        let alive = origin.user_id == user.id
            && origin.account_id == user.account_id
            && origin.is_alive(&user, &own.policy, now)
            && session.is_alive(&user, &account.policy, now)
            && may_enter(&user, &reach, &account);
        let acting = acting(&user, &own);
        let home = Some(Box::new(AtHome { user, account: own, session: origin }));
        Ok(alive.then_some(Self { user: acting, account, session, home }))
    }

    /// The user as he is in his own account, and that account: what is somebody's own is there, wherever he acts.
    pub fn own(&self) -> (&User, &Account) {
        self.home.as_ref().map_or((&self.user, &self.account), |home| (&home.user, &home.account))
    }

    /// For whom the caller acts, if he is in a customer's account.
    pub fn acting_for(&self) -> Option<ActingFor> {
        let partner = self.home.as_ref()?.account.id;
        Some(ActingFor { customer: self.account.id, partner })
    }

    /// Fails unless the caller may call an action: the customer's own is closed to whoever acts for it (P1), a permission
    /// may be needed, and a second factor where the policy demands one. In a customer's account both policies count.
    pub fn admits(&self, action: &Action) -> Result<(), Problem> {
        if self.home.is_some() && action.is_closed_to_partners() {
            return Err(Refusal::NotWhileActingFor.into());
        }
        if let Access::Needs(permission) = action.access {
            self.needs(permission)?;
        }
        if let Access::SignedIn | Access::Needs(_) = action.access {
            self.is_set_up()?;
        }
        Ok(())
    }

    /// Fails while a policy demands a second factor that the caller has not set up.
    fn is_set_up(&self) -> Result<(), Problem> {
        let missing = |account| must_set_up(account, &self.user);
        if missing(&self.account) || self.home.as_ref().is_some_and(|home| missing(&home.account)) {
            return Err(Refusal::TwoFactorSetupRequired.into());
        }
        Ok(())
    }

    /// Fails unless the caller holds the permission.
    pub fn needs(&self, permission: Permission) -> Result<(), Problem> {
        if self.user.permissions.contains(&permission) { Ok(()) } else { Err(Problem::forbidden(permission)) }
    }
}

/// The account that a session is in. One of this very moment may be missing from a read that is not consistent.
async fn account(store: &Store, session: &Session) -> Result<Option<Account>, StoreError> {
    match store.recent_account(session.account_id).await? {
        Some(account) => Ok(Some(account)),
        None => store.account(session.account_id).await,
    }
}
