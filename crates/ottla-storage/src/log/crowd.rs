//! Who is expected to append before a sync begins.
//!
//! Clients that wait for their appends come again soon after a sync has served them, all at about the same time. A sync that
//! begins with the first of them serves one, and the others wait for two. So the next sync waits for as many
//! as were there when the last one ended: those it served, and those that waited for the next. Where they
//! do not come in time, they are expected less often, since they have something else to do.

use std::task::Waker;

/// Syncs that are not put off after one was in vain, at most.
const SKIPS_MAX: u32 = 64;

/// The appends of one log, as they come and are synced.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    /// Came since a sync last began.
    came: usize,
    /// Are covered by the sync in flight.
    served: usize,
    /// Were there when the last sync ended.
    expected: usize,
    /// Syncs that still begin at once.
    skips: u32,
    /// Of whoever waits with a sync.
    waker: Option<Waker>,
    /// Syncs that begin at once after the next one that was put off in vain.
    penalty: u32,
}

impl Crowd {
    /// One has come; who is to be told that all are there.
    pub(super) fn comes(&mut self) -> Option<Waker> {
        self.came += 1;
        self.waker.take_if(|_| self.served + self.came >= self.expected)
    }

    /// All who have come are covered by a sync that is about to begin.
    pub(super) fn is_served(&mut self) {
        self.served += std::mem::take(&mut self.came);
    }

    /// Whether a sync had better wait for more: until `waker` is woken, or it `is_over`.
    pub(super) fn is_awaited(&mut self, waker: &Waker, is_over: bool) -> bool {
        let are_missing = self.served + self.came < self.expected;
        if are_missing && self.skips == 0 && !is_over {
            self.waker = Some(waker.clone());
            return true;
        }
        match self.waker.take() {
            // It has waited in vain.
            Some(_) if are_missing => {
                self.penalty = (self.penalty * 2).clamp(1, SKIPS_MAX);
                self.skips = self.penalty;
            }
            _ if are_missing => self.skips = self.skips.saturating_sub(1),
            _ => self.penalty /= 2,
        }
        false
    }

    /// A sync has ended.
    pub(super) fn ends(&mut self) {
        self.expected = std::mem::take(&mut self.served) + self.came;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many come, and whether one of them was who completes the crowd.
    fn come(crowd: &mut Crowd, count: usize) -> bool {
        (0..count).filter_map(|_| crowd.comes()).count() == 1
    }

    fn sync(crowd: &mut Crowd) {
        crowd.is_served();
        crowd.ends();
    }

    #[test]
    fn one_who_appends_alone_is_never_kept_waiting() {
        let mut crowd = Crowd::default();
        for _ in 0..3 {
            crowd.comes();
            assert!(!crowd.is_awaited(Waker::noop(), false));
            sync(&mut crowd);
        }
    }

    #[test]
    fn those_who_were_served_and_those_who_waited_are_expected_together() {
        let mut crowd = Crowd::default();
        come(&mut crowd, 1);
        crowd.is_served();
        come(&mut crowd, 15);
        crowd.ends();
        assert!(crowd.is_awaited(Waker::noop(), false), "the sixteenth comes back soon");
        assert!(come(&mut crowd, 1), "it is told by that one");
        assert!(!crowd.is_awaited(Waker::noop(), false));
        sync(&mut crowd);
        assert!(!come(&mut crowd, 15));
        assert!(crowd.is_awaited(Waker::noop(), false));
        assert!(!crowd.is_awaited(Waker::noop(), true), "and for no longer than the disk likes");
    }

    #[test]
    fn who_does_not_come_is_expected_less_often() {
        let mut crowd = Crowd::default();
        let mut waits = 0;
        for round in 0..1_000 {
            // Two are served by each sync, and one of them does not come again in time.
            come(&mut crowd, 1);
            if crowd.is_awaited(Waker::noop(), false) {
                waits += 1;
                assert!(!crowd.is_awaited(Waker::noop(), true), "round {round}");
            }
            crowd.is_served();
            come(&mut crowd, 1);
            crowd.ends();
        }
        assert!((10..40).contains(&waits), "{waits} waits in vain");
    }

    #[test]
    fn a_crowd_that_has_shrunk_is_waited_for_once() {
        let mut crowd = Crowd::default();
        come(&mut crowd, 16);
        sync(&mut crowd);
        come(&mut crowd, 2);
        assert!(crowd.is_awaited(Waker::noop(), false));
        assert!(!crowd.is_awaited(Waker::noop(), true));
        sync(&mut crowd);
        come(&mut crowd, 2);
        assert!(!crowd.is_awaited(Waker::noop(), false), "two are all there are");
    }
}
