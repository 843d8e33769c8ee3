//! Whether a partition's records are one batch of a kind that is served.
//!
//! Whether the batch is sound is checked by the log, which knows the rules of the topic.

use bytes::Bytes;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::records::{Batch, Compression, produced_batch};

use super::Refusal;

/// The one batch that a partition's records must be.
pub(super) fn one_batch(records: Option<Bytes>, version: i16, transactional: bool) -> Result<Batch, Refusal> {
    let records = records.ok_or_else(|| Refusal::saying(ErrorCode::INVALID_RECORD, "records are null"))?;
    let batch =
        produced_batch(records).map_err(|error| Refusal::saying(error.error_code(), error.to_string()))?;
    let attributes = batch.header().attributes;
    if version < 7 && attributes.compression() == Ok(Compression::Zstd) {
        return Err(Refusal::from(ErrorCode::UNSUPPORTED_COMPRESSION_TYPE));
    }
    if transactional || attributes.is_transactional() {
        let message = "transactions are not served by this release of ottla";
        return Err(Refusal::saying(ErrorCode::INVALID_REQUEST, message));
    }
    Ok(batch)
}
