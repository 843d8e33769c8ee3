//! How long to wait before the next try: exponential, with jitter, bounded.
//!
//! Only the arithmetic lives here. Who sleeps, and what counts as a failure, is decided by the caller.

use std::time::Duration;

use ottla_env::Rng;

/// How far, in parts of a hundred, a wait may lie above or below its nominal length (as in Kafka).
const JITTER_PERCENT: u64 = 20;

/// Waits that double with each failure in a row, from a first to a longest one (KIP-580).
///
/// Each wait is moved at random by up to a fifth, so that clients that failed together do not come
/// back together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
}

impl Backoff {
    /// No failure so far; waits will run from `first` to `longest`.
    pub fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest: longest.max(first), failures: 0 }
    }

    /// Counts one more failure, and says how long to wait before the next try.
    pub fn next_wait(&mut self, rng: &mut Rng) -> Duration {
        let doublings = self.failures.min(31);
        self.failures = self.failures.saturating_add(1);
        let nominal = self.first.saturating_mul(1 << doublings).min(self.longest);
        let nominal_us = u64::try_from(nominal.as_micros()).unwrap_or(u64::MAX / 200);
        let spread = nominal_us / 100 * JITTER_PERCENT;
        Duration::from_micros(nominal_us - spread + rng.below(2 * spread + 1))
    }

    /// Forgets all failures: the next wait is the first one again.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// Failures in a row so far.
    pub fn failures(&self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Duration = Duration::from_millis(100);
    const LONGEST: Duration = Duration::from_secs(1);

    fn within_a_fifth(wait: Duration, nominal_ms: u64) -> bool {
        let (low, high) = (nominal_ms * 800, nominal_ms * 1_200);
        (low..=high).contains(&u64::try_from(wait.as_micros()).unwrap())
    }

    #[test]
    fn waits_double_up_to_the_longest() {
        let mut rng = Rng::new(1);
        let mut backoff = Backoff::new(FIRST, LONGEST);
        for nominal_ms in [100, 200, 400, 800, 1_000, 1_000] {
            let wait = backoff.next_wait(&mut rng);
            assert!(within_a_fifth(wait, nominal_ms), "{wait:?} for {nominal_ms} ms");
        }
    }

    #[test]
    fn a_success_starts_over() {
        let mut rng = Rng::new(2);
        let mut backoff = Backoff::new(FIRST, LONGEST);
        for _ in 0..50 {
            backoff.next_wait(&mut rng);
        }
        backoff.reset();
        assert!(within_a_fifth(backoff.next_wait(&mut rng), 100));
    }

    #[test]
    fn two_clients_do_not_come_back_together() {
        let mut backoff = Backoff::new(FIRST, LONGEST);
        let one = backoff.clone().next_wait(&mut Rng::new(1));
        let other = backoff.next_wait(&mut Rng::new(2));
        assert_ne!(one, other);
    }

    #[test]
    fn no_wait_at_all_is_possible() {
        let mut backoff = Backoff::new(Duration::ZERO, Duration::ZERO);
        assert_eq!(backoff.next_wait(&mut Rng::new(1)), Duration::ZERO);
    }
}
