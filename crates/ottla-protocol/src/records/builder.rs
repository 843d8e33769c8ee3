//! Making a batch: each record is encoded once, straight into the bytes that will be sent.
//!
//! What goes into one batch and when it is sent is decided by the producer, not here.

use alloc::{boxed::Box, vec::Vec};

use bytes::Bytes;

use super::{
    Attributes, BATCH_HEADER_LEN, BatchHeader, Compression, LOG_OVERHEAD, NO_PARTITION_LEADER_EPOCH,
    NO_PRODUCER_EPOCH, NO_PRODUCER_ID, NO_SEQUENCE, NO_TIMESTAMP, TimestampType, codec, crc32c,
    crc32c_append, crc32c_combine, header,
};
use crate::wire::varint::{
    VARINT_LEN_MAX, VARLONG_LEN_MAX, put_unsigned_varlong, unsigned_varint_len, varint_len, varlong_len,
    zigzag32, zigzag64,
};

/// What a batch will be, apart from its records.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BatchOptions {
    /// Codec of the body. Default none.
    pub compression: Compression,
    /// Level for the codec, in its own scale; its default when absent. Kafka's `compression.*.level`.
    pub compression_level: Option<i32>,
    /// Whose clock the timestamps come from. Default `CreateTime`.
    pub timestamp_type: TimestampType,
    /// Offset of the first record. Default 0, which a broker replaces.
    pub base_offset: i64,
    /// Epoch of the leader. Default -1, which a broker replaces.
    pub partition_leader_epoch: i32,
    /// Id of an idempotent producer. Default -1.
    pub producer_id: i64,
    /// Epoch of an idempotent producer. Default -1.
    pub producer_epoch: i16,
    /// Sequence of the first record. Default -1.
    pub base_sequence: i32,
    /// Whether the batch is part of a transaction.
    pub transactional: bool,
    /// Whether the batch holds control records.
    pub control: bool,
    /// From when on its tombstones may be dropped, in Unix milliseconds (KIP-534).
    pub delete_horizon: Option<i64>,
    /// Size before compression past which no record is taken any more; the first always is. Default 16 KiB (`batch.size`).
    pub bytes_max: usize,
    /// The largest batch that one record may make, uncompressed. Default 1 MiB (`max.request.size`).
    pub record_bytes_max: usize,
}

impl Default for BatchOptions {
    fn default() -> Self {
        Self {
            compression: Compression::None,
            compression_level: None,
            timestamp_type: TimestampType::CreateTime,
            base_offset: 0,
            partition_leader_epoch: NO_PARTITION_LEADER_EPOCH,
            producer_id: NO_PRODUCER_ID,
            producer_epoch: NO_PRODUCER_EPOCH,
            base_sequence: NO_SEQUENCE,
            transactional: false,
            control: false,
            delete_horizon: None,
            bytes_max: 16 << 10,
            record_bytes_max: 1 << 20,
        }
    }
}

impl BatchOptions {
    /// The same options with this codec, at this level or the codec's default.
    #[must_use]
    pub const fn with_compression(mut self, codec: Compression, level: Option<i32>) -> Self {
        self.compression = codec;
        self.compression_level = level;
        self
    }

    /// The same options with this kind of timestamp.
    #[must_use]
    pub const fn with_timestamp_type(mut self, kind: TimestampType) -> Self {
        self.timestamp_type = kind;
        self
    }

    /// The same options with this place in a log.
    #[must_use]
    pub const fn with_place(mut self, base_offset: i64, partition_leader_epoch: i32) -> Self {
        self.base_offset = base_offset;
        self.partition_leader_epoch = partition_leader_epoch;
        self
    }

    /// The same options for this producer.
    #[must_use]
    pub const fn with_producer(mut self, producer_id: i64, producer_epoch: i16, base_sequence: i32) -> Self {
        self.producer_id = producer_id;
        self.producer_epoch = producer_epoch;
        self.base_sequence = base_sequence;
        self
    }

    /// The same options for a batch of a transaction.
    #[must_use]
    pub const fn with_transactional(mut self) -> Self {
        self.transactional = true;
        self
    }

