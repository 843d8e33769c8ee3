//! The memory that requests of all connections may take together.
//!
//! First come, first served: a large request that waits is not overtaken by small ones for ever. A request takes its
//! share in steps, as its bytes arrive, so that what is only announced takes nothing from others. Requests that are
//! there in part could then wait for each other; so one of them at a time may go past the budget, to its end.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::config::ServerConfig;

/// What a request has of the budget, given back when dropped.
#[derive(Debug)]
pub(crate) struct Share {
    bytes: Option<OwnedSemaphorePermit>,
    /// Held by the one request that may go past the budget.
    last_resort: Option<OwnedSemaphorePermit>,
}

impl Share {
    /// Whether its request may be read to the end, whatever the budget says.
    pub(crate) fn is_without_limit(&self) -> bool {
        self.last_resort.is_some()
    }

    /// Takes in another share of the same budget.
    pub(crate) fn absorb(&mut self, other: Self) {
        match (&mut self.bytes, other.bytes) {
            (Some(bytes), Some(more)) => bytes.merge(more),
            (bytes, more) => *bytes = bytes.take().or(more),
        }
        self.last_resort = self.last_resort.take().or(other.last_resort);
    }
}

/// Bytes that requests may take, shared by all connections of a server.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    bytes: Arc<Semaphore>,
    bytes_max: usize,
    last_resort: Arc<Semaphore>,
}

impl Budget {
    pub(crate) fn new(config: &ServerConfig) -> Self {
        let at_least = config.queued_max_request_bytes.max(config.frame_bytes_max);
        // Shares are counted in `u32`, and a frame's size is 31 bits.
        let bytes_max = at_least.min(Semaphore::MAX_PERMITS).min(u32::MAX as usize);
        let (bytes, last_resort) = (Arc::new(Semaphore::new(bytes_max)), Arc::new(Semaphore::new(1)));
        Self { bytes, bytes_max, last_resort }
    }

    /// Takes a share if there is room and nobody waits.
    pub(crate) fn try_take(&self, bytes: usize) -> Option<Share> {
        let permit = Arc::clone(&self.bytes).try_acquire_many_owned(self.count(bytes)).ok()?;
        Some(Share { bytes: Some(permit), last_resort: None })
    }

    /// Waits for a share, in the order of those who wait, or for the place of the one that needs none.
    pub(crate) fn take(&self, bytes: usize) -> impl Future<Output = Share> + Send + 'static {
        let acquiring = Arc::clone(&self.bytes).acquire_many_owned(self.count(bytes));
        let last_resort = Arc::clone(&self.last_resort).acquire_owned();
        async {
            tokio::select! {
                biased;
                permit = acquiring => {
                    Share { bytes: Some(permit.expect("the budget is never closed")), last_resort: None }
                }
                permit = last_resort => {
                    Share { bytes: None, last_resort: Some(permit.expect("the budget is never closed")) }
                }
            }
        }
    }

    fn count(&self, bytes: usize) -> u32 {
        u32::try_from(bytes.min(self.bytes_max)).unwrap_or(u32::MAX)
    }
}
