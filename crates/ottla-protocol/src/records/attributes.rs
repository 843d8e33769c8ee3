//! The attribute bits of a batch: codec, kind of timestamp, transactional, control, delete horizon.

use alloc::vec::Vec;
use core::fmt;

use super::{BatchError, BuildError, codec};

/// How the body of a batch is compressed. The header never is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Compression {
    /// Records lie in the batch as they are.
    #[default]
    None = 0,
    /// RFC 1952, feature `gzip`.
    Gzip = 1,
    /// Snappy in the block framing of the Java client, feature `snappy`.
    Snappy = 2,
    /// LZ4 frames of independent blocks, feature `lz4`.
    Lz4 = 3,
    /// Zstandard (KIP-110), feature `zstd`.
    Zstd = 4,
}

impl Compression {
    /// Every codec, in the order of their ids.
    pub const ALL: [Self; 5] = [Self::None, Self::Gzip, Self::Snappy, Self::Lz4, Self::Zstd];

    /// The codec with this id in the attributes.
    pub const fn from_id(id: u8) -> Option<Self> {
        match id {
            0 => Some(Self::None),
            1 => Some(Self::Gzip),
            2 => Some(Self::Snappy),
            3 => Some(Self::Lz4),
            4 => Some(Self::Zstd),
            _ => None,
        }
    }

    /// The id in the attributes.
    pub const fn id(self) -> u8 {
        self as u8
    }

    /// Kafka's name, as in `compression.type`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }

    /// The codec with this Kafka name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|codec| codec.name() == name)
    }

    /// Packs bytes that are no batch, with the codec's default level.
    ///
    /// # Errors
    /// [`BuildError::CodecNotEnabled`], or what the codec says.
    pub fn pack(self, bytes: &[u8]) -> Result<Vec<u8>, BuildError> {
        let mut out = Vec::new();
        codec::pack(self, None, bytes, &mut out)?;
        Ok(out)
    }

    /// Unpacks bytes that are no batch, which must not come out larger than `limit`.
    ///
    /// # Errors
    /// [`BatchError::CodecNotEnabled`], [`BatchError::DecompressedTooLarge`], or what the codec says.
    pub fn unpack(self, bytes: &[u8], limit: usize) -> Result<Vec<u8>, BatchError> {
        codec::unpack(self, bytes, limit)
    }

    /// Whether this build carries the codec.
    pub const fn is_enabled(self) -> bool {
        match self {
            Self::None => true,
            Self::Gzip => cfg!(feature = "gzip"),
            Self::Snappy => cfg!(feature = "snappy"),
            Self::Lz4 => cfg!(feature = "lz4"),
            Self::Zstd => cfg!(feature = "zstd"),
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whose clock the timestamps of a batch come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TimestampType {
    /// Each record carries what its producer said.
    #[default]
    CreateTime,
    /// Every record counts as written when the broker appended the batch: its max timestamp.
    LogAppendTime,
}

impl fmt::Display for TimestampType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CreateTime => "CreateTime",
            Self::LogAppendTime => "LogAppendTime",
        })
    }
}

/// The attributes of a batch, unknown bits included.
///
/// ```text
/// bit 15 ... 7 |        6       |    5    |       4       |       3        | 2 1 0
///    unused    | delete horizon | control | transactional | timestamp type | codec
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Attributes(pub i16);

impl Attributes {
    const CODEC_MASK: i16 = 0x07;
    const LOG_APPEND_TIME: i16 = 0x08;
    const TRANSACTIONAL: i16 = 0x10;
    const CONTROL: i16 = 0x20;
    const DELETE_HORIZON: i16 = 0x40;

    /// The codec of the body.
    ///
    /// # Errors
    /// [`BatchError::UnknownCompression`] for the ids 5 to 7, which no codec has.
    pub const fn compression(self) -> Result<Compression, BatchError> {
        let id = (self.0 & Self::CODEC_MASK).cast_unsigned().to_be_bytes()[1];
        match Compression::from_id(id) {
            Some(codec) => Ok(codec),
            None => Err(BatchError::UnknownCompression { id }),
        }
    }

    /// Whose clock the timestamps come from.
    pub const fn timestamp_type(self) -> TimestampType {
        if self.0 & Self::LOG_APPEND_TIME == 0 {
            TimestampType::CreateTime
        } else {
            TimestampType::LogAppendTime
        }
    }

    /// Whether the batch is part of a transaction.
    pub const fn is_transactional(self) -> bool {
        self.0 & Self::TRANSACTIONAL != 0
    }

    /// Whether the batch holds control records, which consumers skip.
    pub const fn is_control(self) -> bool {
        self.0 & Self::CONTROL != 0
    }

    /// Whether the base timestamp says from when on tombstones of this batch may be dropped (KIP-534).
    pub const fn has_delete_horizon(self) -> bool {
        self.0 & Self::DELETE_HORIZON != 0
    }

    /// The same attributes with this codec.
    #[must_use]
    pub const fn with_compression(self, codec: Compression) -> Self {
        Self(self.0 & !Self::CODEC_MASK | codec as i16)
    }

    /// The same attributes with this kind of timestamp.
    #[must_use]
    pub const fn with_timestamp_type(self, kind: TimestampType) -> Self {
        self.with_bit(Self::LOG_APPEND_TIME, matches!(kind, TimestampType::LogAppendTime))
    }

    /// The same attributes, transactional or not.
    #[must_use]
    pub const fn with_transactional(self, on: bool) -> Self {
        self.with_bit(Self::TRANSACTIONAL, on)
    }

    /// The same attributes, control or not.
    #[must_use]
    pub const fn with_control(self, on: bool) -> Self {
        self.with_bit(Self::CONTROL, on)
    }

    /// The same attributes, with a delete horizon or not.
    #[must_use]
    pub const fn with_delete_horizon(self, on: bool) -> Self {
        self.with_bit(Self::DELETE_HORIZON, on)
    }

    const fn with_bit(self, bit: i16, on: bool) -> Self {
        Self(if on { self.0 | bit } else { self.0 & !bit })
    }
}
