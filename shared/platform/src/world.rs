//! Time and entropy: the one place that makes a [`Stamp`].

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{TimeDelta, Utc};
use domain::stamp::Origin;
use domain::{Instant, Stamp};

/// The clock and the randomness of a process. Clones share a clock.
#[derive(Clone, Debug, Default)]
pub struct World {
    offset_ms: Arc<AtomicI64>,
}

impl World {
    /// The moment it is: the system's time and whatever the clock was moved by.
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    pub fn now(&self) -> Instant {
        let now = Utc::now() + TimeDelta::milliseconds(self.offset_ms());
        Instant::from_timestamp_millis(now.timestamp_millis()).unwrap_or(now)
    }

    /// What the clock was moved by, in milliseconds. Only the local cloud moves it.
    pub fn offset_ms(&self) -> i64 {
        self.offset_ms.load(Ordering::Relaxed)
    }

    /// Moves the clock to so many milliseconds from the system's time.
    pub fn set_offset_ms(&self, offset_ms: i64) {
        self.offset_ms.store(offset_ms, Ordering::Relaxed);
    }

    /// A stamp for one decision.
    pub fn stamp(&self, origin: Origin) -> Stamp {
        Stamp::new(self.now(), self.random(), origin)
    }

    /// Fresh random bytes from the operating system.
    ///
    /// # Panics
    /// When the operating system has no randomness: nothing here can go on safely without.
    #[allow(clippy::disallowed_methods, clippy::expect_used, reason = "the one place that draws randomness")]
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        getrandom::fill(&mut bytes).expect("the operating system gives randomness");
        bytes
    }
}
