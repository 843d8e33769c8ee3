//! One simulated process: its clock, its seeds, and its tasks, which end all at once.
//!
//! A panic in a task is caught and told: in production it would end a connection or a log.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use ottla::env::{Env, FixedSeeds, Spawn, Task};

use crate::clock::SimClock;
use crate::trace::Trace;

/// Polls of tasks after which a process is taken to spin.
const POLLS_MAX: u64 = 5_000_000;

/// Tasks that live and die together: what a `kill -9` ends. Clones are the same process.
#[derive(Clone)]
pub struct Process {
    tasks: Arc<Mutex<Option<Vec<Slot>>>>,
    polls: Arc<AtomicU64>,
    clock: SimClock,
    trace: Trace,
}

type Slot = Arc<Mutex<Option<Task>>>;

impl Process {
    pub(crate) fn new(clock: &SimClock, trace: &Trace) -> Self {
        Self {
            tasks: Arc::new(Mutex::new(Some(Vec::new()))),
            polls: Arc::default(),
            clock: clock.clone(),
            trace: trace.clone(),
        }
    }

    /// The seams of this process, for a broker or a client in it; what is random there comes from `seed`.
    pub fn env(&self, seed: u64) -> Env {
        Env::new(Arc::new(self.clock.clone()), Arc::new(FixedSeeds::new(seed)), Arc::new(self.clone()))
    }

    /// Runs a task of the user's own in this process.
    pub fn run(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.spawn(Box::pin(task));
    }

    /// Ends every task where it stands, and whatever is spawned later.
    pub fn kill(&self) {
        let slots = lock(&self.tasks).take();
        for slot in slots.into_iter().flatten() {
            // Dropped outside the lock: what is dropped may spawn, or kill.
            let task = lock(&slot).take();
            drop(task);
        }
    }

    /// Whether it was killed.
    pub fn is_dead(&self) -> bool {
        lock(&self.tasks).is_none()
    }
}

impl std::fmt::Debug for Process {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Process").field("is_dead", &self.is_dead()).finish_non_exhaustive()
    }
}

impl Spawn for Process {
    fn spawn(&self, task: Task) {
        let slot = Arc::new(Mutex::new(Some(task)));
        match &mut *lock(&self.tasks) {
            Some(slots) => {
                slots.retain(|slot| Arc::strong_count(slot) > 1);
                slots.push(Arc::clone(&slot));
            }
            None => return, // spawned by what is being dropped
        }
        drop(tokio::spawn(Watched { slot, process: self.clone() }));
    }
}

/// A task of a process.
struct Watched {
    slot: Slot,
    process: Process,
}

impl Future for Watched {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // Taken out while it is polled, so that it may kill its own process.
        let Some(mut task) = lock(&self.slot).take() else { return Poll::Ready(()) };
        if self.process.polls.fetch_add(1, Ordering::Relaxed) > POLLS_MAX {
            self.process.trace.problem("spins: a process is polled without end".to_owned());
            return Poll::Ready(());
        }
        match catch_unwind(AssertUnwindSafe(|| task.as_mut().poll(cx))) {
            Ok(Poll::Pending) => {
                if self.process.is_dead() {
                    return Poll::Ready(()); // it ended its own process
                }
                *lock(&self.slot) = Some(task);
                Poll::Pending
            }
            Ok(Poll::Ready(())) => Poll::Ready(()),
            Err(panic) => {
                let said = panic.downcast_ref::<String>().cloned();
                let said = said.or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()));
                self.process.trace.problem(format!("a task panicked: {}", said.unwrap_or_default()));
                Poll::Ready(())
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing in here is left half changed by a panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
