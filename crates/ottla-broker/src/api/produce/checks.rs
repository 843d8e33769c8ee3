//! Whether a partition's records are one batch of a kind that is served.
//!
//! Whether the batch is sound is checked by the log, which knows the rules of the topic.

use std::sync::Arc;

use bytes::Bytes;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::produce::TopicProduceData;
use ottla_protocol::records::{Batch, Compression, produced_batch};
use ottla_protocol::wire::Records;

use super::Refusal;
use crate::broker::Core;
use crate::directory::Topic;

/// The version in which a producer may use Zstandard, and before which Kafka looks at codecs by itself (KIP-110).
const FIRST_WITH_ZSTD: i16 = 7;

/// Zstandard, the last codec that there is.
const CODEC_LAST: u8 = 4;

/// The least length that a batch of any form states, where its length ends, and where its attributes do.
const LENGTH_MIN: i32 = 14;
const LENGTH_END: usize = 12;
const ATTRIBUTES_LOW: usize = 22;
/// The bit of them that says that a batch is of a transaction, and where the producer's id and epoch begin.
const TRANSACTIONAL: u8 = 0x10;
const PRODUCER_ID: usize = 43;
const PRODUCER_EPOCH: usize = 51;

/// The form of batches of today.
const MAGIC: i8 = 2;

/// What spoils a whole request: Kafka looks at each first batch before it looks at anything else, and gives up where
/// it cannot tell what that is; before version 7 it also asks each batch for its codec.
pub(super) fn spoils_all(core: &Core, version: i16, data: &TopicProduceData) -> Option<Refusal> {
    let records = data.partition_data.iter().filter_map(|partition| {
        Some((partition.index, partition.records.as_ref().and_then(Records::as_bytes)?))
    });
    for (index, records) in records {
        let first = FirstBatch::of(records);
        if first.is_some_and(|first| !first.is_readable()) {
            return Some(Refusal::saying(
                ErrorCode::CORRUPT_MESSAGE,
                "what the first batch is cannot be told",
            ));
        }
        let has_codec = |topic: Arc<Topic>| topic.partition(index).is_some();
        if version < FIRST_WITH_ZSTD
            && first.is_some_and(|first| first.is_whole(records) && first.codec(records) > CODEC_LAST)
            && core.directory.by_name(&data.name).is_some_and(has_codec)
        {
            return Some(Refusal::from(ErrorCode::UNKNOWN_SERVER_ERROR));
        }
    }
    None
}

/// What the bytes say of themselves that come first.
#[derive(Clone, Copy)]
pub(super) struct FirstBatch {
    length: i32,
    magic: i8,
}

impl FirstBatch {
    /// The batch, if there are enough bytes to say anything of it.
    pub(super) fn of(records: &[u8]) -> Option<Self> {
        let length = records.get(8..12)?.try_into().map(i32::from_be_bytes).ok()?;
        let magic = records.get(16).copied();
        match magic {
            Some(magic) => Some(Self { length, magic: magic.cast_signed() }),
            None => (length < LENGTH_MIN).then_some(Self { length, magic: 0 }),
        }
    }

    fn is_readable(self) -> bool {
        self.length >= LENGTH_MIN && (0..=MAGIC).contains(&self.magic)
    }

    /// Whether all of it is there, in the form of today.
    fn is_whole(self, records: &[u8]) -> bool {
        let length = usize::try_from(self.length).unwrap_or(usize::MAX);
        self.magic == MAGIC && records.len().saturating_sub(LENGTH_END) >= length
    }

    /// Whether it is of a transaction.
    pub(super) fn is_transactional(self, records: &[u8]) -> bool {
        let attributes = records.get(ATTRIBUTES_LOW).copied().unwrap_or(0);
        self.magic == MAGIC && attributes & TRANSACTIONAL != 0
    }

    /// The id and epoch of its producer, if it has one.
    pub(super) fn producer(self, records: &[u8]) -> Option<(i64, i16)> {
        let id = records.get(PRODUCER_ID..PRODUCER_EPOCH)?.try_into().map(i64::from_be_bytes).ok()?;
        let epoch =
            records.get(PRODUCER_EPOCH..PRODUCER_EPOCH + 2)?.try_into().map(i16::from_be_bytes).ok()?;
        (id > -1).then_some((id, epoch))
    }

    fn codec(self, records: &[u8]) -> u8 {
        records.get(ATTRIBUTES_LOW).map_or(0, |attributes| attributes & 7)
    }
}

/// The one batch that a partition's records must be.
pub(super) fn one_batch(records: Option<Bytes>, version: i16) -> Result<Batch, Refusal> {
    let records = records.ok_or_else(|| Refusal::saying(ErrorCode::INVALID_RECORD, "records are null"))?;
    let batch =
        produced_batch(records).map_err(|error| Refusal::saying(error.error_code(), error.to_string()))?;
    let attributes = batch.header().attributes;
    if version < FIRST_WITH_ZSTD && attributes.compression() == Ok(Compression::Zstd) {
        return Err(Refusal::from(ErrorCode::UNSUPPORTED_COMPRESSION_TYPE));
    }
    Ok(batch)
}
