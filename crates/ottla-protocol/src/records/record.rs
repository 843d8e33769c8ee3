//! One record of a batch, borrowed from its bytes.
//!
//! ```text
//! length           varint    bytes that follow
//! attributes       1         unused
//! timestamp_delta  varlong   to the batch's base timestamp
//! offset_delta     varint    to the batch's base offset
//! key              varint length, -1 for null, then the bytes
//! value            varint length, -1 for null, then the bytes
//! headers          varint count, then for each: key, and value with -1 for null
//! ```

use core::str::Utf8Error;

use super::{BatchError, BatchHeader, TimestampType};
use crate::wire::varint::{read_varint, read_varlong, unzigzag32};

/// A record, borrowed from the batch that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record<'a> {
    /// Place in the log.
    pub offset: i64,
    /// Unix milliseconds, or -1: the producer's, or the broker's where the batch says `LogAppendTime`.
    pub timestamp: i64,
    /// What partitioning and compaction go by.
    pub key: Option<&'a [u8]>,
    /// The payload; `None` is a tombstone.
    pub value: Option<&'a [u8]>,
    headers: RecordHeaders<'a>,
}

impl<'a> Record<'a> {
    /// The headers in the order they were written, a repeated key each time it occurs.
    pub const fn headers(&self) -> RecordHeaders<'a> {
        self.headers
    }

    /// A record of a format that has no headers.
    pub(super) const fn without_headers(
        offset: i64,
        timestamp: i64,
        key: Option<&'a [u8]>,
        value: Option<&'a [u8]>,
    ) -> Self {
        Self { offset, timestamp, key, value, headers: RecordHeaders { bytes: &[], count: 0 } }
    }

    /// Reads the record that `bytes` begin with, length field and all, and gives what follows it; `None` unless it is
    /// one as nearly all are: whole, its numbers of one byte or two, without headers.
    ///
    /// Says nothing of why: whoever gets `None` reads the record field by field.
    #[inline]
    pub(super) fn parse_plain(bytes: &'a [u8], base: &RecordBase) -> Option<(Self, &'a [u8])> {
        let (length, bytes) = short_varint(bytes)?;
        let (body, rest) = bytes.split_at_checked(plain_length(length)?)?;
        let [_attributes, body @ ..] = body else { return None };
        let (timestamp_delta, body) = short_varint(body)?;
        let (offset_delta, body) = short_varint(body)?;
        let (key, body) = plain_bytes(body)?;
        let (value, body) = plain_bytes(body)?;
        let [0] = body else { return None };
        let record = Self {
            offset: base.offset.wrapping_add(i64::from(unzigzag32(offset_delta))),
            timestamp: match base.log_append_time {
                None => base.timestamp.wrapping_add(i64::from(unzigzag32(timestamp_delta))),
                Some(time) => time,
            },
            key,
            value,
            headers: RecordHeaders { bytes: &[], count: 0 },
        };
        Some((record, rest))
    }

    /// Reads the record whose length field was already taken off: `body` is all of it, and no more.
    #[inline]
    pub(super) fn parse(body: &'a [u8], base: &RecordBase) -> Result<Self, BatchError> {
        let mut cursor = Cursor { bytes: body, pos: 1 }; // behind the unused attributes
        let timestamp_delta = cursor.varlong("timestamp_delta")?;
        let offset_delta = cursor.varint("offset_delta")?;
        let key = cursor.nullable_bytes("key")?;
        let value = cursor.nullable_bytes("value")?;
        let count = cursor.varint("headers")?;
        let headers = if count == 0 && cursor.pos == body.len() {
            RecordHeaders { bytes: &[], count: 0 }
        } else {
            cursor.headers(count)?
        };
        Ok(Self {
            offset: base.offset.wrapping_add(i64::from(offset_delta)),
            timestamp: match base.log_append_time {
                None => base.timestamp.wrapping_add(timestamp_delta),
                Some(time) => time,
            },
            key,
            value,
            headers,
        })
    }
}

/// An unsigned varint of one byte or two, and what follows it.
#[inline]
fn short_varint(bytes: &[u8]) -> Option<(u32, &[u8])> {
    match bytes {
        [a @ 0..=0x7f, rest @ ..] => Some((u32::from(*a), rest)),
        [a, b @ 0..=0x7f, rest @ ..] => Some((u32::from(a & 0x7f) | u32::from(*b) << 7, rest)),
        _ => None,
    }
}

/// The length that a short varint stands for, unless it is negative.
#[inline]
fn plain_length(zigzag: u32) -> Option<usize> {
    match zigzag & 1 {
        0 => usize::try_from(zigzag >> 1).ok(),
        _ => None,
    }
}

/// Bytes behind their length, or null, and what follows them.
#[inline]
fn plain_bytes(bytes: &[u8]) -> Option<(Option<&[u8]>, &[u8])> {
    const NULL: u32 = 1; // -1
    match short_varint(bytes)? {
        (NULL, rest) => Some((None, rest)),
        (length, rest) => {
            let (taken, rest) = rest.split_at_checked(plain_length(length)?)?;
            Some((Some(taken), rest))
        }
    }
}