    /// The same options for a batch of control records.
    #[must_use]
    pub const fn with_control(mut self) -> Self {
        self.control = true;
        self
    }

    /// The same options with this delete horizon, in Unix milliseconds.
    #[must_use]
    pub const fn with_delete_horizon(mut self, at: i64) -> Self {
        self.delete_horizon = Some(at);
        self
    }

    /// The same options with these limits: of the batch, and of a batch of one record, in bytes.
    #[must_use]
    pub const fn with_limits(mut self, bytes_max: usize, record_bytes_max: usize) -> Self {
        self.bytes_max = bytes_max;
        self.record_bytes_max = record_bytes_max;
        self
    }

    fn attributes(&self) -> Attributes {
        Attributes::default()
            .with_compression(self.compression)
            .with_timestamp_type(self.timestamp_type)
            .with_transactional(self.transactional)
            .with_control(self.control)
            .with_delete_horizon(self.delete_horizon.is_some())
    }
}

/// Why a record was not taken into a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// The batch has records and no room for this one: build it, and begin another.
    #[error("batch of {size} bytes with this record, limit {limit}")]
    Full {
        /// Size the batch would have, in bytes.
        size: usize,
        /// The limit it would break, in bytes.
        limit: usize,
    },
    /// No batch can take this record.
    #[error("record that makes a batch of {size} bytes exceeds the limit of {limit} bytes")]
    RecordTooLarge {
        /// Size of a batch of this record alone, in bytes.
        size: usize,
        /// The limit it broke, in bytes.
        limit: usize,
    },
}

/// Why a batch was not built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// There is no record in it.
    #[error("batch of no records")]
    Empty,
    /// The codec is one that this build leaves out.
    #[error("no {codec} in this build: turn on the feature \"{codec}\" of ottla-protocol")]
    CodecNotEnabled {
        /// The codec that is missing.
        codec: Compression,
    },
    /// The codec failed: a level that it does not have, most likely.
    #[error("{codec} failed: {reason}")]
    Compress {
        /// The codec that failed.
        codec: Compression,
        /// What it said.
        reason: Box<str>,
    },
    /// The batch came out larger than its length field can say.
    #[error("batch of {size} bytes exceeds the limit of {limit} bytes")]
    TooLarge {
        /// Size of the batch, in bytes.
        size: usize,
        /// The limit it broke, in bytes.
        limit: usize,
    },
}

/// A batch in the making.
///
/// Records are encoded as they come; compression, the header and the checksum follow at
/// [`build`](Self::build), so the producer's id, epoch and sequence can be set until then.
///
/// ```
/// use ottla_protocol::records::{Batch, BatchBuilder, BatchOptions};
/// use ottla_protocol::wire::DecodeLimits;
///
/// let mut builder = BatchBuilder::new(BatchOptions::default());
/// builder.try_append(1_700_000_000_000, Some(b"o-17"), Some(b"paid"), &[("trace", Some(b"7f"))])?;
/// let batch = Batch::parse(builder.build()?)?;
///
/// let records = batch.records(&DecodeLimits::default())?;
/// let record = records.iter().next().expect("one was appended")?;
/// assert_eq!(record.value, Some(&b"paid"[..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct BatchBuilder {
    options: BatchOptions,
    /// Room for the header, then the records, uncompressed.
    buf: Vec<u8>,
    /// The checksum of the records that end before `summed_until`.
    records_crc: u32,
    summed_until: usize,
    count: i32,
    last_offset_delta: i32,
    base_timestamp: i64,
    max_timestamp: i64,
}

impl BatchBuilder {
    /// The most that a batch can measure: its length field is an `i32`.
    pub const BATCH_BYTES_MAX: usize = i32::MAX as usize;

    /// An empty batch.
    pub fn new(options: BatchOptions) -> Self {
        Self::with_buffer(options, Vec::new())
    }

