//! Ids of idempotent producers, given out of blocks that were made durable first.
//!
//! An id is never given twice: a block is reserved in the metadata before its first id leaves, and what a stop
//! leaves of it is skipped. What a producer's id means to a log is in `ottla-storage`.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use ottla_protocol::api::ErrorCode;

use crate::broker::Core;
use crate::metadata::record::MetadataRecord;

/// Ids that are reserved at a time, as in Kafka.
const BLOCK: i64 = 1000;

/// The ids that are reserved and not yet given out.
#[derive(Debug)]
pub(crate) struct ProducerIds {
    reserved: Mutex<Range<i64>>,
    /// Held by the one that reserves the next block, so that not everybody does.
    reserving: tokio::sync::Mutex<()>,
}

impl ProducerIds {
    pub(crate) fn new() -> Self {
        Self { reserved: Mutex::new(0..0), reserving: tokio::sync::Mutex::new(()) }
    }

    /// An id, unless a block has to be reserved first.
    pub(crate) fn next_reserved(&self) -> Option<i64> {
        self.reserved.lock().unwrap_or_else(PoisonError::into_inner).next()
    }

    /// An id, after a new block was made durable if it has to be.
    ///
    /// Cancel safe: a block that was reserved for a dropped future is skipped.
    pub(crate) async fn next(&self, core: &Core) -> Result<i64, ErrorCode> {
        let _one_at_a_time = self.reserving.lock().await;
        loop {
            if let Some(id) = self.next_reserved() {
                return Ok(id);
            }
            let proposal = core.journal.propose(core, |image| {
                let first = image.next_producer_id();
                let next = first.checked_add(BLOCK);
                (next.map(MetadataRecord::ProducerIds).into_iter().collect(), next.map(|next| first..next))
            })?;
            let block = proposal.outcome.ok_or(ErrorCode::UNKNOWN_SERVER_ERROR)?;
            core.journal.published(proposal.end).await?;
            *self.reserved.lock().unwrap_or_else(PoisonError::into_inner) = block;
        }
    }
}
