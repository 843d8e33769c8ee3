//! Telling the owner of a storage that something should be done soon.
//!
//! A flag that futures wait for. What is to be done is in [`crate::storage`].

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use crate::lock::lock;
use crate::waiters::{Ticket, Waiters};

/// The flag.
#[derive(Clone, Debug, Default)]
pub(crate) struct Due(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    is_due: bool,
    waiters: Waiters,
}

impl Due {
    /// Raises the flag and wakes who waits for it.
    pub(crate) fn set(&self) {
        let mut woken = Vec::new();
        {
            let mut inner = lock(&self.0);
            inner.is_due = true;
            inner.waiters.give_up(i64::MIN, &mut woken);
        }
        for waker in woken {
            waker.wake();
        }
    }

    /// Lowers the flag.
    pub(crate) fn clear(&self) {
        lock(&self.0).is_due = false;
    }

    /// Waits until the flag is up.
    pub(crate) fn wait(&self) -> CheckpointDue {
        CheckpointDue { due: self.clone(), ticket: None }
    }
}

/// Ready once a checkpoint should be made. See
/// [`Storage::checkpoint_due`](crate::Storage::checkpoint_due).
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct CheckpointDue {
    due: Due,
    ticket: Option<Ticket>,
}

impl Future for CheckpointDue {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { due, ticket } = &mut *self;
        let mut inner = lock(&due.0);
        if inner.is_due {
            inner.waiters.leave(ticket);
            return Poll::Ready(());
        }
        inner.waiters.wait(ticket, 0, cx.waker());
        Poll::Pending
    }
}

impl Drop for CheckpointDue {
    fn drop(&mut self) {
        if self.ticket.is_some() {
            lock(&self.due.0).waiters.leave(&mut self.ticket);
        }
    }
}
