// Generated from schema/data/ by `cargo xtask codegen`: change the schemas and run it again.
//! What brokers write for themselves: the records of internal topics, and what lies beside the log.
//!
//! The key of a record begins with its type, the value with its version. An enum over all keys, and one over all
//! values, reads what a topic holds. Struct and field names are Kafka's own, and so are the bytes.

pub mod consumer_group_current_member_assignment;
pub mod consumer_group_member_metadata;
pub mod consumer_group_metadata;
pub mod consumer_group_partition_metadata;
pub mod consumer_group_regular_expression;
pub mod consumer_group_target_assignment_member;
pub mod consumer_group_target_assignment_metadata;
pub mod group_metadata;
pub mod legacy_offset_commit;
pub mod offset_commit;
pub mod producer_snapshot;
pub mod remote_log_metadata;
pub mod share_group_current_member_assignment;
pub mod share_group_member_metadata;
pub mod share_group_metadata;
pub mod share_group_state_partition_metadata;
pub mod share_group_target_assignment_member;
pub mod share_group_target_assignment_metadata;
pub mod share_snapshot;
pub mod share_update;
pub mod streams_group_current_member_assignment;
pub mod streams_group_member_metadata;
pub mod streams_group_metadata;
pub mod streams_group_target_assignment_member;
pub mod streams_group_target_assignment_metadata;
pub mod streams_group_topology;
pub mod transaction_log;

use bytes::Bytes;

