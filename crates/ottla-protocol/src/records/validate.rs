//! Whether a broker may append a batch: Kafka 4.3's rules, and the error each of them is answered with.
//!
//! Everything that one batch alone can tell is looked at here: length, checksum, counts, offsets,
//! timestamps, keys. What needs more than the batch (producer sequences against those before,
//! transactions, the log's own end) is decided by whoever keeps that state.
//!
//! Uncompressed records are walked where they lie. Compressed ones stream once through a window of
//! fixed size, so that a batch is never unpacked whole. Two things are stricter than in Kafka,
//! because what it lets through cannot be consumed: offset deltas must be 0, 1, 2, ... in either
//! case, and the lengths of compressed records must be right.

mod invalid;
mod scan;
mod window;

pub use invalid::{InvalidBatch, RecordError, RecordErrors};

use bytes::Bytes;
use scan::{Fields, scan_record};
use window::Window;

use super::{
    BATCH_HEADER_LEN, Batch, BatchError, BatchHeader, Compression, HeaderEdit, LOG_OVERHEAD, NO_TIMESTAMP,
    TimestampType, header, magic_of, record::Cursor,
};
use crate::wire::DecodeLimits;

/// Who sent a batch, and so what it may hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BatchOrigin {
    /// A client: no control records, offsets from 0 on, a sequence where there is a producer id.
    #[default]
    Client,
    /// The broker itself, which writes transaction markers and records of coordinators.
    Broker,
}

/// What a topic asks of a batch. The defaults are those of a Kafka topic.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ValidateRules {
    /// Who sent the batch. Default a client.
    pub origin: BatchOrigin,
    /// The largest batch, in bytes. Default 1,048,588 (`max.message.bytes`).
    pub message_bytes_max: usize,
    /// Whose clock counts. Default `CreateTime` (`message.timestamp.type`).
    pub timestamp_type: TimestampType,
    /// The broker's time, in Unix milliseconds. Default 0, so set it.
    pub now: i64,
    /// How long before `now` a record may be from, in milliseconds. Default `i64::MAX` (`message.timestamp.before.max.ms`).
    pub timestamp_before_max: i64,
    /// How long after `now` a record may be from, in milliseconds. Default an hour (`message.timestamp.after.max.ms`).
    pub timestamp_after_max: i64,
    /// Whether every record needs a key (`cleanup.policy` with `compact`). Default no.
    pub compacted: bool,
    /// What unpacking the batch may cost.
    pub limits: DecodeLimits,
}

impl Default for ValidateRules {
    fn default() -> Self {
        Self {
            origin: BatchOrigin::Client,
            message_bytes_max: (1 << 20) + LOG_OVERHEAD,
            timestamp_type: TimestampType::CreateTime,
            now: 0,
            timestamp_before_max: i64::MAX,
            timestamp_after_max: 3_600_000,
            compacted: false,
            limits: DecodeLimits::DEFAULT,
        }
    }
}

impl ValidateRules {
    /// The same rules for a batch from there.
    #[must_use]
    pub const fn with_origin(mut self, origin: BatchOrigin) -> Self {
        self.origin = origin;
        self
    }

    /// The same rules with this largest size of a batch, in bytes.
    #[must_use]
    pub const fn with_message_bytes_max(mut self, bytes: usize) -> Self {
        self.message_bytes_max = bytes;
        self
    }

    /// The same rules with this clock counting, at this time in Unix milliseconds.
    #[must_use]
    pub const fn with_clock(mut self, timestamp_type: TimestampType, now: i64) -> Self {
        self.timestamp_type = timestamp_type;
        self.now = now;
        self
    }

    /// The same rules with records allowed from so long before now to so long after it, in milliseconds.
    #[must_use]
    pub const fn with_timestamp_range(mut self, before_max: i64, after_max: i64) -> Self {
        self.timestamp_before_max = before_max;
        self.timestamp_after_max = after_max;
        self
    }

    /// The same rules for a compacted topic.
    #[must_use]
    pub const fn with_compacted(mut self) -> Self {
        self.compacted = true;
        self
    }

    /// The same rules with these bounds on unpacking.
    #[must_use]
    pub const fn with_limits(mut self, limits: DecodeLimits) -> Self {
        self.limits = limits;
        self
    }
}