/// What the deltas of a batch's records are relative to.
#[derive(Clone, Copy, Debug)]
pub(super) struct RecordBase {
    pub(super) offset: i64,
    pub(super) timestamp: i64,
    pub(super) log_append_time: Option<i64>,
}

impl RecordBase {
    pub(super) fn of(header: &BatchHeader) -> Self {
        Self {
            offset: header.base_offset,
            timestamp: header.base_timestamp,
            log_append_time: match header.attributes.timestamp_type() {
                TimestampType::CreateTime => None,
                TimestampType::LogAppendTime => Some(header.max_timestamp),
            },
        }
    }
}

/// One header of a record (KIP-82).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordHeader<'a> {
    /// The key's bytes. Writers use UTF-8, and nobody holds them to it.
    pub key: &'a [u8],
    /// The value.
    pub value: Option<&'a [u8]>,
}

impl<'a> RecordHeader<'a> {
    /// The key as text.
    ///
    /// # Errors
    /// When it is not UTF-8.
    pub const fn key_str(&self) -> Result<&'a str, Utf8Error> {
        str::from_utf8(self.key)
    }
}

/// The headers of a record, read as they are walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordHeaders<'a> {
    bytes: &'a [u8],
    count: usize,
}

impl RecordHeaders<'_> {
    /// How many headers are still to come.
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether no header is still to come.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl<'a> Iterator for RecordHeaders<'a> {
    type Item = Result<RecordHeader<'a>, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.count == 0 {
            if self.bytes.is_empty() {
                return None;
            }
            let remaining = core::mem::take(&mut self.bytes).len();
            return Some(Err(BatchError::TrailingBytes { field: "headers", remaining }));
        }
        let mut cursor = Cursor { bytes: self.bytes, pos: 0 };
        match cursor.header() {
            Ok(header) => {
                self.count -= 1;
                self.bytes = cursor.rest();
                Some(Ok(header))
            }
            Err(error) => {
                *self = Self { bytes: &[], count: 0 };
                Some(Err(error))
            }
        }
    }
}

/// A position in bytes that are read field by field, each read naming its field.
pub(super) struct Cursor<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) pos: usize,
}

impl<'a> Cursor<'a> {
    #[inline]
    pub(super) fn varint(&mut self, field: &'static str) -> Result<i32, BatchError> {
        read_varint(self.bytes, &mut self.pos).map_err(|source| BatchError::Varint { field, source })
    }

    #[inline]
    pub(super) fn varlong(&mut self, field: &'static str) -> Result<i64, BatchError> {
        read_varlong(self.bytes, &mut self.pos).map_err(|source| BatchError::Varint { field, source })
    }

    /// Bytes behind their length; any negative length is null, as Kafka reads it.
    #[inline]
    pub(super) fn nullable_bytes(&mut self, field: &'static str) -> Result<Option<&'a [u8]>, BatchError> {
        let length = self.varint(field)?;
        match usize::try_from(length) {
            Err(_) => Ok(None),
            Ok(len) => self.take(field, len).map(Some),
        }
    }

    /// Bytes that must be there.
    #[inline]
    pub(super) fn take(&mut self, field: &'static str, len: usize) -> Result<&'a [u8], BatchError> {
        match self.bytes.get(self.pos..).and_then(|rest| rest.get(..len)) {
            Some(taken) => {
                self.pos += len;
                Ok(taken)
            }
            None => Err(self.bad_length(field, i64::try_from(len).unwrap_or(i64::MAX))),
        }
    }

    fn header(&mut self) -> Result<RecordHeader<'a>, BatchError> {
        let length = self.varint("header key")?;
        let Ok(len) = usize::try_from(length) else {
            return Err(self.bad_length("header key", i64::from(length)));
        };
        let key = self.take("header key", len)?;
        let value = self.nullable_bytes("header value")?;
        Ok(RecordHeader { key, value })
    }

    /// The rest of the record as this many headers, each of which takes two bytes at the least.
    #[cold]
    fn headers(&self, count: i32) -> Result<RecordHeaders<'a>, BatchError> {
        let bytes = self.rest();
        match usize::try_from(count) {
            Ok(0) if !bytes.is_empty() => {
                Err(BatchError::TrailingBytes { field: "record", remaining: bytes.len() })
            }
            Ok(count) if count <= bytes.len() / 2 => Ok(RecordHeaders { bytes, count }),
            _ => Err(self.bad_length("headers", i64::from(count))),
        }
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.pos..).unwrap_or_default()
    }

    #[cold]
    pub(super) fn bad_length(&self, field: &'static str, length: i64) -> BatchError {
        BatchError::BadLength { field, length, remaining: self.rest().len() }
    }
}
