//! Message sets of formats v0 and v1, as Kafka wrote them before 0.11. They are read, never written.
//!
//! A set is messages one behind the other, with nothing around them. A compressed message is a
//! wrapper: its value is a set of its own, whose messages must not be wrappers again. In v1 the
//! offsets inside are relative, and the wrapper has the offset of the last one.
//!
//! ```text
//!  0 offset       8
//!  8 size         4   bytes that follow this field
//! 12 crc          4   CRC-32 of everything from byte 16 on
//! 16 magic        1   0 or 1
//! 17 attributes   1   codec in bits 0 to 2; bit 3, from v1 on: LogAppendTime
//! 18 timestamp    8   from v1 on
//!    key          length 4, -1 for null, then the bytes
//!    value        length 4, -1 for null, then the bytes
//! ```

use core::iter::FusedIterator;

use bytes::Bytes;

use super::{
    Attributes, BatchError, Compression, LOG_OVERHEAD, NO_TIMESTAMP, Record, TimestampType, codec::Unpacker,
    header::LEGACY_LENGTH_MIN,
};
use crate::wire::DecodeLimits;

const CRC_AT: usize = 12;
const MAGIC_AT: usize = 16;
const V0: i8 = 0;
const V1: i8 = 1;

/// One outermost message of a set: a record, or a wrapper around several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegacyMessage {
    bytes: Bytes,
    head: Head,
}

/// The fields in front of a message's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    offset: i64,
    crc: u32,
    magic: i8,
    attributes: Attributes,
    timestamp: i64,
}

impl LegacyMessage {
    /// Cuts the first message off a set, nothing copied.
    ///
    /// `None` means that no whole message is there: `bytes` is empty, or its end is cut off in the
    /// middle of a message, as a fetch response may well be. `bytes` then stays as it is.
    ///
    /// # Errors
    /// [`BatchError::BadBatchLength`] for a size that no message has, and
    /// [`BatchError::UnsupportedMagic`] for any format but v0 and v1.
    pub fn split_first(bytes: &mut Bytes) -> Result<Option<Self>, BatchError> {
        let Some((message, head)) = next_message(bytes)? else {
            return Ok(None);
        };
        let len = message.len();
        Ok(Some(Self { bytes: bytes.split_to(len), head }))
    }

    /// The offset: in a wrapper, that of the last message inside.
    pub const fn offset(&self) -> i64 {
        self.head.offset
    }

    /// The format: 0 or 1.
    pub const fn magic(&self) -> i8 {
        self.head.magic
    }

    /// Codec and kind of timestamp.
    pub const fn attributes(&self) -> Attributes {
        self.head.attributes
    }

    /// Unix milliseconds; -1 in format v0, which has no timestamps.
    pub const fn timestamp(&self) -> i64 {
        self.head.timestamp
    }

    /// The bytes of the message.
    pub const fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Whether the checksum in the message is that of its bytes.
    pub fn crc_is_valid(&self) -> bool {
        check_crc(&self.bytes, self.head.crc).is_ok()
    }

    /// The records: the message itself, or what it wraps.
    ///
    /// The message's own checksum is not looked at; those of messages inside are, as they are walked.
    ///
    /// # Errors
    /// Those of unpacking, as for [`Batch::records`](super::Batch::records), and those of messages
    /// inside that have no right length, format or offset.
    pub fn records(&self, limits: &DecodeLimits) -> Result<LegacyRecords, BatchError> {
        let codec = wrapper_codec(self.head.attributes)?;
        if codec == Compression::None {
            let data = self.bytes.clone();
            return Ok(LegacyRecords { data, base_offset: 0, log_append_time: None, check_crc: false });
        }
        let packed = value(&self.bytes, self.head.magic)?.ok_or(BatchError::BadLength {
            field: "wrapped value",
            length: -1,
            remaining: 0,
        })?;
        let data = unpack(codec, self.head.magic, packed, limits)?;
        let last = last_offset(&data)?;
        Ok(LegacyRecords {
            base_offset: self.base_of_wrapped(last)?,
            log_append_time: match self.head.attributes.timestamp_type() {
                TimestampType::LogAppendTime if self.head.magic == V1 => Some(self.head.timestamp),
                _ => None,
            },
            check_crc: true,
            data,
        })
    }

    /// What is added to the offsets inside.
    fn base_of_wrapped(&self, last_inner: i64) -> Result<i64, BatchError> {
        // Offsets in a wrapper of v0 are absolute, and a client does not know those of v1 yet.
        if self.head.magic == V0 || self.head.offset == 0 {
            return Ok(0);
        }
        match self.head.offset.checked_sub(last_inner) {
            Some(base) if base >= 0 => Ok(base),
            _ => Err(BatchError::WrapperOffset { offset: self.head.offset, last_inner }),
        }
    }
}

/// The records of one outermost message, unpacked, to be walked as often as one likes.
#[derive(Clone, Debug)]
pub struct LegacyRecords {
    data: Bytes,
    base_offset: i64,
    log_append_time: Option<i64>,
    check_crc: bool,
}

impl LegacyRecords {
    /// The messages' bytes, one behind the other; records borrow from them.
    pub const fn bytes(&self) -> &Bytes {
        &self.data
    }

    /// Walks the records, which have no headers.
    pub fn iter(&self) -> LegacyIter<'_> {
        LegacyIter { rest: &self.data, records: self }
    }
}

impl<'a> IntoIterator for &'a LegacyRecords {
    type Item = Result<Record<'a>, BatchError>;
    type IntoIter = LegacyIter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Walks the messages of a set, reading each as it is asked for. An error ends the walk.
#[derive(Clone, Debug)]
pub struct LegacyIter<'a> {
    rest: &'a [u8],
    records: &'a LegacyRecords,
}

