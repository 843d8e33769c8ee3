//! Futures that wait for a log to write, sync or show something.
//!
//! Each keeps at most one waker in the log's lists and takes it away when dropped. What moves the
//! log on is in [`super::commit`].

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::Core;
use super::append::Appended;
use super::commit::State;
use crate::error::Error;
use crate::lock::lock;
use crate::offset::Offset;
use crate::waiters::{Ticket, Waiters};

/// Which of the log's points is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goal {
    Written,
    Synced,
    Visible,
}

impl Goal {
    fn reached(self, state: &State) -> i64 {
        match self {
            Self::Written => state.written.offset,
            Self::Synced => state.synced.offset,
            Self::Visible => state.visible.offset,
        }
    }

    fn waiters(self, state: &mut State) -> &mut Waiters {
        match self {
            Self::Written => &mut state.on_written,
            Self::Synced => &mut state.on_synced,
            Self::Visible => &mut state.on_visible,
        }
    }
}

/// Waits for one point to reach one offset.
struct Wait {
    core: Arc<Core>,
    goal: Goal,
    end: i64,
    /// How often the log had lost records when the append was made.
    generation: Option<usize>,
    ticket: Option<Ticket>,
}

impl Wait {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let mut state = lock(&self.core.state);
        let outcome = self.outcome(&state);
        match &outcome {
            None => self.goal.waiters(&mut state).wait(&mut self.ticket, self.end, cx.waker()),
            Some(_) => self.goal.waiters(&mut state).leave(&mut self.ticket),
        }
        outcome.map_or(Poll::Pending, Poll::Ready)
    }

    fn outcome(&self, state: &State) -> Option<Result<(), Error>> {
        if let Some(from) = self.generation.and_then(|generation| state.lost(generation, self.end)) {
            return Some(Err(Error::Lost { log: self.core.name.clone(), from: Offset(from) }));
        }
        if self.goal.reached(state) >= self.end {
            return Some(Ok(()));
        }
        if state.gone {
            return Some(Err(Error::Unknown(self.core.name.clone())));
        }
        match &state.failed {
            // What is written stays so, whatever happens to syncs.
            Some(source) if self.goal != Goal::Written || !state.is_writing() => {
                Some(Err(Error::Closed { log: self.core.name.clone(), source: Arc::clone(source) }))
            }
            _ => None,
        }
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        if self.ticket.is_some() {
            let mut state = lock(&self.core.state);
            self.goal.waiters(&mut state).leave(&mut self.ticket);
        }
    }
}

macro_rules! wait_future {
    ($(#[$doc:meta])* $visible:vis $name:ident) => {
        $(#[$doc])*
        #[must_use = "futures do nothing unless polled"]
        $visible struct $name(Wait);

        impl Future for $name {
            type Output = Result<(), Error>;

            fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                self.0.poll(cx)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).field("end", &self.0.end).finish_non_exhaustive()
            }
        }
    };
}

wait_future! {
    /// Ready once an append is with the operating system. See [`Log::written`](super::Log::written).
    pub Written
}
wait_future! {
    /// Ready once an append is as durable as promised. See [`Log::durable`](super::Log::durable).
    pub Durable
}
wait_future! {
    /// Ready once there is something to read. See [`Log::readable`](super::Log::readable).
    pub Readable
}
wait_future! {
    /// Ready once everything below an offset is on stable storage.
    pub(super) Synced
}

impl Written {
    pub(super) fn new(core: &Arc<Core>, appended: &Appended) -> Self {
        Self(wait_for(core, Goal::Written, appended.end().0, Some(appended.generation)))
    }
}

impl Durable {
    pub(super) fn new(core: &Arc<Core>, appended: &Appended) -> Self {
        Self(wait_for(core, Goal::Visible, appended.end().0, Some(appended.generation)))
    }
}

impl Readable {
    pub(super) fn new(core: &Arc<Core>, after: Offset) -> Self {
        Self(wait_for(core, Goal::Visible, after.0.saturating_add(1), None))
    }
}

impl Synced {
    /// For what was in the log when it had lost records `generation` times.
    pub(super) fn new(core: &Arc<Core>, end: i64, generation: usize) -> Self {
        Self(wait_for(core, Goal::Synced, end, Some(generation)))
    }
}

fn wait_for(core: &Arc<Core>, goal: Goal, end: i64, generation: Option<usize>) -> Wait {
    Wait { core: Arc::clone(core), goal, end, generation, ticket: None }
}