pub use self::consumer_group_current_member_assignment::{
    ConsumerGroupCurrentMemberAssignmentKey, ConsumerGroupCurrentMemberAssignmentValue,
};
pub use self::consumer_group_member_metadata::{
    ConsumerGroupMemberMetadataKey, ConsumerGroupMemberMetadataValue,
};
pub use self::consumer_group_metadata::{ConsumerGroupMetadataKey, ConsumerGroupMetadataValue};
pub use self::consumer_group_partition_metadata::{
    ConsumerGroupPartitionMetadataKey, ConsumerGroupPartitionMetadataValue,
};
pub use self::consumer_group_regular_expression::{
    ConsumerGroupRegularExpressionKey, ConsumerGroupRegularExpressionValue,
};
pub use self::consumer_group_target_assignment_member::{
    ConsumerGroupTargetAssignmentMemberKey, ConsumerGroupTargetAssignmentMemberValue,
};
pub use self::consumer_group_target_assignment_metadata::{
    ConsumerGroupTargetAssignmentMetadataKey, ConsumerGroupTargetAssignmentMetadataValue,
};
pub use self::group_metadata::{GroupMetadataKey, GroupMetadataValue};
pub use self::legacy_offset_commit::{LegacyOffsetCommitKey, LegacyOffsetCommitValue};
pub use self::offset_commit::{OffsetCommitKey, OffsetCommitValue};
pub use self::producer_snapshot::ProducerSnapshot;
pub use self::remote_log_metadata::{
    RemoteLogSegmentMetadataRecord, RemoteLogSegmentMetadataSnapshotRecord,
    RemoteLogSegmentMetadataUpdateRecord, RemotePartitionDeleteMetadataRecord,
};
pub use self::share_group_current_member_assignment::{
    ShareGroupCurrentMemberAssignmentKey, ShareGroupCurrentMemberAssignmentValue,
};
pub use self::share_group_member_metadata::{ShareGroupMemberMetadataKey, ShareGroupMemberMetadataValue};
pub use self::share_group_metadata::{ShareGroupMetadataKey, ShareGroupMetadataValue};
pub use self::share_group_state_partition_metadata::{
    ShareGroupStatePartitionMetadataKey, ShareGroupStatePartitionMetadataValue,
};
pub use self::share_group_target_assignment_member::{
    ShareGroupTargetAssignmentMemberKey, ShareGroupTargetAssignmentMemberValue,
};
pub use self::share_group_target_assignment_metadata::{
    ShareGroupTargetAssignmentMetadataKey, ShareGroupTargetAssignmentMetadataValue,
};
pub use self::share_snapshot::{ShareSnapshotKey, ShareSnapshotValue};
pub use self::share_update::{ShareUpdateKey, ShareUpdateValue};
pub use self::streams_group_current_member_assignment::{
    StreamsGroupCurrentMemberAssignmentKey, StreamsGroupCurrentMemberAssignmentValue,
};
pub use self::streams_group_member_metadata::{
    StreamsGroupMemberMetadataKey, StreamsGroupMemberMetadataValue,
};
pub use self::streams_group_metadata::{StreamsGroupMetadataKey, StreamsGroupMetadataValue};
pub use self::streams_group_target_assignment_member::{
    StreamsGroupTargetAssignmentMemberKey, StreamsGroupTargetAssignmentMemberValue,
};
pub use self::streams_group_target_assignment_metadata::{
    StreamsGroupTargetAssignmentMetadataKey, StreamsGroupTargetAssignmentMetadataValue,
};
pub use self::streams_group_topology::{StreamsGroupTopologyKey, StreamsGroupTopologyValue};
pub use self::transaction_log::{TransactionLogKey, TransactionLogValue};
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
    /// [`ConsumerGroupMetadataKey`].
    ConsumerGroupMetadata(ConsumerGroupMetadataKey),
    /// [`ConsumerGroupPartitionMetadataKey`].
    ConsumerGroupPartitionMetadata(ConsumerGroupPartitionMetadataKey),
    /// [`ConsumerGroupMemberMetadataKey`].
    ConsumerGroupMemberMetadata(ConsumerGroupMemberMetadataKey),
    /// [`ConsumerGroupTargetAssignmentMetadataKey`].
    ConsumerGroupTargetAssignmentMetadata(ConsumerGroupTargetAssignmentMetadataKey),
    /// [`ConsumerGroupTargetAssignmentMemberKey`].
    ConsumerGroupTargetAssignmentMember(ConsumerGroupTargetAssignmentMemberKey),
    /// [`ConsumerGroupCurrentMemberAssignmentKey`].
    ConsumerGroupCurrentMemberAssignment(ConsumerGroupCurrentMemberAssignmentKey),
    /// [`ShareGroupMemberMetadataKey`].
    ShareGroupMemberMetadata(ShareGroupMemberMetadataKey),
    /// [`ShareGroupMetadataKey`].
    ShareGroupMetadata(ShareGroupMetadataKey),
    /// [`ShareGroupTargetAssignmentMetadataKey`].
    ShareGroupTargetAssignmentMetadata(ShareGroupTargetAssignmentMetadataKey),
    /// [`ShareGroupTargetAssignmentMemberKey`].
    ShareGroupTargetAssignmentMember(ShareGroupTargetAssignmentMemberKey),
    /// [`ShareGroupCurrentMemberAssignmentKey`].
    ShareGroupCurrentMemberAssignment(ShareGroupCurrentMemberAssignmentKey),
    /// [`ShareGroupStatePartitionMetadataKey`].
    ShareGroupStatePartitionMetadata(ShareGroupStatePartitionMetadataKey),
    /// [`ConsumerGroupRegularExpressionKey`].
    ConsumerGroupRegularExpression(ConsumerGroupRegularExpressionKey),
    /// [`StreamsGroupMetadataKey`].
    StreamsGroupMetadata(StreamsGroupMetadataKey),
    /// [`StreamsGroupMemberMetadataKey`].
    StreamsGroupMemberMetadata(StreamsGroupMemberMetadataKey),
    /// [`StreamsGroupTargetAssignmentMetadataKey`].
    StreamsGroupTargetAssignmentMetadata(StreamsGroupTargetAssignmentMetadataKey),
    /// [`StreamsGroupTargetAssignmentMemberKey`].
    StreamsGroupTargetAssignmentMember(StreamsGroupTargetAssignmentMemberKey),
    /// [`StreamsGroupCurrentMemberAssignmentKey`].
    StreamsGroupCurrentMemberAssignment(StreamsGroupCurrentMemberAssignmentKey),
    /// [`StreamsGroupTopologyKey`].
    StreamsGroupTopology(StreamsGroupTopologyKey),
}

