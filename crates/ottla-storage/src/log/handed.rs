//! Writes that another thread makes, for logs whose appends must not wait for the device.
//!
//! Who appends under a lock that others need at once (a broker's groups) cannot afford to stand still with the disk.
//! What such logs have handed over, and nobody has written yet, is bounded here, because nothing else holds them back.

use std::io::{self, IoSlice};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;

use super::Core;
use crate::config::LogConfig;
use crate::disk::{Completion, File, Started};
use crate::error::AppendError;
use crate::reserve::is_full;
use crate::tail::TailBatch;

/// Bytes of all logs that were handed over and are not written.
#[derive(Debug, Default)]
pub(crate) struct HandedOver(AtomicUsize);

impl HandedOver {
    /// Refuses while there are more than [`LogConfig::HANDED_OVER_BYTES_MAX`].
    pub(super) fn check(&self) -> Result<(), AppendError> {
        let (bytes, limit) = (self.0.load(Ordering::Relaxed), LogConfig::HANDED_OVER_BYTES_MAX);
        if bytes > limit { Err(AppendError::Stalled { bytes, limit }) } else { Ok(()) }
    }
}

impl Core {
    /// Starts a write that never waits in the calling thread.
    pub(super) fn hand_over(
        &self,
        file: &Arc<dyn File>,
        batches: &[TailBatch],
        position: u64,
        token: u64,
    ) -> Started {
        let parts =
            batches.iter().flat_map(|batch| [Bytes::copy_from_slice(&batch.header), batch.body.clone()]);
        let parts: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
        let bytes = parts.iter().map(Bytes::len).sum();
        let handed = Handed { log: self.me(), file: Arc::clone(file), parts: parts.clone(), position, bytes };
        let handed_over = &self.shared.handed_over.0;
        handed_over.fetch_add(bytes, Ordering::Relaxed);
        let done: Arc<dyn Completion> = Arc::new(handed);
        let started = file.write_later(parts, position, token, &done);
        if let Started::Now(_) = started {
            handed_over.fetch_sub(bytes, Ordering::Relaxed);
        }
        started
    }
}

/// A write on its way.
struct Handed {
    log: Arc<Core>,
    file: Arc<dyn File>,
    parts: Vec<Bytes>,
    position: u64,
    bytes: usize,
}

impl Completion for Handed {
    fn complete(&self, token: u64, mut result: io::Result<()>) {
        let reserve = &self.log.shared.reserve;
        let may_use_it = self.log.config().uses_reserve;
        while may_use_it && result.as_ref().is_err_and(is_full) && reserve.give() {
            let parts: Vec<_> = self.parts.iter().map(|part| IoSlice::new(part)).collect();
            result = self.file.write_blocking(&parts, self.position);
        }
        self.log.shared.handed_over.0.fetch_sub(self.bytes, Ordering::Relaxed);
        self.log.complete(token, result);
    }
}