/// What was found out about a batch on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ValidBatch {
    /// The max timestamp to store: `now` under `LogAppendTime`, else that of the records, whatever the header says.
    pub max_timestamp: i64,
    /// Whose clock the stored batch goes by.
    pub timestamp_type: TimestampType,
    /// Size of the records, unpacked, in bytes.
    pub records_len: usize,
}

impl ValidBatch {
    /// The header under which the batch is stored: its place, and its timestamps put right.
    pub fn header_edit(&self, batch: &Batch, base_offset: i64, partition_leader_epoch: i32) -> HeaderEdit {
        let edit =
            HeaderEdit::new(batch).base_offset(base_offset).partition_leader_epoch(partition_leader_epoch);
        match self.timestamp_type {
            TimestampType::CreateTime => edit.max_timestamp(self.max_timestamp),
            TimestampType::LogAppendTime => edit.log_append_time(self.max_timestamp),
        }
    }
}

/// Takes the one batch that the records of a produce request must hold (Produce v3 and later).
///
/// As in Kafka, what follows the batch is dropped where it is only the beginning of another.
///
/// # Errors
/// [`InvalidBatch::NotOneBatch`] for none, several, or a cut one; [`InvalidBatch::Malformed`] for
/// an impossible length or another format.
pub fn produced_batch(mut records: Bytes) -> Result<Batch, InvalidBatch> {
    let Some(size) = next_size(&records)? else {
        return Err(InvalidBatch::NotOneBatch { records_len: records.len() });
    };
    if let Some(magic @ (0 | 1)) = magic_of(&records) {
        return Err(BatchError::UnsupportedMagic { magic }.into());
    }
    if next_size(&records[size..])?.is_some() {
        return Err(InvalidBatch::NotOneBatch { records_len: records.len() });
    }
    if size < BATCH_HEADER_LEN {
        let length = i32::try_from(size - LOG_OVERHEAD).unwrap_or(0);
        return Err(BatchError::BadBatchLength { length, minimum: header::BATCH_LENGTH_MIN }.into());
    }
    Ok(Batch::parse(records.split_to(size))?)
}

/// Size of the batch that `bytes` begin with, of any format; `None` when it is not all there.
fn next_size(bytes: &[u8]) -> Result<Option<usize>, InvalidBatch> {
    let Some(length) = bytes.get(8..).and_then(|rest| rest.first_chunk::<4>()) else {
        return Ok(None);
    };
    let length = i32::from_be_bytes(*length);
    if length < header::LEGACY_LENGTH_MIN {
        return Err(BatchError::BadBatchLength { length, minimum: header::LEGACY_LENGTH_MIN }.into());
    }
    match magic_of(bytes) {
        None => return Ok(None),
        Some(0..=2) => {}
        Some(magic) => return Err(BatchError::UnsupportedMagic { magic }.into()),
    }
    let size = usize::try_from(length).unwrap_or(usize::MAX).saturating_add(LOG_OVERHEAD);
    Ok(Some(size).filter(|size| *size <= bytes.len()))
}

/// Checks a batch by the rules of a topic, in the order in which Kafka checks it.
///
/// # Errors
/// [`InvalidBatch`], which names what is wrong and knows the code to answer.
pub fn validate(batch: &Batch, rules: &ValidateRules) -> Result<ValidBatch, InvalidBatch> {
    let header = batch.header();
    if rules.origin == BatchOrigin::Client && header.base_offset != 0 {
        return Err(InvalidBatch::BaseOffset { base_offset: header.base_offset });
    }
    let size = batch.bytes().len();
    if size > rules.message_bytes_max {
        return Err(InvalidBatch::TooLarge { size, limit: rules.message_bytes_max });
    }
    let computed = batch.computed_crc();
    if computed != header.crc {
        return Err(BatchError::CrcMismatch { stored: header.crc, computed }.into());
    }
    let codec = header.attributes.compression()?;
    if rules.origin == BatchOrigin::Client {
        check_client_header(header)?;
    }
    let mut walk = Walk::new(header, rules);
    let body = &batch.bytes()[BATCH_HEADER_LEN..];
    let records_len = match codec {
        Compression::None => walk.plain(body)?,
        codec => walk.packed(Window::new(codec, body, &rules.limits)?)?,
    };
    walk.errors.into_result()?;
    let max_timestamp = match rules.timestamp_type {
        TimestampType::CreateTime => walk.max_timestamp,
        TimestampType::LogAppendTime => rules.now,
    };
    Ok(ValidBatch { max_timestamp, timestamp_type: rules.timestamp_type, records_len })
}