impl<'a> LegacyIter<'a> {
    fn read(&mut self) -> Result<Option<Record<'a>>, BatchError> {
        let Some((message, head)) = next_message(self.rest)? else {
            return Ok(None);
        };
        self.rest = &self.rest[message.len()..];
        if self.records.check_crc {
            check_crc(message, head.crc)?;
            if wrapper_codec(head.attributes)? != Compression::None {
                return Err(BatchError::NestedWrapper);
            }
        }
        let (key, value) = key_and_value(message, head.magic)?;
        let offset = self.records.base_offset.wrapping_add(head.offset);
        let timestamp = match self.records.log_append_time {
            Some(time) if head.magic == V1 => time,
            _ => head.timestamp,
        };
        Ok(Some(Record::without_headers(offset, timestamp, key, value)))
    }
}

impl<'a> Iterator for LegacyIter<'a> {
    type Item = Result<Record<'a>, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = self.read().transpose();
        if !matches!(record, Some(Ok(_))) {
            self.rest = &[];
        }
        record
    }
}

impl FusedIterator for LegacyIter<'_> {}

/// The message that `bytes` begin with; `None` when it is not all there.
fn next_message(bytes: &[u8]) -> Result<Option<(&[u8], Head)>, BatchError> {
    let (Some(size), Some(magic)) = (bytes.get(8..).and_then(|rest| rest.first_chunk()), bytes.get(MAGIC_AT))
    else {
        return Ok(None);
    };
    let (size, magic) = (i32::from_be_bytes(*size), magic.cast_signed());
    let minimum = match magic {
        V0 => LEGACY_LENGTH_MIN,
        V1 => LEGACY_LENGTH_MIN + 8,
        magic => return Err(BatchError::UnsupportedMagic { magic }),
    };
    let Some(len) = usize::try_from(size).ok().filter(|_| size >= minimum) else {
        return Err(BatchError::BadBatchLength { length: size, minimum });
    };
    let Some(message) = bytes.get(..len.saturating_add(LOG_OVERHEAD)) else {
        return Ok(None);
    };
    Ok(Some((message, Head::read(message, magic)?)))
}

impl Head {
    fn read(message: &[u8], magic: i8) -> Result<Self, BatchError> {
        let mut fields = Fields { rest: message };
        let offset = i64::from_be_bytes(fields.take("offset")?);
        fields.take::<4>("size")?;
        let crc = u32::from_be_bytes(fields.take("crc")?);
        let [_magic, attributes] = fields.take("attributes")?;
        let timestamp = match magic {
            V0 => NO_TIMESTAMP,
            _ => i64::from_be_bytes(fields.take("timestamp")?),
        };
        Ok(Self { offset, crc, magic, attributes: Attributes(i16::from(attributes)), timestamp })
    }
}

/// A message, read field by field.
struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    fn take<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], BatchError> {
        let Some((taken, rest)) = self.rest.split_first_chunk() else {
            return Err(BatchError::Truncated { field, needed: N, remaining: self.rest.len() });
        };
        self.rest = rest;
        Ok(*taken)
    }

    fn nullable_bytes(&mut self, field: &'static str) -> Result<Option<&'a [u8]>, BatchError> {
        let length = i32::from_be_bytes(self.take(field)?);
        let Ok(len) = usize::try_from(length) else {
            return Ok(None);
        };
        let Some((taken, rest)) = self.rest.split_at_checked(len) else {
            let remaining = self.rest.len();
            return Err(BatchError::BadLength { field, length: i64::from(length), remaining });
        };
        self.rest = rest;
        Ok(Some(taken))
    }
}

type KeyAndValue<'a> = (Option<&'a [u8]>, Option<&'a [u8]>);

fn key_and_value(message: &[u8], magic: i8) -> Result<KeyAndValue<'_>, BatchError> {
    let key_at = if magic == V0 { 18 } else { 26 };
    let mut fields = Fields { rest: message.get(key_at..).unwrap_or_default() };
    let key = fields.nullable_bytes("key")?;
    let value = fields.nullable_bytes("value")?;
    match fields.rest.len() {
        0 => Ok((key, value)),
        remaining => Err(BatchError::TrailingBytes { field: "message", remaining }),
    }
}

fn value(message: &[u8], magic: i8) -> Result<Option<&[u8]>, BatchError> {
    key_and_value(message, magic).map(|(_, value)| value)
}

/// The codec of a message; zstd came after these formats and is none of theirs.
fn wrapper_codec(attributes: Attributes) -> Result<Compression, BatchError> {
    match attributes.compression()? {
        Compression::Zstd => Err(BatchError::UnknownCompression { id: Compression::Zstd.id() }),
        codec => Ok(codec),
    }
}

fn unpack(codec: Compression, magic: i8, packed: &[u8], limits: &DecodeLimits) -> Result<Bytes, BatchError> {
    let mut unpacker = Unpacker::new(codec, packed, limits.decompressed_bytes_max)?;
    if magic == V0 {
        unpacker = unpacker.with_legacy_lz4_header();
    }
    unpacker.all().map(Bytes::from)
}

/// The offset of the last message in an unpacked set.
fn last_offset(mut set: &[u8]) -> Result<i64, BatchError> {
    let mut last = None;
    while let Some((message, head)) = next_message(set)? {
        last = Some(head.offset);
        set = &set[message.len()..];
    }
    last.ok_or(BatchError::Truncated { field: "wrapped messages", needed: 1, remaining: 0 })
}

fn check_crc(message: &[u8], stored: u32) -> Result<(), BatchError> {
    let computed = crc32fast::hash(message.get(CRC_AT + 4..).unwrap_or_default());
    if computed == stored { Ok(()) } else { Err(BatchError::CrcMismatch { stored, computed }) }
}

#[cfg(test)]
mod tests;
