//! The date in a simulation: it follows virtual time, and jumps when told.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use ottla::env::WallClock;
use tokio::time::Instant;

/// The date on which every simulation begins, in Unix milliseconds.
pub const BEGINNING_MS: i64 = 1_790_000_000_000;

/// A clock that follows virtual time. Clones share it.
#[derive(Clone, Debug)]
pub struct SimClock {
    began: Instant,
    jumped_ms: Arc<AtomicI64>,
}

impl SimClock {
    pub(crate) fn new(began: Instant) -> Self {
        Self { began, jumped_ms: Arc::default() }
    }

    /// Jumps, forward or back, as a clock that is set. Timers do not notice: they follow virtual time.
    pub fn jump(&self, milliseconds: i64) {
        self.jumped_ms.fetch_add(milliseconds, Ordering::SeqCst);
    }

    /// How far it is from where virtual time alone would have brought it, in milliseconds.
    pub fn jumped_ms(&self) -> i64 {
        self.jumped_ms.load(Ordering::SeqCst)
    }
}

impl WallClock for SimClock {
    fn now_ms(&self) -> i64 {
        let elapsed = i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX);
        BEGINNING_MS.saturating_add(elapsed).saturating_add(self.jumped_ms())
    }
}
