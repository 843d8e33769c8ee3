//! The seams of one simulated process: its clock, its seeds, and its tasks, which end all at once.
//!
//! A panic in a task is caught and told: in production it would end a connection or a log.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use ottla::env::{Env, FixedSeeds, Spawn, Task, WallClock};
use ottla::storage::disk::Sleeper;
use tokio::time::{Instant, sleep};

use crate::history::History;

/// The date on which every world begins, in Unix milliseconds.
const BEGINNING_MS: i64 = 1_790_000_000_000;

/// Polls of tasks after which a world is taken to spin.
const POLLS_MAX: u64 = 2_000_000;

/// A clock that follows virtual time.
struct VirtualClock {
    began: Instant,
}

impl WallClock for VirtualClock {
    fn now_ms(&self) -> i64 {
        BEGINNING_MS + i64::try_from(self.began.elapsed().as_millis()).unwrap_or(0)
    }
}

/// Tasks that live and die together.
#[derive(Clone)]
pub(crate) struct Process {
    tasks: Arc<Mutex<Option<Vec<Slot>>>>,
    polls: Arc<AtomicU64>,
    history: History,
}

type Slot = Arc<Mutex<Option<Task>>>;

impl Process {
    pub(crate) fn new(history: &History) -> Self {
        Self {
            tasks: Arc::new(Mutex::new(Some(Vec::new()))),
            polls: Arc::default(),
            history: history.clone(),
        }
    }

    /// The seams of this process; what is random in it comes from `seed`.
    pub(crate) fn env(&self, seed: u64) -> Env {
        let clock = VirtualClock { began: self.history.began() };
        Env::new(Arc::new(clock), Arc::new(FixedSeeds::new(seed)), Arc::new(self.clone()))
    }

    /// Ends every task where it stands.
    pub(crate) fn kill(&self) {
        let slots = self.tasks.lock().unwrap().take();
        for slot in slots.into_iter().flatten() {
            let task = slot.lock().unwrap().take();
            drop(task);
        }
    }
}

impl Spawn for Process {
    fn spawn(&self, task: Task) {
        let slot = Arc::new(Mutex::new(Some(task)));
        match &mut *self.tasks.lock().unwrap() {
            Some(slots) => {
                slots.retain(|slot| Arc::strong_count(slot) > 1);
                slots.push(Arc::clone(&slot));
            }
            None => return, // spawned by what is being dropped
        }
        let watched = Watched { slot, polls: Arc::clone(&self.polls), history: self.history.clone() };
        drop(tokio::spawn(watched));
    }
}

/// A task of a process.
struct Watched {
    slot: Slot,
    polls: Arc<AtomicU64>,
    history: History,
}

impl Future for Watched {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut slot = self.slot.lock().unwrap();
        let Some(task) = slot.as_mut() else { return Poll::Ready(()) };
        if self.polls.fetch_add(1, Ordering::Relaxed) > POLLS_MAX {
            self.history.problem("spins: a process is polled without end".to_owned());
            return Poll::Ready(());
        }
        match catch_unwind(AssertUnwindSafe(|| task.as_mut().poll(cx))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(())) => {
                *slot = None;
                Poll::Ready(())
            }
            Err(panic) => {
                let said = panic.downcast_ref::<String>().cloned();
                let said = said.or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()));
                self.history.problem(format!("a task panicked: {}", said.unwrap_or_default()));
                *slot = None;
                Poll::Ready(())
            }
        }
    }
}

/// Lets virtual time pass for a slow disk.
pub(crate) struct VirtualSleeper;

impl Sleeper for VirtualSleeper {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(sleep(duration))
    }
}
