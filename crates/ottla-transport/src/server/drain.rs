//! Ending the connections of one listener: first asked to finish, then told to stop.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// How far a shutdown has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Requests are served.
    Serving,
    /// Requests in flight are answered, no further ones are read.
    Draining,
    /// Connections end at once.
    Closing,
}

/// The connections of one listener, as far as ending them goes.
#[derive(Debug)]
pub(crate) struct Drain {
    phase: AtomicU8,
    members: Mutex<Members>,
}

#[derive(Debug, Default)]
struct Members {
    next: u64,
    /// Who to wake when the phase changes; `None` until the connection was first polled.
    wakers: BTreeMap<u64, Option<Waker>>,
    waiting: Option<Waker>,
}

impl Drain {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { phase: AtomicU8::new(Phase::Serving as u8), members: Mutex::default() })
    }

    pub(crate) fn join(self: &Arc<Self>) -> Membership {
        let mut members = self.lock();
        let id = members.next;
        members.next += 1;
        members.wakers.insert(id, None);
        Membership { drain: Arc::clone(self), id, registered: None }
    }

    /// Moves on to a later phase and wakes everybody.
    pub(crate) fn enter(&self, phase: Phase) {
        if self.phase.fetch_max(phase as u8, Ordering::SeqCst) >= phase as u8 {
            return;
        }
        let wakers: Vec<_> = self.lock().wakers.values().flatten().cloned().collect();
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Waits until every member has left. For one caller at a time.
    pub(crate) async fn left(&self) {
        std::future::poll_fn(|cx| {
            let mut members = self.lock();
            if members.wakers.is_empty() {
                return Poll::Ready(());
            }
            members.waiting = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    fn lock(&self) -> MutexGuard<'_, Members> {
        // Nothing in here is left half changed by a panic.
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection's part in a [`Drain`]; leaves when dropped.
#[derive(Debug)]
pub(crate) struct Membership {
    drain: Arc<Drain>,
    id: u64,
    registered: Option<Waker>,
}

impl Membership {
    /// The phase, and a wake-up when the next one comes.
    pub(crate) fn poll_phase(&mut self, cx: &mut Context<'_>) -> Phase {
        if !self.registered.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            self.registered = Some(cx.waker().clone());
            self.drain.lock().wakers.insert(self.id, self.registered.clone());
        }
        // Read after the waker is known, so that no change is missed.
        match self.drain.phase.load(Ordering::SeqCst) {
            phase if phase == Phase::Serving as u8 => Phase::Serving,
            phase if phase == Phase::Draining as u8 => Phase::Draining,
            _ => Phase::Closing,
        }
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        let mut members = self.drain.lock();
        members.wakers.remove(&self.id);
        let waiting = if members.wakers.is_empty() { members.waiting.take() } else { None };
        drop(members);
        if let Some(waker) = waiting {
            waker.wake();
        }
    }
}
