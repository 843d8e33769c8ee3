//! Knowing when everything that was produced before a moment has its fate.
//!
//! Batches take numbered tickets when they are opened; a flush waits until no ticket from before it
//! is out.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use ottla_client::internal::lock;
use tokio::sync::Notify;

/// The tickets that are out.
#[derive(Debug, Default)]
pub(crate) struct Tickets {
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    out: Mutex<Out>,
    returned: Notify,
}

#[derive(Debug, Default)]
struct Out {
    next: u64,
    numbers: BTreeSet<u64>,
    flushes: usize,
}

/// A batch's ticket; dropped, it is returned.
#[derive(Debug)]
pub(crate) struct Ticket {
    number: u64,
    state: Arc<State>,
}

/// A flush that is going on.
#[derive(Debug)]
pub(crate) struct Flush {
    before: u64,
    state: Arc<State>,
}

impl Tickets {
    pub(crate) fn take(&self) -> Ticket {
        let mut out = lock(&self.state.out);
        let number = out.next;
        out.next += 1;
        out.numbers.insert(number);
        Ticket { number, state: Arc::clone(&self.state) }
    }

    /// Starts a flush of everything up to now.
    pub(crate) fn flush(&self) -> Flush {
        let mut out = lock(&self.state.out);
        out.flushes += 1;
        Flush { before: out.next, state: Arc::clone(&self.state) }
    }

    /// Whether every batch has its fate.
    pub(crate) fn are_all_back(&self) -> bool {
        lock(&self.state.out).numbers.is_empty()
    }

    /// Whether anybody waits, so that no batch should linger.
    pub(crate) fn is_flushing(&self) -> bool {
        lock(&self.state.out).flushes > 0
    }
}

impl Flush {
    /// Waits until every batch from before the flush has its fate.
    pub(crate) async fn done(&self) {
        loop {
            let returned = self.state.returned.notified();
            if lock(&self.state.out).numbers.first().is_none_or(|first| *first >= self.before) {
                return;
            }
            returned.await;
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut out = lock(&self.state.out);
        out.numbers.remove(&self.number);
        if out.flushes > 0 {
            self.state.returned.notify_waiters();
        }
    }
}

impl Drop for Flush {
    fn drop(&mut self) {
        lock(&self.state.out).flushes -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_flush_waits_for_what_came_before_it_and_for_nothing_else() {
        let tickets = Tickets::default();
        let (first, second) = (tickets.take(), tickets.take());
        let flush = tickets.flush();
        let _later = tickets.take();
        let done = tokio::spawn(async move { flush.done().await });
        drop(second);
        tokio::task::yield_now().await;
        assert!(!done.is_finished());
        drop(first);
        done.await.unwrap();
        assert!(!tickets.is_flushing());
    }

    #[tokio::test]
    async fn with_nothing_under_way_there_is_nothing_to_wait_for() {
        Tickets::default().flush().done().await;
    }
}
