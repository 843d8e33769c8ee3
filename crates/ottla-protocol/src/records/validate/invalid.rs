//! Why a broker refuses a batch, and the error code that says so.

use alloc::vec::Vec;
use core::fmt;

use crate::{ErrorCode, records::BatchError};

/// Why a batch is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBatch {
    /// The bytes are not those of a batch, or the checksum is not theirs.
    #[error(transparent)]
    Malformed(#[from] BatchError),
    /// A partition's records in a produce request are not exactly one whole batch.
    #[error("{records_len} bytes of records are not exactly one batch")]
    NotOneBatch {
        /// Bytes that were sent for the partition.
        records_len: usize,
    },
    /// The batch is larger than the topic allows.
    #[error("batch of {size} bytes exceeds max.message.bytes of {limit}")]
    TooLarge {
        /// Size of the batch, in bytes.
        size: usize,
        /// The limit it broke, in bytes.
        limit: usize,
    },
    /// A client's batch does not begin at offset 0.
    #[error("base_offset of {base_offset} where a client sends 0")]
    BaseOffset {
        /// What the header says.
        base_offset: i64,
    },
    /// Count and range of offsets are not positive, or not the same.
    #[error("records_count of {count} with last_offset_delta of {last_offset_delta}")]
    Count {
        /// Records that the header announces.
        count: i32,
        /// Its last offset delta, which is one less.
        last_offset_delta: i32,
    },
    /// A client sent control records.
    #[error("control batch from a client")]
    ControlFromClient,
    /// A batch of an idempotent producer has no sequence.
    #[error("base_sequence of {base_sequence} with producer_id {producer_id}")]
    Sequence {
        /// Id of the producer.
        producer_id: i64,
        /// What the header says.
        base_sequence: i32,
    },
    /// Single records break rules of the topic.
    #[error(transparent)]
    Records(RecordErrors),
}

impl InvalidBatch {
    /// The code that Kafka answers.
    pub fn error_code(&self) -> ErrorCode {
        match self {
            Self::Malformed(error) => malformed_code(error),
            Self::TooLarge { .. } => ErrorCode::MESSAGE_TOO_LARGE,
            Self::NotOneBatch { .. }
            | Self::BaseOffset { .. }
            | Self::Count { .. }
            | Self::ControlFromClient
            | Self::Sequence { .. } => ErrorCode::INVALID_RECORD,
            Self::Records(errors) => errors.error_code(),
        }
    }

    /// What is wrong with single records, for a produce response of v8 or later; empty otherwise.
    pub fn record_errors(&self) -> &[RecordError] {
        match self {
            Self::Records(errors) => errors.as_slice(),
            _ => &[],
        }
    }
}

fn malformed_code(error: &BatchError) -> ErrorCode {
    match error {
        BatchError::CrcMismatch { .. } | BatchError::BadBatchLength { .. } => ErrorCode::CORRUPT_MESSAGE,
        // Formats 0 and 1 are known and no longer taken; others are none.
        BatchError::UnsupportedMagic { magic: 0 | 1 } => ErrorCode::INVALID_RECORD,
        BatchError::UnsupportedMagic { .. } => ErrorCode::CORRUPT_MESSAGE,
        BatchError::CodecNotEnabled { .. } => ErrorCode::UNSUPPORTED_COMPRESSION_TYPE,
        // Kafka has no code for these: its decoder fails, and it answers as to a fault of its own.
        BatchError::UnknownCompression { .. } | BatchError::CorruptCompression { .. } => {
            ErrorCode::UNKNOWN_SERVER_ERROR
        }
        // Kafka has no such limit.
        BatchError::DecompressedTooLarge { .. } => ErrorCode::MESSAGE_TOO_LARGE,
        BatchError::Truncated { .. }
        | BatchError::SizeMismatch { .. }
        | BatchError::Varint { .. }
        | BatchError::BadLength { .. }
        | BatchError::TrailingBytes { .. }
        | BatchError::WrapperOffset { .. }
        | BatchError::NestedWrapper
        | BatchError::BadControlKey { .. } => ErrorCode::INVALID_RECORD,
    }
}

/// A rule of the topic that one record breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// Offsets within a batch count up from 0.
    #[error("record {index} has the offset delta {offset_delta}")]
    OffsetDelta {
        /// Which record of the batch.
        index: i32,
        /// What it says.
        offset_delta: i32,
    },
    /// A compacted topic needs keys.
    #[error("record {index} has no key, and the topic is compacted")]
    NoKey {
        /// Which record of the batch.
        index: i32,
    },
    /// The timestamp is too far from the broker's clock.
    #[error("record {index} is from {timestamp}, outside {oldest} to {newest}")]
    Timestamp {
        /// Which record of the batch.
        index: i32,
        /// What it says, in Unix milliseconds.
        timestamp: i64,
        /// The oldest that is allowed.
        oldest: i64,
        /// The newest that is allowed.
        newest: i64,
    },
    /// Only the broker says that timestamps are those of the append.
    #[error("record {index} is in a batch that claims LogAppendTime")]
    TimestampType {
        /// Which record of the batch.
        index: i32,
    },
}

impl RecordError {
    /// Which record of the batch is meant, the first being 0.
    pub const fn index(&self) -> i32 {
        match self {
            Self::OffsetDelta { index, .. }
            | Self::NoKey { index }
            | Self::Timestamp { index, .. }
            | Self::TimestampType { index } => *index,
        }
    }

    const fn is_timestamp(&self) -> bool {
        matches!(self, Self::Timestamp { .. } | Self::TimestampType { .. })
    }
}

/// The rules that records of one batch break: the first of them, and how many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordErrors {
    errors: Vec<RecordError>,
    count: usize,
    any_timestamp: bool,
}

impl RecordErrors {
    /// The most single records that are named; those beyond are counted.
    pub const NAMED_MAX: usize = 100;

    /// The first errors, in the order of the records.
    pub fn as_slice(&self) -> &[RecordError] {
        &self.errors
    }

    /// How many records break a rule, those not named included.
    pub const fn count(&self) -> usize {
        self.count
    }

    /// The code that Kafka answers: that of timestamps, once one of them is wrong.
    pub const fn error_code(&self) -> ErrorCode {
        if self.any_timestamp { ErrorCode::INVALID_TIMESTAMP } else { ErrorCode::INVALID_RECORD }
    }

    #[cold]
    pub(super) fn push(&mut self, error: RecordError) {
        self.count += 1;
        self.any_timestamp |= error.is_timestamp();
        if self.errors.len() < Self::NAMED_MAX {
            self.errors.push(error);
        }
    }

    pub(super) fn into_result(self) -> Result<(), InvalidBatch> {
        if self.count == 0 { Ok(()) } else { Err(InvalidBatch::Records(self)) }
    }
}

impl fmt::Display for RecordErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.errors.first() {
            Some(first) if self.count > 1 => write!(f, "{first}, and {} more like it", self.count - 1),
            Some(first) => first.fmt(f),
            None => f.write_str("no record is wrong"),
        }
    }
}

impl core::error::Error for RecordErrors {}
