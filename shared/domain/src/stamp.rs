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

    /// A fresh id that holds a number of at most 42 bits, in the place that RFC 9562 gives to counters: what is kept by its
    /// number is found by its id too. 32 bits stay random.
    pub fn numbered_id<K: StaticType>(&mut self, number: i64) -> Id<K> {
        let number = u64::try_from(number).unwrap_or_default();
        let mut bytes = [0; 10];
        bytes[..2].copy_from_slice(&(((number >> 30) & 0xfff) as u16).to_be_bytes());
        bytes[2..6].copy_from_slice(&((number & 0x3fff_ffff) as u32).to_be_bytes());
        bytes[6..].copy_from_slice(&self.bytes::<4>());
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::id::InvoiceId;

    #[test]
    fn an_id_holds_its_number() {
        let stamp = |seed| Stamp::new("2026-02-01T10:00:00.500Z".parse().unwrap(), [seed; 32], Origin::default());
        for number in [0, 1, 2, 4_095, (1 << 30) - 1, 1 << 30, (1 << 42) - 1] {
            let id: InvoiceId = stamp(1).numbered_id(number);
            assert_eq!((id.number(), id.made_at()), (number, stamp(1).now));
            assert_eq!(id.to_string().parse::<InvoiceId>().unwrap().number(), number);
            assert_ne!(id, stamp(2).numbered_id(number));
        }
        // Of the same moment, what has the greater number is the later one.
        assert!(stamp(9).numbered_id::<crate::id::InvoiceKind>(1) < stamp(1).numbered_id(2));
    }
}
