//! One alarm for all groups.
//!
//! It is set to the earliest of all deadlines and rings once; whoever hears it looks at every shard, and each
//! sets it anew. A deadline that moved back is not taken out: the alarm rings early, and nothing is due. So
//! groups that nobody talks to cost nothing, and a heartbeat does not wake anybody.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;

/// The alarm.
#[derive(Debug, Default)]
pub(crate) struct Timer {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    at: Option<Instant>,
    closed: bool,
}

impl Timer {
    /// Sets the alarm, unless it rings before that anyway.
    pub(crate) fn set(&self, at: Instant) {
        let mut state = self.lock();
        if state.at.is_none_or(|earliest| at < earliest) {
            state.at = Some(at);
            self.changed.notify_one();
        }
    }

    /// Ends whoever waits for it, now and later.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_one();
    }

    /// Waits until the alarm rings, which stops it; false says that it was closed. For one task only.
    pub(crate) async fn rings(&self) -> bool {
        loop {
            let at = {
                let mut state = self.lock();
                if state.closed {
                    return false;
                }
                match state.at {
                    Some(at) if at <= tokio::time::Instant::now().into_std() => {
                        state.at = None;
                        return true;
                    }
                    at => at,
                }
            };
            match at {
                None => self.changed.notified().await,
                Some(at) => {
                    tokio::select! {
                        biased;
                        () = self.changed.notified() => {}
                        () = tokio::time::sleep_until(at.into()) => {}
                    }
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
