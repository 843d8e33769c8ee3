//! One at a time, for work that awaits: a lock that is held over an `.await`.
//!
//! Only the waiting lives here; what is done behind the gate is the caller's.

use std::future::poll_fn;
use std::sync::Mutex;
use std::task::Poll;

use crate::lock::lock;
use crate::waiters::{Ticket, Waiters};

/// A gate that lets one in.
#[derive(Debug, Default)]
pub(crate) struct Gate(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    is_held: bool,
    waiters: Waiters,
}

/// Being inside; dropping it lets the next one in.
#[derive(Debug)]
pub(crate) struct Inside<'a>(&'a Gate);

impl Gate {
    /// Waits until nobody is inside.
    pub(crate) async fn enter(&self) -> Inside<'_> {
        let mut place = Place { gate: self, ticket: None };
        poll_fn(|cx| {
            let mut inner = lock(&self.0);
            if inner.is_held {
                inner.waiters.wait(&mut place.ticket, 0, cx.waker());
                return Poll::Pending;
            }
            inner.is_held = true;
            Poll::Ready(())
        })
        .await;
        Inside(self)
    }
}

/// A place among those who wait, given up when dropped.
struct Place<'a> {
    gate: &'a Gate,
    ticket: Option<Ticket>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if self.ticket.is_some() {
            lock(&self.gate.0).waiters.leave(&mut self.ticket);
        }
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        // All are woken: who was woken alone might be dropped before it is polled.
        let mut woken = Vec::new();
        {
            let mut inner = lock(&self.0.0);
            inner.is_held = false;
            inner.waiters.give_up(i64::MIN, &mut woken);
        }
        for waker in woken {
            waker.wake();
        }
    }
}
