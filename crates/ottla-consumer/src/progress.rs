//! How far the user is with a batch that was handed out: what a commit may say.
//!
//! Users report without a lock, because they may do so for every record.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// How far the user is with one batch.
#[derive(Debug)]
pub(crate) struct Progress {
    /// The offset behind the batch.
    next: i64,
    leader_epoch: i32,
    /// Records before it have been handed out.
    handed_out: AtomicI64,
    /// Records before it are done with.
    finished: AtomicI64,
    /// The user will not come to the rest of it.
    is_abandoned: AtomicBool,
}

/// What of the records that were handed out counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All of them.
    HandedOut,
    /// Those that the user is done with.
    Finished,
}

impl Progress {
    /// Nothing of the records from `from` to before `next` has been handed out.
    pub(crate) fn new(from: i64, next: i64, leader_epoch: i32) -> Self {
        Self {
            next,
            leader_epoch,
            handed_out: AtomicI64::new(from),
            finished: AtomicI64::new(from),
            is_abandoned: AtomicBool::new(false),
        }
    }

    /// The user will not come to the rest of it: it is not done with when the batch is dropped.
    pub(crate) fn abandon(&self) {
        self.is_abandoned.store(true, Ordering::Release);
    }

    /// Records before `offset` have been handed out.
    pub(crate) fn hand_out(&self, offset: i64) {
        self.handed_out.store(offset, Ordering::Release);
    }

    /// The whole batch has been handed out.
    pub(crate) fn hand_out_all(&self) {
        self.hand_out(self.next);
    }

    /// Records before `offset` are done with.
    pub(crate) fn finish(&self, offset: i64) {
        self.finished.fetch_max(offset, Ordering::AcqRel);
    }

    /// What has been handed out counts as done with.
    pub(crate) fn finish_handed_out(&self) {
        self.finish(self.handed_out.load(Ordering::Acquire));
    }

    /// The offset up to which records count; `None` if that is all of the batch.
    pub(crate) fn open_from(&self, extent: Extent) -> Option<i64> {
        let at = match extent {
            Extent::HandedOut => &self.handed_out,
            Extent::Finished => &self.finished,
        };
        Some(at.load(Ordering::Acquire)).filter(|at| *at < self.next)
    }

    /// Epoch of the leader that wrote the batch.
    pub(crate) fn leader_epoch(&self) -> i32 {
        self.leader_epoch
    }
}

/// Held by all clones of a batch: with the last of them the user is done with it.
#[derive(Debug)]
pub(crate) struct Lease(Arc<Progress>);

impl Lease {
    pub(crate) fn new(progress: Arc<Progress>) -> Self {
        Self(progress)
    }

    pub(crate) fn progress(&self) -> &Progress {
        &self.0
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // A user who panics was not done.
        if !std::thread::panicking() && !self.0.is_abandoned.load(Ordering::Acquire) {
            self.0.finish(self.0.next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_done_with_once_its_last_clone_is_dropped() {
        let progress = Arc::new(Progress::new(5, 10, 0));
        let lease = Arc::new(Lease::new(Arc::clone(&progress)));
        progress.hand_out_all();
        assert_eq!(progress.open_from(Extent::HandedOut), None);
        assert_eq!(progress.open_from(Extent::Finished), Some(5));
        let clone = Arc::clone(&lease);
        drop(lease);
        assert_eq!(progress.open_from(Extent::Finished), Some(5));
        drop(clone);
        assert_eq!(progress.open_from(Extent::Finished), None);
    }

    #[test]
    fn a_panic_finishes_nothing() {
        let progress = Arc::new(Progress::new(0, 10, 0));
        let lease = Lease::new(Arc::clone(&progress));
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
            let _lease = lease;
            panic!("the user's own");
        }));
        assert!(panicked.is_err());
        assert_eq!(progress.open_from(Extent::Finished), Some(0));
    }
}
