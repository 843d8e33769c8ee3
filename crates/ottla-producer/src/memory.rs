//! The bound on memory: `buffer.memory` bytes for all batches that are not acknowledged yet.
//!
//! A batch takes its share when it is opened, and gives it back when its fate is known. Who finds no
//! share waits, first come first served.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::Error;

/// All memory of a producer.
#[derive(Debug)]
pub(crate) struct Memory {
    free: Arc<Semaphore>,
    limit: usize,
}

/// A batch's share; dropped, it is free again.
#[derive(Debug)]
pub(crate) struct Share {
    _permit: OwnedSemaphorePermit,
}

impl Memory {
    pub(crate) fn new(limit: usize) -> Self {
        let limit = limit.min(Semaphore::MAX_PERMITS);
        Self { free: Arc::new(Semaphore::new(limit)), limit }
    }

    /// A share of `bytes` if it is free and nobody waits.
    pub(crate) fn try_share(&self, bytes: usize) -> Option<Share> {
        let bytes = u32::try_from(bytes).ok()?;
        let permit = Arc::clone(&self.free).try_acquire_many_owned(bytes).ok()?;
        Some(Share { _permit: permit })
    }

    /// A share of `bytes`, as soon as it is free.
    ///
    /// Cancel safe: dropped, the place in the queue is lost and nothing else.
    pub(crate) async fn share(&self, bytes: usize, patience: Duration) -> Result<Share, Error> {
        let too_large = || Error::RecordTooLarge { size: bytes, setting: "buffer.memory", limit: self.limit };
        let wanted = u32::try_from(bytes).map_err(|_| too_large())?;
        if bytes > self.limit {
            return Err(too_large());
        }
        let acquire = Arc::clone(&self.free).acquire_many_owned(wanted);
        match tokio::time::timeout(patience, acquire).await {
            Ok(Ok(permit)) => Ok(Share { _permit: permit }),
            Ok(Err(_closed)) => Err(Error::Closed { possibly_written: false }),
            Err(_elapsed) => Err(Error::BufferFull { limit: self.limit, waited: patience }),
        }
    }

    /// Fails all who wait, now and later.
    pub(crate) fn close(&self) {
        self.free.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn who_finds_no_memory_waits_until_some_is_given_back() {
        let memory = Arc::new(Memory::new(100));
        let share = memory.try_share(80).unwrap();
        assert!(memory.try_share(21).is_none());
        let waiter = tokio::spawn({
            let memory = Arc::clone(&memory);
            async move { memory.share(50, PATIENCE).await.map(drop) }
        });
        tokio::task::yield_now().await;
        assert!(memory.try_share(10).is_none(), "nobody overtakes who waits");
        drop(share);
        waiter.await.unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn patience_ends() {
        let memory = Memory::new(100);
        let _share = memory.try_share(100).unwrap();
        let error = memory.share(1, PATIENCE).await.unwrap_err();
        assert!(matches!(error, Error::BufferFull { limit: 100, waited: PATIENCE }), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_never_fits_is_refused_at_once() {
        let error = Memory::new(100).share(101, PATIENCE).await.unwrap_err();
        assert!(matches!(error, Error::RecordTooLarge { size: 101, .. }), "{error}");
    }
}
