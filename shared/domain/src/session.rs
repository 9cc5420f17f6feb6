//! Sessions: opaque, revocable at once.

use chrono::Duration;
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::id::{AccountId, SessionId, UserId};
use crate::policy::Policy;
use crate::secret::{Secret, SecretDigest};
use crate::stamp::Stamp;
use crate::user::{User, UserStatus};

/// A signed-in device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Who is signed in.
    pub user_id: UserId,
    /// In which account.
    pub account_id: AccountId,
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
            digest: token.digest(),
            epoch: user.session_epoch,
            ttl_hours: policy.sessions.ttl_hours,
            user_agent: user_agent.map(|agent| agent.chars().filter(|c| !c.is_control()).take(200).collect()),
            created_at: stamp.now,
            last_active_at: stamp.now,
        };
        (session, token)
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
