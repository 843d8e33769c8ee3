//! The connection that a share session was begun on: the session ends with it, and what it was handed is free again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use super::hub::Hub;
use crate::broker::Core;

/// Ends the share sessions of a connection when that is gone.
#[derive(Debug)]
pub(crate) struct ShareConnection {
    core: Weak<Core>,
    /// Which connection it is.
    id: u64,
    /// Whether a share session was begun on it.
    is_used: AtomicBool,
}

impl ShareConnection {
    /// A new connection to this broker.
    pub(crate) fn new(core: &Arc<Core>) -> Self {
        Self {
            core: Arc::downgrade(core),
            id: core.share.hub.next_connection(),
            is_used: AtomicBool::new(false),
        }
    }

    /// Says that a share session is begun on it; returns which connection it is.
    pub(crate) fn begins(&self) -> u64 {
        self.is_used.store(true, Ordering::Relaxed);
        self.id
    }
}

impl Drop for ShareConnection {
    fn drop(&mut self) {
        if !*self.is_used.get_mut() {
            return;
        }
        if let Some(core) = self.core.upgrade() {
            Hub::disconnected(&core, self.id);
        }
    }
}
