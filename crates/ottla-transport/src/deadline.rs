//! Deadlines far in the future: `Duration::MAX` means never, and is no overflow.

use std::time::{Duration, Instant};

/// What stands for never: further than any process lives, and still a time.
const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// The moment `by` after `at`.
pub(crate) fn after(at: Instant, by: Duration) -> Instant {
    at.checked_add(by).unwrap_or_else(|| at + FAR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_is_later_than_anything_that_is_meant() {
        #[expect(
            clippy::disallowed_methods,
            reason = "any moment will do, and there is no other way to get one"
        )]
        let now = Instant::now();
        assert_eq!(after(now, Duration::from_secs(7)), now + Duration::from_secs(7));
        assert!(after(now, Duration::MAX) > after(now, Duration::from_secs(1 << 24)));
    }
}