    /// An empty batch that fills a buffer used before, whatever is in it.
    pub fn with_buffer(options: BatchOptions, mut buf: Vec<u8>) -> Self {
        buf.clear();
        buf.resize(BATCH_HEADER_LEN, 0);
        let base_timestamp = options.delete_horizon.unwrap_or(NO_TIMESTAMP);
        Self {
            options,
            buf,
            records_crc: 0,
            summed_until: BATCH_HEADER_LEN,
            count: 0,
            last_offset_delta: -1,
            base_timestamp,
            max_timestamp: NO_TIMESTAMP,
        }
    }

    /// Encodes one record, at the next offset, and gives its offset delta.
    ///
    /// # Errors
    /// [`AppendError`]; the batch is then as it was.
    #[inline]
    pub fn try_append(
        &mut self,
        timestamp: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[(&str, Option<&[u8]>)],
    ) -> Result<i32, AppendError> {
        let offset_delta = self.last_offset_delta.wrapping_add(1);
        self.append_at(offset_delta, timestamp, key, value, headers)?;
        Ok(offset_delta)
    }

    /// Encodes one record at a given offset delta, for a batch with gaps such as compaction leaves.
    ///
    /// # Errors
    /// [`AppendError`]; the batch is then as it was. A delta that is not above the last one is
    /// refused as [`AppendError::Full`].
    #[inline]
    pub fn append_at(
        &mut self,
        offset_delta: i32,
        timestamp: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[(&str, Option<&[u8]>)],
    ) -> Result<(), AppendError> {
        let first = self.count == 0;
        let base_timestamp = match (first, self.options.delete_horizon) {
            (true, None) => timestamp,
            _ => self.base_timestamp,
        };
        let timestamp_delta = timestamp.wrapping_sub(base_timestamp);
        let body = body_len(timestamp_delta, offset_delta, key, value, headers);
        let size = self.buf.len().saturating_add(5).saturating_add(body);
        let limit = if first { self.options.record_bytes_max } else { self.options.bytes_max };
        if size > limit.min(Self::BATCH_BYTES_MAX) || offset_delta <= self.last_offset_delta {
            return Err(self.refuse(body));
        }
        self.base_timestamp = base_timestamp;
        self.write(body, timestamp_delta, offset_delta, key, value, headers);
        self.max_timestamp = if first { timestamp } else { self.max_timestamp.max(timestamp) };
        self.last_offset_delta = offset_delta;
        self.count += 1;
        if self.buf.len() - self.summed_until >= SUMMED_AT_ONCE {
            self.sum();
        }
        Ok(())
    }

    #[inline]
    fn write(
        &mut self,
        body: usize,
        timestamp_delta: i64,
        offset_delta: i32,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[(&str, Option<&[u8]>)],
    ) {
        self.buf.reserve(body + RECORD_SLACK);
        put_prefix(&mut self.buf, zigzag32(length(body)), zigzag64(timestamp_delta), zigzag32(offset_delta));
        put_length(&mut self.buf, nullable_length(key));
        self.buf.extend_from_slice(key.unwrap_or_default());
        put_length(&mut self.buf, nullable_length(value));
        self.buf.extend_from_slice(value.unwrap_or_default());
        put_length(&mut self.buf, length(headers.len()));
        for (key, value) in headers {
            put_length(&mut self.buf, length(key.len()));
            self.buf.extend_from_slice(key.as_bytes());
            put_length(&mut self.buf, nullable_length(*value));
            self.buf.extend_from_slice(value.unwrap_or_default());
        }
    }

    /// Takes what was written since the last time into the checksum, while the processor still has it at hand.
    #[inline(never)]
    fn sum(&mut self) {
        if self.options.compression == Compression::None {
            self.records_crc = crc32c_append(self.records_crc, &self.buf[self.summed_until..]);
        }
        self.summed_until = self.buf.len();
    }

    #[cold]
    fn refuse(&self, body: usize) -> AppendError {
        let alone = BATCH_HEADER_LEN.saturating_add(5).saturating_add(body);
        let limit = self.options.record_bytes_max.min(Self::BATCH_BYTES_MAX);
        if alone > limit {
            return AppendError::RecordTooLarge { size: alone, limit };
        }
        AppendError::Full {
            size: self.buf.len().saturating_add(5).saturating_add(body),
            limit: self.options.bytes_max.min(Self::BATCH_BYTES_MAX),
        }
    }

