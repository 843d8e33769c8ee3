// Generated from schema/data/ by `cargo xtask codegen`: change the schemas and run it again.
//! What brokers write for themselves: the records of internal topics, and what lies beside the log.
//!
//! The key of a record begins with its type, the value with its version. An enum over all keys, and one over all
//! values, reads what a topic holds. Struct and field names are Kafka's own, and so are the bytes.

pub mod group_metadata;
pub mod legacy_offset_commit;
pub mod offset_commit;

use bytes::Bytes;

pub use self::group_metadata::{GroupMetadataKey, GroupMetadataValue};
pub use self::legacy_offset_commit::{LegacyOffsetCommitKey, LegacyOffsetCommitValue};
pub use self::offset_commit::{OffsetCommitKey, OffsetCommitValue};
use crate::message::Data;
use crate::wire::{DecodeError, EncodeError};

/// The key of any record of the group coordinator.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GroupCoordinatorKey {
    /// [`LegacyOffsetCommitKey`].
    LegacyOffsetCommit(LegacyOffsetCommitKey),
    /// [`OffsetCommitKey`].
    OffsetCommit(OffsetCommitKey),
    /// [`GroupMetadataKey`].
    GroupMetadata(GroupMetadataKey),
}

impl GroupCoordinatorKey {
    /// Type of the record.
    #[must_use]
    pub fn record_type(&self) -> i16 {
        match self {
            Self::LegacyOffsetCommit(_) => LegacyOffsetCommitKey::RECORD_TYPE,
            Self::OffsetCommit(_) => OffsetCommitKey::RECORD_TYPE,
            Self::GroupMetadata(_) => GroupMetadataKey::RECORD_TYPE,
        }
    }

    /// Reads a key, of whatever type it says to be.
    ///
    /// # Errors
    /// [`DecodeError::UnknownRecordType`], bytes that are not this key.
    pub fn decode(bytes: &Bytes) -> Result<Self, DecodeError> {
        let record_type = bytes.first_chunk().map(|bytes| i16::from_be_bytes(*bytes));
        match record_type {
            Some(LegacyOffsetCommitKey::RECORD_TYPE) => {
                Ok(Self::LegacyOffsetCommit(LegacyOffsetCommitKey::decode_versioned(bytes)?))
            }
            Some(OffsetCommitKey::RECORD_TYPE) => {
                Ok(Self::OffsetCommit(OffsetCommitKey::decode_versioned(bytes)?))
            }
            Some(GroupMetadataKey::RECORD_TYPE) => {
                Ok(Self::GroupMetadata(GroupMetadataKey::decode_versioned(bytes)?))
            }
            Some(record_type) => Err(DecodeError::UnknownRecordType { record_type }),
            None => Err(DecodeError::Truncated { field: "record type", needed: 2, remaining: bytes.len() }),
        }
    }

    /// The bytes of the key, its type first.
    ///
    /// # Errors
    /// A string that is too long.
    pub fn encode(&self) -> Result<Bytes, EncodeError> {
        match self {
            Self::LegacyOffsetCommit(key) => key.encode_versioned(LegacyOffsetCommitKey::RECORD_TYPE),
            Self::OffsetCommit(key) => key.encode_versioned(OffsetCommitKey::RECORD_TYPE),
            Self::GroupMetadata(key) => key.encode_versioned(GroupMetadataKey::RECORD_TYPE),
        }
    }
}

/// The value of any record of the group coordinator.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GroupCoordinatorValue {
    /// [`LegacyOffsetCommitValue`].
    LegacyOffsetCommit(LegacyOffsetCommitValue),
    /// [`OffsetCommitValue`].
    OffsetCommit(OffsetCommitValue),
    /// [`GroupMetadataValue`].
    GroupMetadata(GroupMetadataValue),
}

impl GroupCoordinatorValue {
    /// Type of the record.
    #[must_use]
    pub fn record_type(&self) -> i16 {
        match self {
            Self::LegacyOffsetCommit(_) => LegacyOffsetCommitKey::RECORD_TYPE,
            Self::OffsetCommit(_) => OffsetCommitKey::RECORD_TYPE,
            Self::GroupMetadata(_) => GroupMetadataKey::RECORD_TYPE,
        }
    }

    /// Reads the value of a record whose key is of this type; a record without a value deletes, and has none.
    ///
    /// # Errors
    /// [`DecodeError::UnknownRecordType`], bytes that are not this value.
    pub fn decode(record_type: i16, bytes: &Bytes) -> Result<Self, DecodeError> {
        match record_type {
            LegacyOffsetCommitKey::RECORD_TYPE => {
                Ok(Self::LegacyOffsetCommit(LegacyOffsetCommitValue::decode_versioned(bytes)?))
            }
            OffsetCommitKey::RECORD_TYPE => {
                Ok(Self::OffsetCommit(OffsetCommitValue::decode_versioned(bytes)?))
            }
            GroupMetadataKey::RECORD_TYPE => {
                Ok(Self::GroupMetadata(GroupMetadataValue::decode_versioned(bytes)?))
            }
            record_type => Err(DecodeError::UnknownRecordType { record_type }),
        }
    }

    /// The bytes of the value in a version, the version first.
    ///
    /// # Errors
    /// A version that the value does not have, a field that the version cannot carry.
    pub fn encode(&self, version: i16) -> Result<Bytes, EncodeError> {
        match self {
            Self::LegacyOffsetCommit(value) => value.encode_versioned(version),
            Self::OffsetCommit(value) => value.encode_versioned(version),
            Self::GroupMetadata(value) => value.encode_versioned(version),
        }
    }
}
