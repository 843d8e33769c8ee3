//! What handles of a connection hand to the task that drives it, and how it tells them that it ended.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};
use std::time::Duration;

use bytes::Bytes;
use ottla_protocol::wire::Chunk;
use tokio::sync::oneshot;

use crate::{Disconnect, Error, Sent};

/// Who waits for an answer.
pub(crate) type Waiter = oneshot::Sender<Result<Bytes, Error>>;

/// An encoded request on its way to the driver.
#[derive(Debug)]
pub(crate) struct Submission {
    pub(crate) correlation_id: i32,
    pub(crate) frame: Vec<Chunk>,
    /// `None` for a request that has no answer.
    pub(crate) answer: Option<(Waiter, Duration)>,
}

/// Requests that the driver has yet to take, in the order of their calls.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    submissions: Vec<Submission>,
    driver: Option<Waker>,
    /// No handle is left to submit anything.
    handles_gone: bool,
    /// A handle wants the connection closed at once.
    close_asked: bool,
    closed: Option<Disconnect>,
}

/// What handles want of the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    GoOn,
    /// No further request will come: end when those in flight are answered.
    Finish,
    Close,
}

impl Inbox {
    /// Hands over a request.
    ///
    /// # Errors
    /// The connection has ended.
    pub(crate) fn submit(&self, submission: Submission) -> Result<(), Error> {
        let mut state = self.lock();
        if let Some(cause) = &state.closed {
            return Err(Error::Disconnected { cause: cause.clone(), sent: Sent::No });
        }
        state.submissions.push(submission);
        wake(state);
        Ok(())
    }

    /// Says that the last handle is gone.
    pub(crate) fn finish(&self) {
        let mut state = self.lock();
        state.handles_gone = true;
        wake(state);
    }

    /// Asks the driver to end at once.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.close_asked = true;
        wake(state);
    }

    /// Why the connection ended, if it has.
    pub(crate) fn closed(&self) -> Option<Disconnect> {
        self.lock().closed.clone()
    }

    /// Moves what was submitted into `taken`, which is empty, and has `cx` woken when more comes.
    pub(crate) fn take(&self, taken: &mut Vec<Submission>, cx: &mut Context<'_>) -> Wish {
        let mut state = self.lock();
        std::mem::swap(&mut state.submissions, taken);
        if !state.driver.as_ref().is_some_and(|driver| driver.will_wake(cx.waker())) {
            state.driver = Some(cx.waker().clone());
        }
        match (state.close_asked, state.handles_gone) {
            (true, _) => Wish::Close,
            (false, true) => Wish::Finish,
            (false, false) => Wish::GoOn,
        }
    }

    /// Ends the connection: what was submitted and not taken comes back.
    pub(crate) fn end(&self, cause: Disconnect) -> Vec<Submission> {
        let mut state = self.lock();
        state.closed.get_or_insert(cause);
        state.driver = None;
        std::mem::take(&mut state.submissions)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in here is left half changed by a panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes the driver outside the lock, once until it looks again: it then takes everything at once.
fn wake(mut state: MutexGuard<'_, State>) {
    let driver = state.driver.take();
    drop(state);
    if let Some(driver) = driver {
        driver.wake();
    }
}
