//! What a batch says about producers and transactions, for appends and for replays alike.
//!
//! What follows from it is in [`crate::producers`].

use ottla_protocol::records::{Batch, BatchError, BatchHeader, ControlRecord, EndTxnMarker};
use ottla_protocol::wire::DecodeLimits;

use crate::producers::Claim;

/// What a batch header says about its producer.
pub(crate) fn claim(header: &BatchHeader, timestamp: i64) -> Claim {
    Claim {
        producer_id: header.producer_id,
        epoch: header.producer_epoch,
        first_sequence: header.base_sequence,
        offset_delta: header.last_offset_delta,
        timestamp,
        is_transactional: header.attributes.is_transactional(),
    }
}

/// The end of a transaction that a control batch says, if that is what it says.
pub(crate) fn end_marker(batch: &Batch) -> Result<Option<EndTxnMarker>, BatchError> {
    let records = batch.records(&DecodeLimits::DEFAULT)?;
    match records.iter().next() {
        Some(record) => EndTxnMarker::parse(&ControlRecord::parse(&record?)?),
        None => Ok(None),
    }
}