    /// Sets who sends the batch, which a producer may learn only after records were appended.
    pub const fn set_producer(&mut self, producer_id: i64, producer_epoch: i16, base_sequence: i32) {
        self.options.producer_id = producer_id;
        self.options.producer_epoch = producer_epoch;
        self.options.base_sequence = base_sequence;
    }

    /// Records in the batch so far.
    pub fn records_count(&self) -> usize {
        usize::try_from(self.count).unwrap_or(0)
    }

    /// Whether no record was appended yet.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Size of the batch so far, header included, before compression.
    pub const fn uncompressed_len(&self) -> usize {
        self.buf.len()
    }

    /// The most that the batch would measure with one more record of these parts, before compression.
    pub fn len_with(
        &self,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[(&str, Option<&[u8]>)],
    ) -> usize {
        self.buf.len().saturating_add(record_len_max(key, value, headers))
    }

    /// The greatest timestamp so far; -1 while there is no record.
    pub const fn max_timestamp(&self) -> i64 {
        self.max_timestamp
    }

    /// Packs the records, fills in the header and computes the checksum.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn build(mut self) -> Result<Bytes, BuildError> {
        if self.count == 0 {
            return Err(BuildError::Empty);
        }
        let header = self.header();
        let batch = match self.options.compression {
            Compression::None if self.summed_until > BATCH_HEADER_LEN => {
                self.sum();
                put_header(header, &mut self.buf, Some(self.records_crc))?;
                self.buf
            }
            Compression::None => {
                put_header(header, &mut self.buf, None)?;
                self.buf
            }
            codec => {
                let mut packed = Vec::with_capacity(BATCH_HEADER_LEN + self.buf.len() / 2);
                packed.resize(BATCH_HEADER_LEN, 0);
                codec::pack(
                    codec,
                    self.options.compression_level,
                    &self.buf[BATCH_HEADER_LEN..],
                    &mut packed,
                )?;
                put_header(header, &mut packed, None)?;
                packed
            }
        };
        Ok(batch.into())
    }

    /// Every field but length and checksum.
    fn header(&self) -> BatchHeader {
        BatchHeader {
            base_offset: self.options.base_offset,
            partition_leader_epoch: self.options.partition_leader_epoch,
            attributes: self.options.attributes(),
            last_offset_delta: self.last_offset_delta,
            base_timestamp: self.base_timestamp,
            max_timestamp: self.max_timestamp,
            producer_id: self.options.producer_id,
            producer_epoch: self.options.producer_epoch,
            base_sequence: self.options.base_sequence,
            records_count: self.count,
            ..BatchHeader::default()
        }
    }
}

/// Completes the header from the bytes it stands in front of.
pub(super) fn write_header(header: BatchHeader, batch: &mut [u8]) -> Result<(), BuildError> {
    put_header(header, batch, None)
}

/// As [`write_header`], without a look at the records if their checksum is known.
fn put_header(mut header: BatchHeader, batch: &mut [u8], records_crc: Option<u32>) -> Result<(), BuildError> {
    header.batch_length = i32::try_from(batch.len() - LOG_OVERHEAD)
        .map_err(|_| BuildError::TooLarge { size: batch.len(), limit: BatchBuilder::BATCH_BYTES_MAX })?;
    batch[..BATCH_HEADER_LEN].copy_from_slice(&header.to_bytes());
    header.crc = match records_crc {
        None => crc32c(&batch[header::ATTRIBUTES_AT..]),
        Some(records_crc) => {
            let fields = crc32c(&batch[header::ATTRIBUTES_AT..BATCH_HEADER_LEN]);
            crc32c_combine(fields, records_crc, batch.len() - BATCH_HEADER_LEN)
        }
    };
    batch[header::CRC_AT..header::ATTRIBUTES_AT].copy_from_slice(&header.crc.to_be_bytes());
    Ok(())
}

/// So many bytes of records are taken into the checksum at once, as they are written: few enough to be in the
/// nearest cache still, and enough for the wide instructions. A whole batch, once it is full, mostly is not.
const SUMMED_AT_ONCE: usize = 16 * 1024;

