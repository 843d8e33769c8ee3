//! How often a server takes a new connection: at most so many a second, all listeners together.
//!
//! Whoever comes too early waits for its turn before it is served; nobody is turned away.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// A rate of new connections, of which one second's worth may come at once.
#[derive(Debug)]
pub(crate) struct Pace {
    /// What one connection uses up; `None` without a limit.
    each: Option<Duration>,
    /// When everything that was taken so far is used up.
    used_up: Mutex<Instant>,
}

impl Pace {
    pub(crate) fn new(per_second: u32) -> Self {
        let limited = per_second < u32::MAX;
        // Nobody waits longer than a second for its turn, so that no rate shuts a server for good.
        let each = limited.then(|| Duration::from_secs(1) / per_second.max(1));
        Self { each, used_up: Mutex::new(Instant::now()) }
    }

    /// Takes the next turn; returns when it is there, or `None` if that is now.
    pub(crate) fn turn(&self, now: Instant) -> Option<Instant> {
        let each = self.each?;
        let mut used_up = self.used_up.lock().unwrap_or_else(PoisonError::into_inner);
        let begun = (*used_up).max(now);
        *used_up = begun + each;
        let turn = *used_up - Duration::from_secs(1);
        (turn > now).then_some(turn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_seconds_worth_comes_at_once_and_the_rest_evenly() {
        let (pace, now) = (Pace::new(4), Instant::now());
        let waits = |now| pace.turn(now).map(|turn| (turn - now).as_millis());
        let first: Vec<_> = (0..7).map(|_| waits(now)).collect();
        assert_eq!(first, [None, None, None, None, Some(250), Some(500), Some(750)]);
        // A pause gives no more than a second's worth back.
        let later = now + Duration::from_secs(60);
        let then: Vec<_> = (0..5).map(|_| waits(later)).collect();
        assert_eq!(then, [None, None, None, None, Some(250)]);
    }

    #[tokio::test(start_paused = true)]
    async fn no_limit_is_none_and_a_rate_of_nothing_is_one_a_second() {
        let now = Instant::now();
        let (free, shut) = (Pace::new(u32::MAX), Pace::new(0));
        assert!((0..1_000).all(|_| free.turn(now).is_none()));
        assert_eq!([shut.turn(now), shut.turn(now)], [None, Some(now + Duration::from_secs(1))]);
    }
}
