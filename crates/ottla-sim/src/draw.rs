//! Numbers and durations drawn from a generator.

use std::time::Duration;

use ottla::env::Rng;

/// A number from `least` to `most`, both included; `least` if `most` is less.
pub fn number<T: Copy + TryFrom<u64> + TryInto<u64>>(rng: &mut Rng, least: T, most: T) -> T {
    let low = least.try_into().unwrap_or(0);
    let high = most.try_into().unwrap_or(0).max(low);
    let drawn = low + rng.below((high - low).saturating_add(1));
    T::try_from(drawn).unwrap_or(least)
}

/// So many milliseconds, from `least` to `most`, to the microsecond.
pub fn millis(rng: &mut Rng, least: u64, most: u64) -> Duration {
    Duration::from_micros(least * 1_000 + rng.below(most.saturating_sub(least) * 1_000 + 1))
}
