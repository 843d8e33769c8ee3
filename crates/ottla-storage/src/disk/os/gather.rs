//! What a sync waits for before it begins: that those write who are about to.
//!
//! Whoever waits for a sync writes again soon after it has ended. Begun with the first of them, the next one serves that one
//! alone, and all others wait for it and for one more. Whether somebody is expected is known to the log
//! ([`Completion::sync_begins`]); here is for how long it pays to wait.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::task::{Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use crate::disk::Completion;

/// No sync waits longer than this behind the one before it, however slow the device is.
const GATHER_MAX: Duration = Duration::from_millis(1);

/// Of one file: until when the next sync may wait, in nanoseconds since the first sync of this process.
#[derive(Debug, Default)]
pub(super) struct Gathering(AtomicU64);

impl Gathering {
    /// Returns when the sync should begin: at once, or when what is expected was written, or when as much time has gone by
    /// since the last sync as that took.
    pub(super) fn gather(&self, token: u64, done: &dyn Completion) {
        let until = self.0.load(Ordering::Relaxed);
        let waker = Waker::from(Arc::new(Unparks(thread::current())));
        loop {
            let left = until.saturating_sub(now());
            if done.sync_begins(token, &waker, left == 0).is_ready() || left == 0 {
                return;
            }
            thread::park_timeout(Duration::from_nanos(left));
        }
    }

    /// Runs a sync, and notes how long it takes.
    pub(super) fn timed<T>(&self, sync: impl FnOnce() -> T) -> T {
        let begun = now();
        let result = sync();
        let ended = now();
        let longest = u64::try_from(GATHER_MAX.as_nanos()).unwrap_or(u64::MAX);
        self.0.store(ended + (ended - begun).min(longest), Ordering::Relaxed);
        result
    }
}

fn now() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(START.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

struct Unparks(Thread);

impl Wake for Unparks {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
