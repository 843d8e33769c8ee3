//! Record batches: how records lie in a produce request, in the log and in a fetch response.
//!
//! A batch (format v2) is a header of 61 bytes and a body of records, compressed or not. It is made
//! by a [`BatchBuilder`], cut out of received bytes as a [`Batch`], read lazily through
//! [`BatchRecords`], and given its place in a log by a [`HeaderEdit`], which never touches the body.
//!
//! The messages that carry batches are in `messages`; files and offsets' meaning belong to whoever
//! stores them.

mod attributes;
mod batch;
mod builder;
mod codec;
mod control;
mod crc;
mod edit;
mod error;
mod header;
mod iter;
pub mod legacy;
mod record;
mod selection;
#[cfg(test)]
mod tests;
mod validate;

pub use attributes::{Attributes, Compression, TimestampType};
pub use batch::{Batch, BatchRecords};
pub use builder::{AppendError, BatchBuilder, BatchOptions, BuildError};
pub use control::{ControlRecord, ControlRecordType, EndTxnMarker};
pub use crc::{crc32c, crc32c_append, crc32c_combine};
pub use edit::HeaderEdit;
pub use error::BatchError;
pub use header::{BATCH_HEADER_LEN, BatchHeader, LOG_OVERHEAD, MAGIC_V2, magic_of};
pub use iter::RecordIter;
pub use record::{Record, RecordHeader, RecordHeaders};
pub use selection::{SelectableRecord, Selection, write_empty_batch};
pub use validate::{
    BatchOrigin, InvalidBatch, RecordError, RecordErrors, ValidBatch, ValidateRules, produced_batch, validate,
};

/// The producer id of a batch that was not sent idempotently.
pub const NO_PRODUCER_ID: i64 = -1;
/// The producer epoch of a batch that was not sent idempotently.
pub const NO_PRODUCER_EPOCH: i16 = -1;
/// The base sequence of a batch that was not sent idempotently.
pub const NO_SEQUENCE: i32 = -1;
/// The leader epoch of a batch that no leader has seen yet.
pub const NO_PARTITION_LEADER_EPOCH: i32 = -1;
/// The timestamp of a record that has none.
pub const NO_TIMESTAMP: i64 = -1;
