//! The memory that requests of all connections may take together.
//!
//! First come, first served: a large request that waits is not overtaken by small ones for ever.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::config::ServerConfig;

/// A share of the budget, given back when dropped.
pub(crate) type Share = OwnedSemaphorePermit;

/// Bytes that requests may take, shared by all connections of a server.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    bytes: Arc<Semaphore>,
    bytes_max: usize,
}

impl Budget {
    pub(crate) fn new(config: &ServerConfig) -> Self {
        let at_least = config.queued_max_request_bytes.max(config.frame_bytes_max);
        // Shares are counted in `u32`, and a frame's size is 31 bits.
        let bytes_max = at_least.min(Semaphore::MAX_PERMITS).min(u32::MAX as usize);
        Self { bytes: Arc::new(Semaphore::new(bytes_max)), bytes_max }
    }

    /// Takes a share if there is room and nobody waits.
    pub(crate) fn try_take(&self, bytes: usize) -> Option<Share> {
        Arc::clone(&self.bytes).try_acquire_many_owned(self.share(bytes)).ok()
    }

    /// Waits for a share, in the order of those who wait.
    pub(crate) fn take(&self, bytes: usize) -> impl Future<Output = Share> + Send + 'static {
        let acquiring = Arc::clone(&self.bytes).acquire_many_owned(self.share(bytes));
        async { acquiring.await.expect("the budget is never closed") }
    }

    fn share(&self, bytes: usize) -> u32 {
        u32::try_from(bytes.min(self.bytes_max)).unwrap_or(u32::MAX)
    }
}
