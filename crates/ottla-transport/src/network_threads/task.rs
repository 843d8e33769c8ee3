//! The future of one connection: who may poll it, and that no wake is lost.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Poll, Wake, Waker};

use super::driver::NetworkThread;
use super::lock;
use super::socket::Readiness;

/// What a task is run for.
pub(super) type Connection = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Nothing is to be done.
const IDLE: u8 = 0;
/// It is in its thread's queue.
const QUEUED: u8 = 1;
/// It is being polled, and so in nobody's queue.
const RUNNING: u8 = 2;
/// The same, and it is to be polled again.
const WOKEN: u8 = 3;
/// It has ended.
const ENDED: u8 = 4;

/// A connection of a network thread.
pub(super) struct Task {
    state: AtomicU8,
    connection: Mutex<Option<Connection>>,
    pub(super) readiness: Arc<Readiness>,
    thread: Weak<NetworkThread>,
    /// What the system calls it in its events.
    pub(super) key: usize,
}

impl Task {
    pub(super) fn new(
        connection: Connection,
        readiness: Arc<Readiness>,
        thread: Weak<NetworkThread>,
        key: usize,
    ) -> Self {
        let state = AtomicU8::new(IDLE);
        Self { state, connection: Mutex::new(Some(connection)), readiness, thread, key }
    }

    /// Polls it. Whether it goes on.
    pub(super) fn run(self: &Arc<Self>) -> bool {
        self.state.store(RUNNING, Ordering::SeqCst);
        self.readiness.begin_turn();
        let mut held = lock(&self.connection);
        let Some(connection) = &mut *held else { return true }; // nobody queues one that has ended
        let waker = Waker::from(Arc::clone(self));
        let polled =
            catch_unwind(AssertUnwindSafe(|| connection.as_mut().poll(&mut Context::from_waker(&waker))));
        if matches!(polled, Ok(Poll::Pending)) {
            drop(held);
            if self.state.compare_exchange(RUNNING, IDLE, Ordering::SeqCst, Ordering::SeqCst).is_err() {
                self.queue();
            }
            return true;
        }
        self.state.store(ENDED, Ordering::SeqCst);
        // The hook has said what went wrong, as for a task of the runtime.
        drop(catch_unwind(AssertUnwindSafe(|| *held = None)));
        false
    }

    fn queue(self: &Arc<Self>) {
        self.state.store(QUEUED, Ordering::SeqCst);
        if let Some(thread) = self.thread.upgrade() {
            thread.queue(Arc::clone(self));
        }
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let change = |state| match state {
            IDLE => Some(QUEUED),
            RUNNING => Some(WOKEN),
            _ => None,
        };
        if self.state.fetch_update(Ordering::SeqCst, Ordering::SeqCst, change) == Ok(IDLE) {
            self.queue();
        }
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("key", &self.key).finish_non_exhaustive()
    }
}
