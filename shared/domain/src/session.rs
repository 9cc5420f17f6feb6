//! Sessions: opaque, revocable at once.

use chrono::Duration;
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::account::Account;
use crate::id::{AccountId, SessionId, UserId};
use crate::policy::Policy;
use crate::secret::{Secret, SecretDigest};
use crate::stamp::Stamp;
use crate::user::{User, UserStatus};

/// Where somebody came from who is in a customer's account (P6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Home {
    /// His own account, the partner's.
    pub account_id: AccountId,
    /// The session that he switched from: this one ends with it.
    pub session: SecretDigest,
}

/// A signed-in device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Who is signed in.
    pub user_id: UserId,
    /// In which account.
    pub account_id: AccountId,
    /// Where its user came from, if that account is a customer's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<Home>,
    /// What is kept of its token.
    pub digest: SecretDigest,
    /// The user's epoch when it was made: once the user's has moved on, the session is over.
    pub epoch: u32,
    /// How long it lives without use, as the policy was when it was made: a longer policy revives nobody.
    pub ttl_hours: u32,
    /// What the device calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last used, to a quarter of an hour.
    pub last_active_at: Instant,
}

impl Session {
    /// A session for a user who has just proved himself, and the token that goes to the device.
    pub fn open(user: &User, policy: &Policy, user_agent: Option<&str>, stamp: &mut Stamp) -> (Self, Secret) {
        let token = stamp.secret();
        let session = Self {
            id: stamp.id(),
            user_id: user.id,
            account_id: user.account_id,
            home: None,
            digest: token.digest(),
            epoch: user.session_epoch,
            ttl_hours: policy.sessions.ttl_hours,
            user_agent: user_agent.map(|agent| agent.chars().filter(|c| !c.is_control()).take(200).collect()),
            created_at: stamp.now,
            last_active_at: stamp.now,
        };
        (session, token)
    }

    /// A session of the same user in a customer's account. It lives as long as both policies allow, on the same device.
    pub fn switched(&self, user: &User, customer: &Account, stamp: &mut Stamp) -> (Self, Secret) {
        let (session, token) = Self::open(user, &customer.policy, self.user_agent.as_deref(), stamp);
        let home = Home { account_id: user.account_id, session: self.digest.clone() };
        let ttl_hours = session.ttl_hours.min(self.ttl_hours);
        (Self { account_id: customer.id, home: Some(home), ttl_hours, ..session }, token)
    }

    /// The account whose user it is: of a switched one the partner.
    pub fn home_account(&self) -> AccountId {
        self.home.as_ref().map_or(self.account_id, |home| home.account_id)
    }

    /// The customer in whose account a switched one is.
    pub fn acting_for(&self) -> Option<AccountId> {
        self.home.as_ref().map(|_| self.account_id)
    }

    /// The first moment at which it is over, unless it is used before.
    pub fn expires_at(&self, policy: &Policy) -> Instant {
        self.last_active_at + Duration::hours(self.ttl_hours.min(policy.sessions.ttl_hours).into())
    }

    /// Whether it still speaks for its user: not unused for too long, of the user's epoch, the user active.
    pub fn is_alive(&self, user: &User, policy: &Policy, now: Instant) -> bool {
        user.status == UserStatus::Active && self.epoch == user.session_epoch && now < self.expires_at(policy)
    }

    /// Whether its use is worth a write: the last note of it is a quarter of an hour, or a tenth of its life, old.
    pub fn is_worth_noting(&self, policy: &Policy, now: Instant) -> bool {
        let tenth = Duration::minutes(i64::from(self.ttl_hours.min(policy.sessions.ttl_hours)) * 6);
        now - self.last_active_at >= tenth.min(Duration::minutes(15))
    }
}
