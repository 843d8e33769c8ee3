//! Turns: how many of the runtime's threads may be inside an append at one time.
//!
//! Records are written by the thread that reads the request, because a hop to another one would cost more than the
//! write. A disk that stands still keeps such a thread, whoever waits for the lock of the same log too. So one thread
//! fewer than the runtime has may append; who finds no turn waits for one as for anything else, without a thread, and
//! gives up when its time is over. Once a turn takes as long as only a disk takes that stands still, no further thread is
//! risked on it.
//!
//! A thread that stands still may be the one that was to wait for the sockets and timers of all: tokio leaves that to a
//! thread that has nothing to do, and wakes none of those that sleep when the last one of them has got work. So a thread of
//! its own, [`watch`], wakes one while a turn takes long. It sleeps while nobody appends.
//!
//! What is appended under a lock that other requests need takes no turn: its log hands its batches over (`groups`).

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::thread::{self, Thread};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::Instant;

/// How long a turn takes at most, unless the disk stands still. It is no more than a guess that costs little: who is held
/// back by it waits for the turn to end.
const STANDSTILL: Duration = Duration::from_millis(100);

/// How often it is seen whether a turn takes long, while somebody appends.
const WATCH_INTERVAL: Duration = Duration::from_millis(25);
/// Looks without a turn after which the watcher sleeps.
const IDLE_LOOKS_MAX: u32 = 40;
/// How long it sleeps at most; it is woken by who takes a turn.
const WATCHER_SLEEP: Duration = Duration::from_secs(60);
const WATCHER_STACK_BYTES: usize = 64 * 1024;

/// The turns of one disk.
#[derive(Debug)]
pub(crate) struct Turns {
    /// When each turn began that is taken, in nanoseconds since `since`, which is never 0; 0 for one that is free.
    begun: Box<[AtomicU64]>,
    since: Instant,
    waiting: AtomicUsize,
    freed: Notify,
    watcher: OnceLock<Thread>,
    /// The watcher sleeps until somebody appends.
    is_unwatched: AtomicBool,
}

/// A turn, given back when dropped.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    turns: &'a Turns,
    place: usize,
}

impl Turns {
    /// As many as this runtime can spare: all of its threads but one, or the only one that it has.
    pub(crate) fn of_runtime() -> Self {
        let threads = Handle::try_current().map_or(1, |runtime| runtime.metrics().num_workers());
        Self::new(threads.saturating_sub(1).max(1))
    }

    fn new(count: usize) -> Self {
        Self {
            begun: (0..count).map(|_| AtomicU64::new(0)).collect(),
            since: Instant::now(),
            waiting: AtomicUsize::new(0),
            freed: Notify::new(),
            watcher: OnceLock::new(),
            is_unwatched: AtomicBool::new(false),
        }
    }

    /// A turn, if one is free and the disk does not stand still.
    pub(crate) fn try_take(&self, now: Instant) -> Option<Turn<'_>> {
        let now = u64::try_from((now - self.since).as_nanos()).unwrap_or(u64::MAX).max(1);
        let standstill = u64::try_from(STANDSTILL.as_nanos()).unwrap_or(u64::MAX);
        let mut free = None;
        for (place, begun) in self.begun.iter().enumerate() {
            match begun.load(Ordering::SeqCst) {
                0 => free = free.or(Some(place)),
                begun if now.saturating_sub(begun) > standstill => return None,
                _ => {}
            }
        }
        // Others may take it meanwhile.
        (free?..self.begun.len())
            .find(|place| {
                self.begun[*place].compare_exchange(0, now, Ordering::SeqCst, Ordering::Relaxed).is_ok()
            })
            .map(|place| {
                if self.is_unwatched.load(Ordering::SeqCst) {
                    self.wake_watcher();
                }
                Turn { turns: self, place }
            })
    }

    #[cold]
    fn wake_watcher(&self) {
        self.is_unwatched.store(false, Ordering::SeqCst);
        if let Some(watcher) = self.watcher.get() {
            watcher.unpark();
        }
    }

    /// Has the runtime's threads woken while a turn takes long, for as long as these turns are there.
    pub(crate) fn watched(self: &Arc<Self>, runtime: Handle) {
        let turns = Arc::downgrade(self);
        let watcher = thread::Builder::new().name("ottla-watch".to_owned()).stack_size(WATCHER_STACK_BYTES);
        match watcher.spawn(move || watch(&turns, &runtime)) {
            Ok(watcher) => {
                let _first = self.watcher.set(watcher.thread().clone());
            }
            Err(error) => {
                tracing::warn!(%error, "no thread to be had that watches for a disk that stands still");
            }
        }
    }

    /// Whether any turn is taken, and whether one takes long.
    fn look(&self) -> (bool, bool) {
        let now = u64::try_from(self.since.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let long = u64::try_from(WATCH_INTERVAL.as_nanos()).unwrap_or(u64::MAX);
        let begun = self.begun.iter().map(|begun| begun.load(Ordering::SeqCst));
        let oldest = begun.filter(|begun| *begun > 0).min();
        (oldest.is_some(), oldest.is_some_and(|begun| now.saturating_sub(begun) > long))
    }

    /// Waits for a turn. Cancel safe.
    pub(crate) async fn take(&self) -> Turn<'_> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let _waiting = Waiting(&self.waiting);
        loop {
            // A turn that is given back from here on is told, also before anybody waits.
            let freed = self.freed.notified();
            if let Some(turn) = self.try_take(Instant::now()) {
                return turn;
            }
            freed.await;
        }
    }
}

/// The life of the watcher.
fn watch(turns: &Weak<Turns>, runtime: &Handle) {
    let mut idle = 0;
    while let Some(turns) = turns.upgrade() {
        let (is_taken, is_long) = turns.look();
        if is_long {
            // It does nothing: who takes it up sees to sockets and timers when it is done.
            drop(runtime.spawn(async {}));
        }
        idle = if is_taken { 0 } else { idle + 1 };
        let is_asleep = idle > IDLE_LOOKS_MAX;
        turns.is_unwatched.store(is_asleep, Ordering::SeqCst);
        // A turn that was taken just before is seen now; one that is taken from here on wakes.
        let is_asleep = is_asleep && !turns.look().0;
        drop(turns);
        thread::park_timeout(if is_asleep { WATCHER_SLEEP } else { WATCH_INTERVAL });
    }
}

impl Drop for Turns {
    fn drop(&mut self) {
        self.wake_watcher();
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.turns.begun[self.place].store(0, Ordering::SeqCst);
        if self.turns.waiting.load(Ordering::SeqCst) > 0 {
            self.turns.freed.notify_one();
        }
    }
}

struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests;
