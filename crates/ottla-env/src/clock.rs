//! Wall-clock time: what date it is, in Unix milliseconds.
//!
//! Durations and deadlines are not measured here: they use monotonic time, which comes from the
//! runtime (`tokio::time`, so that it can be paused) and never jumps when somebody sets the date.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Says what time it is.
///
/// The answer may jump in both directions (an operator sets the date, a virtual machine resumes),
/// so it stamps records and ages files, and never measures how long something took.
pub trait WallClock: Send + Sync {
    /// Milliseconds since 1970-01-01 00:00 UTC; negative before that.
    fn now_ms(&self) -> i64;
}

/// The operating system's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SystemClock;

impl WallClock for SystemClock {
    fn now_ms(&self) -> i64 {
        #[expect(clippy::disallowed_methods, reason = "the one place below the binary that reads the date")]
        let now = SystemTime::now();
        let ms = |duration: std::time::Duration| i64::try_from(duration.as_millis());
        match now.duration_since(UNIX_EPOCH) {
            Ok(after) => ms(after).unwrap_or(i64::MAX),
            Err(before) => ms(before.duration()).map_or(i64::MIN, |early| -early),
        }
    }
}

/// A clock that stands still until it is set or moved. Clones share one time.
#[derive(Clone, Debug, Default)]
pub struct ManualClock {
    now_ms: Arc<AtomicI64>,
}

impl ManualClock {
    /// A clock that shows `now_ms`, in Unix milliseconds.
    pub fn new(now_ms: i64) -> Self {
        let clock = Self::default();
        clock.set(now_ms);
        clock
    }

    /// Shows `now_ms` from here on, which may lie in the past.
    pub fn set(&self, now_ms: i64) {
        self.now_ms.store(now_ms, Ordering::SeqCst);
    }

    /// Moves by `ms`, which may be negative, and wraps around at the ends of `i64`.
    pub fn advance(&self, ms: i64) {
        self.now_ms.fetch_add(ms, Ordering::SeqCst);
    }
}

impl WallClock for ManualClock {
    fn now_ms(&self) -> i64 {
        self.now_ms.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_clock_shows_a_date_after_this_code_was_written() {
        assert!(SystemClock.now_ms() > 1_760_000_000_000);
    }

    #[test]
    fn clones_of_a_manual_clock_share_one_time() {
        let clock = ManualClock::new(1_000);
        let copy = clock.clone();
        clock.advance(-1_500);
        assert_eq!(copy.now_ms(), -500);
        copy.set(7);
        assert_eq!(clock.now_ms(), 7);
    }
}