impl GroupCoordinatorKey {
    /// Type of the record.
    #[must_use]
    pub fn record_type(&self) -> i16 {
        match self {
            Self::LegacyOffsetCommit(_) => LegacyOffsetCommitKey::RECORD_TYPE,
            Self::OffsetCommit(_) => OffsetCommitKey::RECORD_TYPE,
            Self::GroupMetadata(_) => GroupMetadataKey::RECORD_TYPE,
            Self::ConsumerGroupMetadata(_) => ConsumerGroupMetadataKey::RECORD_TYPE,
            Self::ConsumerGroupPartitionMetadata(_) => ConsumerGroupPartitionMetadataKey::RECORD_TYPE,
            Self::ConsumerGroupMemberMetadata(_) => ConsumerGroupMemberMetadataKey::RECORD_TYPE,
            Self::ConsumerGroupTargetAssignmentMetadata(_) => {
                ConsumerGroupTargetAssignmentMetadataKey::RECORD_TYPE
            }
            Self::ConsumerGroupTargetAssignmentMember(_) => {
                ConsumerGroupTargetAssignmentMemberKey::RECORD_TYPE
            }
            Self::ConsumerGroupCurrentMemberAssignment(_) => {
                ConsumerGroupCurrentMemberAssignmentKey::RECORD_TYPE
            }
            Self::ShareGroupMemberMetadata(_) => ShareGroupMemberMetadataKey::RECORD_TYPE,
            Self::ShareGroupMetadata(_) => ShareGroupMetadataKey::RECORD_TYPE,
            Self::ShareGroupTargetAssignmentMetadata(_) => ShareGroupTargetAssignmentMetadataKey::RECORD_TYPE,
            Self::ShareGroupTargetAssignmentMember(_) => ShareGroupTargetAssignmentMemberKey::RECORD_TYPE,
            Self::ShareGroupCurrentMemberAssignment(_) => ShareGroupCurrentMemberAssignmentKey::RECORD_TYPE,
            Self::ShareGroupStatePartitionMetadata(_) => ShareGroupStatePartitionMetadataKey::RECORD_TYPE,
            Self::ConsumerGroupRegularExpression(_) => ConsumerGroupRegularExpressionKey::RECORD_TYPE,
            Self::StreamsGroupMetadata(_) => StreamsGroupMetadataKey::RECORD_TYPE,
            Self::StreamsGroupMemberMetadata(_) => StreamsGroupMemberMetadataKey::RECORD_TYPE,
            Self::StreamsGroupTargetAssignmentMetadata(_) => {
                StreamsGroupTargetAssignmentMetadataKey::RECORD_TYPE
            }
            Self::StreamsGroupTargetAssignmentMember(_) => StreamsGroupTargetAssignmentMemberKey::RECORD_TYPE,
            Self::StreamsGroupCurrentMemberAssignment(_) => {
                StreamsGroupCurrentMemberAssignmentKey::RECORD_TYPE
            }
            Self::StreamsGroupTopology(_) => StreamsGroupTopologyKey::RECORD_TYPE,
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
            Some(ConsumerGroupMetadataKey::RECORD_TYPE) => {
                Ok(Self::ConsumerGroupMetadata(ConsumerGroupMetadataKey::decode_versioned(bytes)?))
            }
            Some(ConsumerGroupPartitionMetadataKey::RECORD_TYPE) => Ok(Self::ConsumerGroupPartitionMetadata(
                ConsumerGroupPartitionMetadataKey::decode_versioned(bytes)?,
            )),
            Some(ConsumerGroupMemberMetadataKey::RECORD_TYPE) => Ok(Self::ConsumerGroupMemberMetadata(
                ConsumerGroupMemberMetadataKey::decode_versioned(bytes)?,
            )),
            Some(ConsumerGroupTargetAssignmentMetadataKey::RECORD_TYPE) => {
                Ok(Self::ConsumerGroupTargetAssignmentMetadata(
                    ConsumerGroupTargetAssignmentMetadataKey::decode_versioned(bytes)?,
                ))
            }
            Some(ConsumerGroupTargetAssignmentMemberKey::RECORD_TYPE) => {
                Ok(Self::ConsumerGroupTargetAssignmentMember(
                    ConsumerGroupTargetAssignmentMemberKey::decode_versioned(bytes)?,
                ))
            }
            Some(ConsumerGroupCurrentMemberAssignmentKey::RECORD_TYPE) => {
                Ok(Self::ConsumerGroupCurrentMemberAssignment(
                    ConsumerGroupCurrentMemberAssignmentKey::decode_versioned(bytes)?,
                ))
            }
            Some(ShareGroupMemberMetadataKey::RECORD_TYPE) => {
                Ok(Self::ShareGroupMemberMetadata(ShareGroupMemberMetadataKey::decode_versioned(bytes)?))
            }
            Some(ShareGroupMetadataKey::RECORD_TYPE) => {
                Ok(Self::ShareGroupMetadata(ShareGroupMetadataKey::decode_versioned(bytes)?))
            }
            Some(ShareGroupTargetAssignmentMetadataKey::RECORD_TYPE) => {
                Ok(Self::ShareGroupTargetAssignmentMetadata(
                    ShareGroupTargetAssignmentMetadataKey::decode_versioned(bytes)?,
                ))
            }
            Some(ShareGroupTargetAssignmentMemberKey::RECORD_TYPE) => {
                Ok(Self::ShareGroupTargetAssignmentMember(
                    ShareGroupTargetAssignmentMemberKey::decode_versioned(bytes)?,
                ))
            }
            Some(ShareGroupCurrentMemberAssignmentKey::RECORD_TYPE) => {
                Ok(Self::ShareGroupCurrentMemberAssignment(
                    ShareGroupCurrentMemberAssignmentKey::decode_versioned(bytes)?,
                ))
            }
            Some(ShareGroupStatePartitionMetadataKey::RECORD_TYPE) => {
                Ok(Self::ShareGroupStatePartitionMetadata(
                    ShareGroupStatePartitionMetadataKey::decode_versioned(bytes)?,
                ))
            }
            Some(ConsumerGroupRegularExpressionKey::RECORD_TYPE) => Ok(Self::ConsumerGroupRegularExpression(
                ConsumerGroupRegularExpressionKey::decode_versioned(bytes)?,
            )),
            Some(StreamsGroupMetadataKey::RECORD_TYPE) => {
                Ok(Self::StreamsGroupMetadata(StreamsGroupMetadataKey::decode_versioned(bytes)?))
            }
            Some(StreamsGroupMemberMetadataKey::RECORD_TYPE) => {
                Ok(Self::StreamsGroupMemberMetadata(StreamsGroupMemberMetadataKey::decode_versioned(bytes)?))
            }
            Some(StreamsGroupTargetAssignmentMetadataKey::RECORD_TYPE) => {
                Ok(Self::StreamsGroupTargetAssignmentMetadata(
                    StreamsGroupTargetAssignmentMetadataKey::decode_versioned(bytes)?,
                ))
            }
            Some(StreamsGroupTargetAssignmentMemberKey::RECORD_TYPE) => {
                Ok(Self::StreamsGroupTargetAssignmentMember(
                    StreamsGroupTargetAssignmentMemberKey::decode_versioned(bytes)?,
                ))
            }
            Some(StreamsGroupCurrentMemberAssignmentKey::RECORD_TYPE) => {
                Ok(Self::StreamsGroupCurrentMemberAssignment(
                    StreamsGroupCurrentMemberAssignmentKey::decode_versioned(bytes)?,
                ))
            }
            Some(StreamsGroupTopologyKey::RECORD_TYPE) => {
                Ok(Self::StreamsGroupTopology(StreamsGroupTopologyKey::decode_versioned(bytes)?))
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
            Self::ConsumerGroupMetadata(key) => key.encode_versioned(ConsumerGroupMetadataKey::RECORD_TYPE),
            Self::ConsumerGroupPartitionMetadata(key) => {
                key.encode_versioned(ConsumerGroupPartitionMetadataKey::RECORD_TYPE)
            }
            Self::ConsumerGroupMemberMetadata(key) => {
                key.encode_versioned(ConsumerGroupMemberMetadataKey::RECORD_TYPE)
            }
            Self::ConsumerGroupTargetAssignmentMetadata(key) => {
                key.encode_versioned(ConsumerGroupTargetAssignmentMetadataKey::RECORD_TYPE)
            }
            Self::ConsumerGroupTargetAssignmentMember(key) => {
                key.encode_versioned(ConsumerGroupTargetAssignmentMemberKey::RECORD_TYPE)
            }
            Self::ConsumerGroupCurrentMemberAssignment(key) => {
                key.encode_versioned(ConsumerGroupCurrentMemberAssignmentKey::RECORD_TYPE)
            }
            Self::ShareGroupMemberMetadata(key) => {
                key.encode_versioned(ShareGroupMemberMetadataKey::RECORD_TYPE)
            }
            Self::ShareGroupMetadata(key) => key.encode_versioned(ShareGroupMetadataKey::RECORD_TYPE),
            Self::ShareGroupTargetAssignmentMetadata(key) => {
                key.encode_versioned(ShareGroupTargetAssignmentMetadataKey::RECORD_TYPE)
            }
            Self::ShareGroupTargetAssignmentMember(key) => {
                key.encode_versioned(ShareGroupTargetAssignmentMemberKey::RECORD_TYPE)
            }
            Self::ShareGroupCurrentMemberAssignment(key) => {
                key.encode_versioned(ShareGroupCurrentMemberAssignmentKey::RECORD_TYPE)
            }
            Self::ShareGroupStatePartitionMetadata(key) => {
                key.encode_versioned(ShareGroupStatePartitionMetadataKey::RECORD_TYPE)
            }
            Self::ConsumerGroupRegularExpression(key) => {
                key.encode_versioned(ConsumerGroupRegularExpressionKey::RECORD_TYPE)
            }
            Self::StreamsGroupMetadata(key) => key.encode_versioned(StreamsGroupMetadataKey::RECORD_TYPE),
            Self::StreamsGroupMemberMetadata(key) => {
                key.encode_versioned(StreamsGroupMemberMetadataKey::RECORD_TYPE)
            }
            Self::StreamsGroupTargetAssignmentMetadata(key) => {
                key.encode_versioned(StreamsGroupTargetAssignmentMetadataKey::RECORD_TYPE)
            }
            Self::StreamsGroupTargetAssignmentMember(key) => {
                key.encode_versioned(StreamsGroupTargetAssignmentMemberKey::RECORD_TYPE)
            }
            Self::StreamsGroupCurrentMemberAssignment(key) => {
                key.encode_versioned(StreamsGroupCurrentMemberAssignmentKey::RECORD_TYPE)
            }
            Self::StreamsGroupTopology(key) => key.encode_versioned(StreamsGroupTopologyKey::RECORD_TYPE),
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
    /// [`ConsumerGroupMetadataValue`].
    ConsumerGroupMetadata(ConsumerGroupMetadataValue),
    /// [`ConsumerGroupPartitionMetadataValue`].
    ConsumerGroupPartitionMetadata(ConsumerGroupPartitionMetadataValue),
    /// [`ConsumerGroupMemberMetadataValue`].
    ConsumerGroupMemberMetadata(ConsumerGroupMemberMetadataValue),
    /// [`ConsumerGroupTargetAssignmentMetadataValue`].
    ConsumerGroupTargetAssignmentMetadata(ConsumerGroupTargetAssignmentMetadataValue),
    /// [`ConsumerGroupTargetAssignmentMemberValue`].
    ConsumerGroupTargetAssignmentMember(ConsumerGroupTargetAssignmentMemberValue),
    /// [`ConsumerGroupCurrentMemberAssignmentValue`].
    ConsumerGroupCurrentMemberAssignment(ConsumerGroupCurrentMemberAssignmentValue),
    /// [`ShareGroupMemberMetadataValue`].
    ShareGroupMemberMetadata(ShareGroupMemberMetadataValue),
    /// [`ShareGroupMetadataValue`].
    ShareGroupMetadata(ShareGroupMetadataValue),
    /// [`ShareGroupTargetAssignmentMetadataValue`].
    ShareGroupTargetAssignmentMetadata(ShareGroupTargetAssignmentMetadataValue),
    /// [`ShareGroupTargetAssignmentMemberValue`].
    ShareGroupTargetAssignmentMember(ShareGroupTargetAssignmentMemberValue),
    /// [`ShareGroupCurrentMemberAssignmentValue`].
    ShareGroupCurrentMemberAssignment(ShareGroupCurrentMemberAssignmentValue),
    /// [`ShareGroupStatePartitionMetadataValue`].
    ShareGroupStatePartitionMetadata(ShareGroupStatePartitionMetadataValue),
    /// [`ConsumerGroupRegularExpressionValue`].
    ConsumerGroupRegularExpression(ConsumerGroupRegularExpressionValue),
    /// [`StreamsGroupMetadataValue`].
    StreamsGroupMetadata(StreamsGroupMetadataValue),
    /// [`StreamsGroupMemberMetadataValue`].
    StreamsGroupMemberMetadata(StreamsGroupMemberMetadataValue),
    /// [`StreamsGroupTargetAssignmentMetadataValue`].
    StreamsGroupTargetAssignmentMetadata(StreamsGroupTargetAssignmentMetadataValue),
    /// [`StreamsGroupTargetAssignmentMemberValue`].
    StreamsGroupTargetAssignmentMember(StreamsGroupTargetAssignmentMemberValue),
    /// [`StreamsGroupCurrentMemberAssignmentValue`].
    StreamsGroupCurrentMemberAssignment(StreamsGroupCurrentMemberAssignmentValue),
    /// [`StreamsGroupTopologyValue`].
    StreamsGroupTopology(StreamsGroupTopologyValue),
}

impl GroupCoordinatorValue {
    /// Type of the record.
    #[must_use]
    pub fn record_type(&self) -> i16 {
        match self {
            Self::LegacyOffsetCommit(_) => LegacyOffsetCommitKey::RECORD_TYPE,
            Self::OffsetCommit(_) => OffsetCommitKey::RECORD_TYPE,
            Self::GroupMetadata(_) => GroupMetadataKey::RECORD_TYPE,
            Self::ConsumerGroupMetadata(_) => ConsumerGroupMetadataKey::RECORD_TYPE,
            Self::ConsumerGroupPartitionMetadata(_) => ConsumerGroupPartitionMetadataKey::RECORD_TYPE,
            Self::ConsumerGroupMemberMetadata(_) => ConsumerGroupMemberMetadataKey::RECORD_TYPE,
            Self::ConsumerGroupTargetAssignmentMetadata(_) => {
                ConsumerGroupTargetAssignmentMetadataKey::RECORD_TYPE
            }
            Self::ConsumerGroupTargetAssignmentMember(_) => {
                ConsumerGroupTargetAssignmentMemberKey::RECORD_TYPE
            }
            Self::ConsumerGroupCurrentMemberAssignment(_) => {
                ConsumerGroupCurrentMemberAssignmentKey::RECORD_TYPE
            }
            Self::ShareGroupMemberMetadata(_) => ShareGroupMemberMetadataKey::RECORD_TYPE,
            Self::ShareGroupMetadata(_) => ShareGroupMetadataKey::RECORD_TYPE,
            Self::ShareGroupTargetAssignmentMetadata(_) => ShareGroupTargetAssignmentMetadataKey::RECORD_TYPE,
            Self::ShareGroupTargetAssignmentMember(_) => ShareGroupTargetAssignmentMemberKey::RECORD_TYPE,
            Self::ShareGroupCurrentMemberAssignment(_) => ShareGroupCurrentMemberAssignmentKey::RECORD_TYPE,
            Self::ShareGroupStatePartitionMetadata(_) => ShareGroupStatePartitionMetadataKey::RECORD_TYPE,
            Self::ConsumerGroupRegularExpression(_) => ConsumerGroupRegularExpressionKey::RECORD_TYPE,
            Self::StreamsGroupMetadata(_) => StreamsGroupMetadataKey::RECORD_TYPE,
            Self::StreamsGroupMemberMetadata(_) => StreamsGroupMemberMetadataKey::RECORD_TYPE,
            Self::StreamsGroupTargetAssignmentMetadata(_) => {
                StreamsGroupTargetAssignmentMetadataKey::RECORD_TYPE
            }
            Self::StreamsGroupTargetAssignmentMember(_) => StreamsGroupTargetAssignmentMemberKey::RECORD_TYPE,
            Self::StreamsGroupCurrentMemberAssignment(_) => {
                StreamsGroupCurrentMemberAssignmentKey::RECORD_TYPE
            }
            Self::StreamsGroupTopology(_) => StreamsGroupTopologyKey::RECORD_TYPE,
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
            ConsumerGroupMetadataKey::RECORD_TYPE => {
                Ok(Self::ConsumerGroupMetadata(ConsumerGroupMetadataValue::decode_versioned(bytes)?))
            }
            ConsumerGroupPartitionMetadataKey::RECORD_TYPE => Ok(Self::ConsumerGroupPartitionMetadata(
                ConsumerGroupPartitionMetadataValue::decode_versioned(bytes)?,
            )),
            ConsumerGroupMemberMetadataKey::RECORD_TYPE => Ok(Self::ConsumerGroupMemberMetadata(
                ConsumerGroupMemberMetadataValue::decode_versioned(bytes)?,
            )),
            ConsumerGroupTargetAssignmentMetadataKey::RECORD_TYPE => {
                Ok(Self::ConsumerGroupTargetAssignmentMetadata(
                    ConsumerGroupTargetAssignmentMetadataValue::decode_versioned(bytes)?,
                ))
            }
            ConsumerGroupTargetAssignmentMemberKey::RECORD_TYPE => {
                Ok(Self::ConsumerGroupTargetAssignmentMember(
                    ConsumerGroupTargetAssignmentMemberValue::decode_versioned(bytes)?,
                ))
            }
            ConsumerGroupCurrentMemberAssignmentKey::RECORD_TYPE => {
                Ok(Self::ConsumerGroupCurrentMemberAssignment(
                    ConsumerGroupCurrentMemberAssignmentValue::decode_versioned(bytes)?,
                ))
            }
            ShareGroupMemberMetadataKey::RECORD_TYPE => {
                Ok(Self::ShareGroupMemberMetadata(ShareGroupMemberMetadataValue::decode_versioned(bytes)?))
            }
            ShareGroupMetadataKey::RECORD_TYPE => {
                Ok(Self::ShareGroupMetadata(ShareGroupMetadataValue::decode_versioned(bytes)?))
            }
            ShareGroupTargetAssignmentMetadataKey::RECORD_TYPE => {
                Ok(Self::ShareGroupTargetAssignmentMetadata(
                    ShareGroupTargetAssignmentMetadataValue::decode_versioned(bytes)?,
                ))
            }
            ShareGroupTargetAssignmentMemberKey::RECORD_TYPE => Ok(Self::ShareGroupTargetAssignmentMember(
                ShareGroupTargetAssignmentMemberValue::decode_versioned(bytes)?,
            )),
            ShareGroupCurrentMemberAssignmentKey::RECORD_TYPE => Ok(Self::ShareGroupCurrentMemberAssignment(
                ShareGroupCurrentMemberAssignmentValue::decode_versioned(bytes)?,
            )),
            ShareGroupStatePartitionMetadataKey::RECORD_TYPE => Ok(Self::ShareGroupStatePartitionMetadata(
                ShareGroupStatePartitionMetadataValue::decode_versioned(bytes)?,
            )),
            ConsumerGroupRegularExpressionKey::RECORD_TYPE => Ok(Self::ConsumerGroupRegularExpression(
                ConsumerGroupRegularExpressionValue::decode_versioned(bytes)?,
            )),
            StreamsGroupMetadataKey::RECORD_TYPE => {
                Ok(Self::StreamsGroupMetadata(StreamsGroupMetadataValue::decode_versioned(bytes)?))
            }
            StreamsGroupMemberMetadataKey::RECORD_TYPE => Ok(Self::StreamsGroupMemberMetadata(
                StreamsGroupMemberMetadataValue::decode_versioned(bytes)?,
            )),
            StreamsGroupTargetAssignmentMetadataKey::RECORD_TYPE => {
                Ok(Self::StreamsGroupTargetAssignmentMetadata(
                    StreamsGroupTargetAssignmentMetadataValue::decode_versioned(bytes)?,
                ))
            }
            StreamsGroupTargetAssignmentMemberKey::RECORD_TYPE => {
                Ok(Self::StreamsGroupTargetAssignmentMember(
                    StreamsGroupTargetAssignmentMemberValue::decode_versioned(bytes)?,
                ))
            }
            StreamsGroupCurrentMemberAssignmentKey::RECORD_TYPE => {
                Ok(Self::StreamsGroupCurrentMemberAssignment(
                    StreamsGroupCurrentMemberAssignmentValue::decode_versioned(bytes)?,
                ))
            }
            StreamsGroupTopologyKey::RECORD_TYPE => {
                Ok(Self::StreamsGroupTopology(StreamsGroupTopologyValue::decode_versioned(bytes)?))
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
            Self::ConsumerGroupMetadata(value) => value.encode_versioned(version),
            Self::ConsumerGroupPartitionMetadata(value) => value.encode_versioned(version),
            Self::ConsumerGroupMemberMetadata(value) => value.encode_versioned(version),
            Self::ConsumerGroupTargetAssignmentMetadata(value) => value.encode_versioned(version),
            Self::ConsumerGroupTargetAssignmentMember(value) => value.encode_versioned(version),
            Self::ConsumerGroupCurrentMemberAssignment(value) => value.encode_versioned(version),
            Self::ShareGroupMemberMetadata(value) => value.encode_versioned(version),
            Self::ShareGroupMetadata(value) => value.encode_versioned(version),
            Self::ShareGroupTargetAssignmentMetadata(value) => value.encode_versioned(version),
            Self::ShareGroupTargetAssignmentMember(value) => value.encode_versioned(version),
            Self::ShareGroupCurrentMemberAssignment(value) => value.encode_versioned(version),
            Self::ShareGroupStatePartitionMetadata(value) => value.encode_versioned(version),
            Self::ConsumerGroupRegularExpression(value) => value.encode_versioned(version),
            Self::StreamsGroupMetadata(value) => value.encode_versioned(version),
            Self::StreamsGroupMemberMetadata(value) => value.encode_versioned(version),
            Self::StreamsGroupTargetAssignmentMetadata(value) => value.encode_versioned(version),
            Self::StreamsGroupTargetAssignmentMember(value) => value.encode_versioned(version),
            Self::StreamsGroupCurrentMemberAssignment(value) => value.encode_versioned(version),
            Self::StreamsGroupTopology(value) => value.encode_versioned(version),
        }
    }
}

/// The key of any record of the share coordinator.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShareCoordinatorKey {
    /// [`ShareSnapshotKey`].
    ShareSnapshot(ShareSnapshotKey),
    /// [`ShareUpdateKey`].
    ShareUpdate(ShareUpdateKey),
}

impl ShareCoordinatorKey {
    /// Type of the record.
    #[must_use]
    pub fn record_type(&self) -> i16 {
        match self {
            Self::ShareSnapshot(_) => ShareSnapshotKey::RECORD_TYPE,
            Self::ShareUpdate(_) => ShareUpdateKey::RECORD_TYPE,
        }
    }

    /// Reads a key, of whatever type it says to be.
    ///
    /// # Errors
    /// [`DecodeError::UnknownRecordType`], bytes that are not this key.
    pub fn decode(bytes: &Bytes) -> Result<Self, DecodeError> {
        let record_type = bytes.first_chunk().map(|bytes| i16::from_be_bytes(*bytes));
        match record_type {
            Some(ShareSnapshotKey::RECORD_TYPE) => {
                Ok(Self::ShareSnapshot(ShareSnapshotKey::decode_versioned(bytes)?))
            }
            Some(ShareUpdateKey::RECORD_TYPE) => {
                Ok(Self::ShareUpdate(ShareUpdateKey::decode_versioned(bytes)?))
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
            Self::ShareSnapshot(key) => key.encode_versioned(ShareSnapshotKey::RECORD_TYPE),
            Self::ShareUpdate(key) => key.encode_versioned(ShareUpdateKey::RECORD_TYPE),
        }
    }
}

/// The value of any record of the share coordinator.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShareCoordinatorValue {
    /// [`ShareSnapshotValue`].
    ShareSnapshot(ShareSnapshotValue),
    /// [`ShareUpdateValue`].
    ShareUpdate(ShareUpdateValue),
}

impl ShareCoordinatorValue {
    /// Type of the record.
    #[must_use]
    pub fn record_type(&self) -> i16 {
        match self {
            Self::ShareSnapshot(_) => ShareSnapshotKey::RECORD_TYPE,
            Self::ShareUpdate(_) => ShareUpdateKey::RECORD_TYPE,
        }
    }

    /// Reads the value of a record whose key is of this type; a record without a value deletes, and has none.
    ///
    /// # Errors
    /// [`DecodeError::UnknownRecordType`], bytes that are not this value.
    pub fn decode(record_type: i16, bytes: &Bytes) -> Result<Self, DecodeError> {
        match record_type {
            ShareSnapshotKey::RECORD_TYPE => {
                Ok(Self::ShareSnapshot(ShareSnapshotValue::decode_versioned(bytes)?))
            }
            ShareUpdateKey::RECORD_TYPE => Ok(Self::ShareUpdate(ShareUpdateValue::decode_versioned(bytes)?)),
            record_type => Err(DecodeError::UnknownRecordType { record_type }),
        }
    }

    /// The bytes of the value in a version, the version first.
    ///
    /// # Errors
    /// A version that the value does not have, a field that the version cannot carry.
    pub fn encode(&self, version: i16) -> Result<Bytes, EncodeError> {
        match self {
            Self::ShareSnapshot(value) => value.encode_versioned(version),
            Self::ShareUpdate(value) => value.encode_versioned(version),
        }
    }
}

/// The key of any record of the transaction coordinator.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransactionCoordinatorKey {
    /// [`TransactionLogKey`].
    TransactionLog(TransactionLogKey),
}

impl TransactionCoordinatorKey {
    /// Type of the record.
    #[must_use]
    pub fn record_type(&self) -> i16 {
        match self {
            Self::TransactionLog(_) => TransactionLogKey::RECORD_TYPE,
        }
    }

    /// Reads a key, of whatever type it says to be.
    ///
    /// # Errors
    /// [`DecodeError::UnknownRecordType`], bytes that are not this key.
    pub fn decode(bytes: &Bytes) -> Result<Self, DecodeError> {
        let record_type = bytes.first_chunk().map(|bytes| i16::from_be_bytes(*bytes));
        match record_type {
            Some(TransactionLogKey::RECORD_TYPE) => {
                Ok(Self::TransactionLog(TransactionLogKey::decode_versioned(bytes)?))
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
            Self::TransactionLog(key) => key.encode_versioned(TransactionLogKey::RECORD_TYPE),
        }
    }
}

/// The value of any record of the transaction coordinator.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransactionCoordinatorValue {
    /// [`TransactionLogValue`].
    TransactionLog(TransactionLogValue),
}

impl TransactionCoordinatorValue {
    /// Type of the record.
    #[must_use]
    pub fn record_type(&self) -> i16 {
        match self {
            Self::TransactionLog(_) => TransactionLogKey::RECORD_TYPE,
        }
    }

    /// Reads the value of a record whose key is of this type; a record without a value deletes, and has none.
    ///
    /// # Errors
    /// [`DecodeError::UnknownRecordType`], bytes that are not this value.
    pub fn decode(record_type: i16, bytes: &Bytes) -> Result<Self, DecodeError> {
        match record_type {
            TransactionLogKey::RECORD_TYPE => {
                Ok(Self::TransactionLog(TransactionLogValue::decode_versioned(bytes)?))
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
            Self::TransactionLog(value) => value.encode_versioned(version),
        }
    }
}
