//! What the world gives a rule: the time, who asks, fresh ids and secrets.

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};
use serde::{Deserialize, Serialize};
use type_safe_id::StaticType;
use uuid::Builder;

use crate::Instant;
use crate::id::{AccountId, Id, UserId};
use crate::secret::Secret;

/// Who causes a change, for the audit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The user who asks; none for the public and for the worker.
    pub actor: Option<UserId>,
    /// For whom the actor acts, where he came through a switched session (P6).
    pub acting_for: Option<ActingFor>,
    /// The source address.
    pub ip: Option<String>,
}

/// A partner's user acts for a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActingFor {
    /// The customer.
    pub customer: AccountId,
    /// The partner: the actor's own account.
    pub partner: AccountId,
}

/// The time, the origin, and a source of ids and secrets: everything that a rule may not fetch by itself.
///
/// The same time and seed give the same ids, so a rule with a stamp is a function.
#[derive(Debug)]
pub struct Stamp {
    /// The moment of the decision.
    pub now: Instant,
    /// Who asks.
    pub origin: Origin,
    rng: ChaCha20Rng,
}

impl Stamp {
    /// A stamp for one decision; the seed must be fresh from the operating system for each.
    pub fn new(now: Instant, seed: [u8; 32], origin: Origin) -> Self {
        let millis = now.timestamp_millis();
        let now = Instant::from_timestamp_millis(millis).unwrap_or(now);
        Self { now, origin, rng: ChaCha20Rng::from_seed(seed) }
    }

    /// A fresh id.
    pub fn id<K: StaticType>(&mut self) -> Id<K> {
        let mut bytes = [0; 10];
        self.rng.fill_bytes(&mut bytes);
        let millis = u64::try_from(self.now.timestamp_millis()).unwrap_or_default();
        Id::from_uuid(Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid())
    }

    /// A fresh secret of 256 bits.
    pub fn secret(&mut self) -> Secret {
        Secret::from_bytes(self.bytes())
    }

    /// Fresh lower-case letters and digits that people do not confuse: five random bits each.
    pub fn readable<const N: usize>(&mut self) -> String {
        const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        self.bytes::<N>().iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
    }

    /// Fresh random bytes, for salts.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }
}
