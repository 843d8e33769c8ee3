//! The records of `__consumer_offsets`, as Kafka 4.3.1 writes them on one node.
//!
//! A key names a group, or a group's partition; the latest value with that key says all about it, and a null
//! value says that it is gone. What they mean together is in [`super::classic`] and [`super::offsets`].

use bytes::{Bytes, BytesMut};
use ottla_protocol::internal::{
    GroupCoordinatorKey, GroupMetadataKey, GroupMetadataValue, LegacyOffsetCommitKey,
    LegacyOffsetCommitValue, OffsetCommitKey, OffsetCommitValue,
};
use ottla_protocol::message::Data;
use ottla_protocol::records::{AppendError, BatchBuilder, BatchOptions};
use ottla_protocol::wire::{DecodeError, EncodeError, Str};

/// The version of the values that say what a classic group is.
const GROUP_VERSION: i16 = 3;
/// The version of the values that hold a committed offset.
const OFFSET_VERSION: i16 = 4;
/// The same for an offset of which the client itself said when it expires: only this version has room for that.
const EXPIRING_OFFSET_VERSION: i16 = 1;

/// The largest record that is offered to the log, which takes far smaller ones only.
const RECORD_BYTES_MAX: usize = 256 << 20;

/// One change of a group or of its offsets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GroupRecord {
    /// What a classic group is from now on, or that it is gone.
    Group {
        /// Its id.
        group: Str,
        /// Generation and members; `None` for a group that is gone.
        value: Option<GroupMetadataValue>,
    },
    /// The offset of one partition, or that it is gone.
    Offset {
        /// Id of the group.
        group: Str,
        /// Name of the topic.
        topic: Str,
        /// Number of the partition.
        partition: i32,
        /// What was committed; `None` for what is gone.
        value: Option<OffsetCommitValue>,
    },
}

impl GroupRecord {
    /// The group that it is about.
    pub(crate) fn group(&self) -> &Str {
        match self {
            Self::Group { group, .. } | Self::Offset { group, .. } => group,
        }
    }

    /// Key and value, as they are written.
    ///
    /// # Errors
    /// A text that is longer than its place allows.
    pub(crate) fn encode(&self) -> Result<(Bytes, Option<Bytes>), EncodeError> {
        match self {
            Self::Group { group, value } => {
                let key = GroupMetadataKey::default().with_group(group.clone());
                let value = value.as_ref().map(|value| value.encode_versioned(GROUP_VERSION)).transpose()?;
                Ok((GroupCoordinatorKey::GroupMetadata(key).encode()?, value))
            }
            Self::Offset { group, topic, partition, value } => {
                let key = OffsetCommitKey::default()
                    .with_group(group.clone())
                    .with_topic(topic.clone())
                    .with_partition(*partition);
                let value = value.as_ref().map(encode_offset).transpose()?;
                Ok((GroupCoordinatorKey::OffsetCommit(key).encode()?, value))
            }
        }
    }

    /// Reads a record back; `None` for one of a kind that means nothing here, such as those of other protocols.
    ///
    /// # Errors
    /// Bytes that no release of Kafka writes.
    pub(crate) fn decode(key: &Bytes, value: Option<&Bytes>) -> Result<Option<Self>, DecodeError> {
        let key = match GroupCoordinatorKey::decode(key) {
            Ok(key) => key,
            Err(DecodeError::UnknownRecordType { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(Some(match key {
            GroupCoordinatorKey::GroupMetadata(GroupMetadataKey { group, .. }) => {
                Self::Group { group, value: value.map(GroupMetadataValue::decode_versioned).transpose()? }
            }
            GroupCoordinatorKey::OffsetCommit(OffsetCommitKey { group, topic, partition, .. }) => {
                let value = value.map(OffsetCommitValue::decode_versioned).transpose()?;
                Self::Offset { group, topic, partition, value }
            }
            GroupCoordinatorKey::LegacyOffsetCommit(LegacyOffsetCommitKey {
                group,
                topic,
                partition,
                ..
            }) => {
                let value = value.map(LegacyOffsetCommitValue::decode_versioned).transpose()?;
                Self::Offset { group, topic, partition, value: value.map(from_legacy) }
            }
            _ => return Ok(None),
        }))
    }
}

fn encode_offset(value: &OffsetCommitValue) -> Result<Bytes, EncodeError> {
    let version = if value.expire_timestamp == -1 { OFFSET_VERSION } else { EXPIRING_OFFSET_VERSION };
    value.encode_versioned(version)
}

/// A commit in the form of Kafka before 0.9.
fn from_legacy(legacy: LegacyOffsetCommitValue) -> OffsetCommitValue {
    let mut value = OffsetCommitValue::default();
    value.offset = legacy.offset;
    value.metadata = legacy.metadata;
    value.commit_timestamp = legacy.commit_timestamp;
    value
}

/// Batches that hold all records, for one append: each of at most so many bytes, or of a single record.
///
/// `None` for a record that has no form.
pub(crate) fn batches(records: &[GroupRecord], bytes_max: usize, now_ms: i64) -> Option<Bytes> {
    let options = BatchOptions::default().with_limits(bytes_max, RECORD_BYTES_MAX);
    let mut whole = BytesMut::new();
    let mut batch = BatchBuilder::new(options.clone());
    for record in records {
        let (key, value) = record.encode().ok()?;
        let append = |batch: &mut BatchBuilder| batch.try_append(now_ms, Some(&key), value.as_deref(), &[]);
        match append(&mut batch) {
            Ok(_) => {}
            Err(AppendError::Full { .. }) => {
                let full = std::mem::replace(&mut batch, BatchBuilder::new(options.clone()));
                whole.extend_from_slice(&full.build().ok()?);
                append(&mut batch).ok()?;
            }
            Err(_) => return None,
        }
    }
    let last = batch.build().ok()?;
    if whole.is_empty() {
        return Some(last);
    }
    whole.extend_from_slice(&last);
    Some(whole.freeze())
}
