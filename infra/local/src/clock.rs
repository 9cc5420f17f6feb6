//! The clock of the local cloud: the one that everything in this process reads, moved by an offset that outlives it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use platform::World;
use serde::{Deserialize, Serialize};

/// Why a clock did not move.
#[derive(Debug, thiserror::Error)]
pub enum ClockError {
    /// The instant asked for lies outside the years 1970 to 9999.
    #[error("the clock runs from 1970 to 9999")]
    OutOfRange,
    /// The offset could not be kept or read back.
    #[error("the clock's file: {0}")]
    File(#[from] io::Error),
}

/// Moves the clock of a [`World`] and of all its clones, which see it at once.
#[derive(Debug, Default)]
pub struct MovableClock {
    world: World,
    file: Option<PathBuf>,
    moving: Mutex<()>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    offset_ms: i64,
}

impl MovableClock {
    /// The clock of this world as it stands; its offset is forgotten with the process.
    pub fn new(world: World) -> Self {
        Self { world, file: None, moving: Mutex::new(()) }
    }

    /// The clock of this world, whose offset is kept in `file` and set as it was last moved.
    ///
    /// Fails on a file that cannot be read or holds no offset: time would jump back unnoticed otherwise.
    pub fn open(world: World, file: &Path) -> Result<Self, ClockError> {
        let clock = Self { world, file: Some(file.to_owned()), moving: Mutex::new(()) };
        match fs::read(file) {
            Ok(kept) => {
                let Kept { offset_ms } = serde_json::from_slice(&kept).map_err(io::Error::from)?;
                let distance = offset_ms.checked_sub(clock.offset_ms()).ok_or(ClockError::OutOfRange)?;
                moved(clock.now(), distance).ok_or(ClockError::OutOfRange)?;
                clock.world.set_offset_ms(offset_ms);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
        Ok(clock)
    }

    /// The time, to the millisecond.
    pub fn now(&self) -> DateTime<Utc> {
        self.world.now()
    }

    /// How far the clock is moved from the system's, in milliseconds; negative in the past.
    pub fn offset_ms(&self) -> i64 {
        self.world.offset_ms()
    }

    /// Moves the clock by so many seconds, back when negative, and answers the time then.
    pub fn advance(&self, seconds: i64) -> Result<DateTime<Utc>, ClockError> {
        self.shift(|_| seconds.checked_mul(1000))
    }

    /// Sets the clock to `now`, from where it runs on, and answers the time then.
    pub fn set(&self, now: DateTime<Utc>) -> Result<DateTime<Utc>, ClockError> {
        self.shift(|before| now.timestamp_millis().checked_sub(before.timestamp_millis()))
    }

    fn shift(&self, distance: impl FnOnce(DateTime<Utc>) -> Option<i64>) -> Result<DateTime<Utc>, ClockError> {
        let _one_at_a_time = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.now();
        let distance = distance(before).ok_or(ClockError::OutOfRange)?;
        let now = moved(before, distance).ok_or(ClockError::OutOfRange)?;
        let offset_ms = self.offset_ms().checked_add(distance).ok_or(ClockError::OutOfRange)?;
        if let Some(file) = &self.file {
            crate::data::replace(file, &serde_json::to_vec(&Kept { offset_ms }).map_err(io::Error::from)?)?;
        }
        self.world.set_offset_ms(offset_ms);
        Ok(now)
    }
}

fn moved(from: DateTime<Utc>, distance_ms: i64) -> Option<DateTime<Utc>> {
    let to = from.checked_add_signed(TimeDelta::try_milliseconds(distance_ms)?)?;
    (1970..=9999).contains(&to.year()).then_some(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_moves_by_seconds_and_to_an_instant() {
        let world = World::default();
        let clock = MovableClock::new(world.clone());
        let before = clock.now();
        let after = clock.advance(86_400).unwrap();
        assert!((after - before).num_seconds() >= 86_400);
        assert!((world.now() - before).num_seconds() < 86_460);

        let instant = "2031-03-31T12:00:00Z".parse::<DateTime<Utc>>().unwrap();
        assert_eq!(clock.set(instant).unwrap(), instant);
        assert!((clock.now() - instant).num_seconds() < 60);
        clock.advance(-3600).unwrap();
        assert!(clock.now() < instant);
    }

    #[test]
    fn it_refuses_what_no_calendar_holds() {
        let clock = MovableClock::default();
        for seconds in [i64::MAX, i64::MIN, 400_000_000_000, -400_000_000_000] {
            assert!(matches!(clock.advance(seconds), Err(ClockError::OutOfRange)), "{seconds}");
        }
        assert_eq!(clock.offset_ms(), 0);
    }

    #[test]
    fn it_keeps_its_offset() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("clock.json");
        MovableClock::open(World::default(), &file).unwrap().advance(3600).unwrap();
        assert_eq!(MovableClock::open(World::default(), &file).unwrap().offset_ms(), 3_600_000);

        fs::write(&file, "nonsense").unwrap();
        assert!(matches!(MovableClock::open(World::default(), &file), Err(ClockError::File(_))));
    }
}