/// Room beyond a record's body: its length field, and what [`put_prefix`] writes too much for a moment.
const RECORD_SLACK: usize = VARINT_LEN_MAX + size_of::<u64>();

/// Writes the fields in front of a record's key.
///
/// Where each takes one byte or two, as they nearly always do, they are put together in a register
/// and stored at once. Stored byte by byte and then copied as a whole, the processor would have to
/// wait for the stores: that alone took half the time of a record.
#[inline]
fn put_prefix(buf: &mut Vec<u8>, length: u32, timestamp_delta: u64, offset_delta: u32) {
    let (length, offset_delta) = (u64::from(length), u64::from(offset_delta));
    if length | timestamp_delta | offset_delta < 0x4000 {
        let (bytes, len) = short_varint(length);
        let len = len + 1; // attributes, unused
        let (more, more_len) = short_varint(timestamp_delta);
        let (bytes, len) = (bytes | more << (8 * len), len + more_len);
        let (more, more_len) = short_varint(offset_delta);
        let (bytes, len) = (bytes | more << (8 * len), len + more_len);
        let end = buf.len() + len;
        buf.extend_from_slice(&bytes.to_le_bytes());
        buf.truncate(end);
        return;
    }
    put_long(buf, length);
    put_long(buf, 0);
    put_long(buf, timestamp_delta);
    put_long(buf, offset_delta);
}

/// A varint below 2^14 as an integer of its bytes, the first one lowest, and how many they are.
#[inline]
const fn short_varint(value: u64) -> (u64, usize) {
    if value < 0x80 { (value, 1) } else { (two_bytes(value), 2) }
}

/// The general case, out of line.
#[inline(never)]
fn put_long(buf: &mut Vec<u8>, value: u64) {
    put_unsigned_varlong(buf, value);
}

/// A varint of two bytes, the first one lowest.
#[inline]
const fn two_bytes(value: u64) -> u64 {
    value & 0x7f | 0x80 | value >> 7 << 8
}

#[inline]
fn put_length(buf: &mut Vec<u8>, length: i32) {
    let value = u64::from(zigzag32(length));
    match u8::try_from(value) {
        Ok(byte) if byte < 0x80 => buf.push(byte),
        _ if value < 0x4000 => buf.extend_from_slice(&two_bytes(value).to_le_bytes()[..2]),
        _ => put_long(buf, value),
    }
}

/// Bytes of a record behind its length field.
#[inline]
fn body_len(
    timestamp_delta: i64,
    offset_delta: i32,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: &[(&str, Option<&[u8]>)],
) -> usize {
    (1 + varlong_len(timestamp_delta) + varint_len(offset_delta))
        .saturating_add(nullable_len(key))
        .saturating_add(nullable_len(value))
        .saturating_add(headers_len(headers))
}

/// The most that a record of these parts can take in any batch.
fn record_len_max(key: Option<&[u8]>, value: Option<&[u8]>, headers: &[(&str, Option<&[u8]>)]) -> usize {
    (5 + 1 + VARLONG_LEN_MAX + 5)
        .saturating_add(nullable_len(key))
        .saturating_add(nullable_len(value))
        .saturating_add(headers_len(headers))
}

#[inline]
fn headers_len(headers: &[(&str, Option<&[u8]>)]) -> usize {
    headers.iter().fold(varint_len(length(headers.len())), |sum, (key, value)| {
        sum.saturating_add(nullable_len(Some(key.as_bytes()))).saturating_add(nullable_len(*value))
    })
}

#[inline]
fn nullable_len(bytes: Option<&[u8]>) -> usize {
    match bytes {
        Some(bytes) => unsigned_varint_len(zigzag32(length(bytes.len()))).saturating_add(bytes.len()),
        None => 1,
    }
}

#[inline]
fn nullable_length(bytes: Option<&[u8]>) -> i32 {
    bytes.map_or(-1, |bytes| length(bytes.len()))
}

/// A length as the record says it. Records beyond `i32::MAX` are refused before any is written.
#[inline]
fn length(len: usize) -> i32 {
    i32::try_from(len).unwrap_or(i32::MAX)
}
