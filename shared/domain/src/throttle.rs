//! Limits of guessing: failures are tallied, and from some number on each costs a pause that doubles.
//!
//! A tally is a leaky bucket: each failure adds one, and one leaks away per [`Limit::leak`]. No pause is longer than
//! [`Limit::longest`], so nobody is kept out for ever; and whoever got in from a source before is tallied apart from
//! strangers ([`Tally::trusts`]), so that their failures never keep him out at all.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::Instant;

/// How many failures are free, and what each further one costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// So many failures may be outstanding before a pause.
    pub free: u32,
    /// One failure is forgotten per this time.
    pub leak: TimeDelta,
    /// The first pause; each further failure doubles it.
    pub first: TimeDelta,
    /// The longest pause.
    pub longest: TimeDelta,
}

/// Of a login from one source, or of a login from all sources that it never came from before.
pub const LOGIN: Limit =
    Limit { free: 10, leak: TimeDelta::minutes(6), first: TimeDelta::seconds(30), longest: TimeDelta::minutes(15) };

/// Of a source address, behind which a whole company may sit: thirty times a login's.
pub const SOURCE: Limit =
    Limit { free: 300, leak: TimeDelta::seconds(10), first: TimeDelta::seconds(10), longest: TimeDelta::minutes(5) };

/// Of tokens that nobody was mailed, from one source.
pub const TOKENS: Limit = Limit { free: 100, ..SOURCE };

/// Of mails that anybody can cause to one address.
pub const MAILS: Limit =
    Limit { free: 5, leak: TimeDelta::minutes(12), first: TimeDelta::minutes(5), longest: TimeDelta::hours(1) };

/// For how long a source is remembered from which somebody got in.
pub const TRUST: TimeDelta = TimeDelta::days(30);

/// The failures of somebody, kept under a keyed hash of who that is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Who: a keyed hash, so that the table tells neither logins nor addresses.
    pub digest: String,
    /// When all failures are forgotten, in milliseconds of the Unix epoch.
    pub clears_at_ms: i64,
    /// The last failure, in milliseconds of the Unix epoch.
    pub failed_at_ms: i64,
    /// Until when it is remembered that somebody got in here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trusted_until: Option<Instant>,
    /// Counts the changes, from 1.
    pub version: u64,
}

impl Tally {
    /// The tally of a login that has just got in: no failures, and trust.
    pub fn trusted(digest: &str, before: Option<&Self>, now: Instant) -> Self {
        Self {
            digest: digest.to_owned(),
            clears_at_ms: 0,
            failed_at_ms: 0,
            trusted_until: Some(now + TRUST),
            version: before.map_or(1, |before| before.version + 1),
        }
    }

    /// Whether somebody got in here lately.
    pub fn trusts(&self, now: Instant) -> bool {
        self.trusted_until.is_some_and(|until| now < until)
    }

    /// Whether a success is worth a write: there are failures to forget, or the trust is more than a day old.
    pub fn is_worth_renewing(&self, now: Instant) -> bool {
        self.clears_at_ms != 0 || self.trusted_until.is_none_or(|until| until - now < TRUST - TimeDelta::days(1))
    }

    /// How long to wait before the next try; none when it may be now. The moment at which the pause ends is outside it.
    pub fn wait(&self, limit: &Limit, now: Instant) -> Option<TimeDelta> {
        let outstanding = TimeDelta::milliseconds(self.clears_at_ms - self.failed_at_ms);
        let leak = limit.leak.num_milliseconds().max(1);
        let level = (outstanding.num_milliseconds() + leak - 1).div_euclid(leak);
        let doublings = u32::try_from(level - i64::from(limit.free)).ok()?;
        let pause = limit.first.checked_mul(1 << doublings.min(20)).unwrap_or(limit.longest).min(limit.longest);
        let left = self.failed_at_ms + pause.num_milliseconds() - now.timestamp_millis();
        (left > 0).then(|| TimeDelta::milliseconds(left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::at;

    /// A failure, as the table counts it.
    fn fail(tally: &mut Tally, limit: &Limit, now: Instant) {
        let now = now.timestamp_millis();
        tally.clears_at_ms = tally.clears_at_ms.max(now) + limit.leak.num_milliseconds();
        tally.failed_at_ms = now;
        tally.version += 1;
    }

    fn none() -> Tally {
        Tally { digest: String::new(), clears_at_ms: 0, failed_at_ms: 0, trusted_until: None, version: 1 }
    }

    #[test]
    fn pauses_begin_after_the_free_failures_double_and_end() {
        let now = at("2026-02-01T10:00:00Z");
        let mut tally = none();
        for (failure, seconds) in
            [(1, 0), (9, 0), (10, 30), (11, 60), (12, 120), (13, 240), (14, 480), (15, 900), (16, 900), (90, 900)]
        {
            let mut tally = none();
            for _ in 0..failure {
                fail(&mut tally, &LOGIN, now);
            }
            let wait = tally.wait(&LOGIN, now).map_or(0, |wait| wait.num_seconds());
            assert_eq!(wait, seconds, "{failure}");
        }
        for _ in 0..10 {
            fail(&mut tally, &LOGIN, now);
        }
        assert_eq!(tally.wait(&LOGIN, now + TimeDelta::milliseconds(29_999)), Some(TimeDelta::milliseconds(1)));
        assert_eq!(tally.wait(&LOGIN, now + TimeDelta::seconds(30)), None);
    }

    #[test]
    fn failures_leak_away() {
        let mut now = at("2026-02-01T10:00:00Z");
        let mut tally = none();
        for _ in 0..500 {
            fail(&mut tally, &LOGIN, now);
            assert_eq!(tally.wait(&LOGIN, now), None, "one failure per leak is free for ever");
            now += LOGIN.leak;
        }
    }

    #[test]
    fn whoever_goes_on_guessing_gets_a_few_tries_an_hour() {
        let start = at("2026-02-01T10:00:00Z");
        let mut now = start;
        let mut tally = none();
        let mut tries = 0;
        while now - start < TimeDelta::days(1) {
            fail(&mut tally, &LOGIN, now);
            tries += 1;
            now += tally.wait(&LOGIN, now).unwrap_or_default();
        }
        assert!((100..300).contains(&tries), "{tries}");
    }

    #[test]
    fn trust_ends_and_is_renewed_once_a_day() {
        let now = at("2026-02-01T10:00:00Z");
        let tally = Tally::trusted("d", None, now);
        for (hours, trusts, worth) in [(0, true, false), (23, true, false), (25, true, true), (720, false, true)] {
            let now = now + TimeDelta::hours(hours);
            assert_eq!((tally.trusts(now), tally.is_worth_renewing(now)), (trusts, worth), "{hours}");
        }
        let mut failed = tally;
        fail(&mut failed, &LOGIN, now);
        assert!(failed.is_worth_renewing(now));
    }
}