fn check_client_header(header: &BatchHeader) -> Result<(), InvalidBatch> {
    let count = header.records_count;
    if count <= 0 || i64::from(header.last_offset_delta) + 1 != i64::from(count) {
        return Err(InvalidBatch::Count { count, last_offset_delta: header.last_offset_delta });
    }
    if header.attributes.is_control() {
        return Err(InvalidBatch::ControlFromClient);
    }
    if header.has_producer_id() && header.base_sequence < 0 {
        return Err(InvalidBatch::Sequence {
            producer_id: header.producer_id,
            base_sequence: header.base_sequence,
        });
    }
    Ok(())
}

/// One pass over the records of a batch.
struct Walk<'a> {
    header: &'a BatchHeader,
    rules: &'a ValidateRules,
    batch_type: TimestampType,
    index: i32,
    max_timestamp: i64,
    errors: RecordErrors,
}

impl<'a> Walk<'a> {
    fn new(header: &'a BatchHeader, rules: &'a ValidateRules) -> Self {
        Self {
            header,
            rules,
            batch_type: header.attributes.timestamp_type(),
            index: 0,
            max_timestamp: NO_TIMESTAMP,
            errors: RecordErrors::default(),
        }
    }

    fn plain(&mut self, body: &[u8]) -> Result<usize, InvalidBatch> {
        let mut rest = body;
        while self.index < self.header.records_count {
            let mut cursor = Cursor { bytes: rest, pos: 0 };
            let length = cursor.varint("record length")?;
            let Ok(len) = usize::try_from(length) else {
                return Err(cursor.bad_length("record length", i64::from(length)).into());
            };
            let record = cursor.take("record", len)?;
            rest = cursor.rest();
            self.record(scan_record(&mut Cursor { bytes: record, pos: 0 })?);
        }
        if !rest.is_empty() {
            return Err(BatchError::TrailingBytes { field: "records", remaining: rest.len() }.into());
        }
        Ok(body.len())
    }

    fn packed(&mut self, mut window: Window<'_>) -> Result<usize, InvalidBatch> {
        while self.index < self.header.records_count {
            let fields = window.record()?;
            self.record(fields);
        }
        let remaining = window.available()?;
        if remaining > 0 {
            return Err(BatchError::TrailingBytes { field: "records", remaining }.into());
        }
        Ok(window.consumed())
    }

    #[inline]
    fn record(&mut self, fields: Fields) {
        let timestamp = match self.batch_type {
            TimestampType::CreateTime => self.header.base_timestamp.wrapping_add(fields.timestamp_delta),
            TimestampType::LogAppendTime => self.header.max_timestamp,
        };
        if let Some(error) = self.broken_rule(&fields, timestamp) {
            self.errors.push(error);
        }
        self.max_timestamp = self.max_timestamp.max(timestamp);
        self.index += 1;
    }

    #[inline]
    fn broken_rule(&self, fields: &Fields, timestamp: i64) -> Option<RecordError> {
        let index = self.index;
        if self.rules.origin == BatchOrigin::Client && fields.offset_delta != index {
            return Some(RecordError::OffsetDelta { index, offset_delta: fields.offset_delta });
        }
        if self.rules.compacted && !fields.has_key {
            return Some(RecordError::NoKey { index });
        }
        if self.rules.timestamp_type == TimestampType::CreateTime && timestamp != NO_TIMESTAMP {
            // Kafka's own arithmetic, which wraps around for timestamps at the ends of the range.
            let age = self.rules.now.wrapping_sub(timestamp);
            if age > self.rules.timestamp_before_max || age.wrapping_neg() > self.rules.timestamp_after_max {
                return Some(RecordError::Timestamp {
                    index,
                    timestamp,
                    oldest: self.rules.now.wrapping_sub(self.rules.timestamp_before_max),
                    newest: self.rules.now.wrapping_add(self.rules.timestamp_after_max),
                });
            }
        } else if self.batch_type == TimestampType::LogAppendTime {
            return Some(RecordError::TimestampType { index });
        }
        None
    }
}

#[cfg(test)]
mod tests;
