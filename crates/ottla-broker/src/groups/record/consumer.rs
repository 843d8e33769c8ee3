//! The records of groups of the consumer protocol (KIP-848).

use bytes::Bytes;
use ottla_protocol::internal::{
    ConsumerGroupCurrentMemberAssignmentKey, ConsumerGroupCurrentMemberAssignmentValue,
    ConsumerGroupMemberMetadataKey, ConsumerGroupMemberMetadataValue, ConsumerGroupMetadataKey,
    ConsumerGroupMetadataValue, ConsumerGroupPartitionMetadataKey, ConsumerGroupRegularExpressionKey,
    ConsumerGroupRegularExpressionValue, ConsumerGroupTargetAssignmentMemberKey,
    ConsumerGroupTargetAssignmentMemberValue, ConsumerGroupTargetAssignmentMetadataKey,
    ConsumerGroupTargetAssignmentMetadataValue, GroupCoordinatorKey,
};
use ottla_protocol::message::{Data, Encode};
use ottla_protocol::wire::{DecodeError, EncodeError, NoFile, Str};

use super::GroupRecord;

/// A change of a group of the consumer protocol; `None` for what is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ConsumerChange {
    /// A member, as it described itself.
    Member(Str, Option<ConsumerGroupMemberMetadataValue>),
    /// The group's epoch.
    Group(Option<ConsumerGroupMetadataValue>),
    /// The epoch in which partitions were given out last.
    TargetEpoch(Option<ConsumerGroupTargetAssignmentMetadataValue>),
    /// What a member is to have.
    Target(Str, Option<ConsumerGroupTargetAssignmentMemberValue>),
    /// What a member has.
    Current(Str, Option<ConsumerGroupCurrentMemberAssignmentValue>),
    /// The topics that a pattern stands for.
    Pattern(Str, Option<ConsumerGroupRegularExpressionValue>),
    /// That the topics which Kafka wrote down before 4.1 are gone. Nothing else is said of them any more.
    NoFormerTopics,
}

pub(super) fn encode(group: &Str, change: &ConsumerChange) -> Result<(Bytes, Option<Bytes>), EncodeError> {
    fn written<V: Encode<NoFile> + Data>(value: Option<&V>) -> Result<Option<Bytes>, EncodeError> {
        value.map(|value| value.encode_versioned(0)).transpose()
    }
    let group = group.clone();
    let (key, value) = match change {
        ConsumerChange::Member(member, value) => {
            let key =
                ConsumerGroupMemberMetadataKey::default().with_group_id(group).with_member_id(member.clone());
            (GroupCoordinatorKey::ConsumerGroupMemberMetadata(key), written(value.as_ref())?)
        }
        ConsumerChange::Group(value) => {
            let key = ConsumerGroupMetadataKey::default().with_group_id(group);
            (GroupCoordinatorKey::ConsumerGroupMetadata(key), written(value.as_ref())?)
        }
        ConsumerChange::TargetEpoch(value) => {
            let key = ConsumerGroupTargetAssignmentMetadataKey::default().with_group_id(group);
            (GroupCoordinatorKey::ConsumerGroupTargetAssignmentMetadata(key), written(value.as_ref())?)
        }
        ConsumerChange::Target(member, value) => {
            let key = ConsumerGroupTargetAssignmentMemberKey::default()
                .with_group_id(group)
                .with_member_id(member.clone());
            (GroupCoordinatorKey::ConsumerGroupTargetAssignmentMember(key), written(value.as_ref())?)
        }
        ConsumerChange::Current(member, value) => {
            let key = ConsumerGroupCurrentMemberAssignmentKey::default()
                .with_group_id(group)
                .with_member_id(member.clone());
            (GroupCoordinatorKey::ConsumerGroupCurrentMemberAssignment(key), written(value.as_ref())?)
        }
        ConsumerChange::Pattern(pattern, value) => {
            let key = ConsumerGroupRegularExpressionKey::default()
                .with_group_id(group)
                .with_regular_expression(pattern.clone());
            (GroupCoordinatorKey::ConsumerGroupRegularExpression(key), written(value.as_ref())?)
        }
        ConsumerChange::NoFormerTopics => {
            let key = ConsumerGroupPartitionMetadataKey::default().with_group_id(group);
            (GroupCoordinatorKey::ConsumerGroupPartitionMetadata(key), None)
        }
    };
    Ok((key.encode()?, value))
}

/// Reads a record of such a group; `None` for one of another kind.
pub(super) fn decode(
    key: GroupCoordinatorKey,
    value: Option<&Bytes>,
) -> Result<Option<GroupRecord>, DecodeError> {
    fn read<V: Data>(value: Option<&Bytes>) -> Result<Option<V>, DecodeError> {
        value.map(V::decode_versioned).transpose()
    }
    let (group, change) = match key {
        GroupCoordinatorKey::ConsumerGroupMemberMetadata(key) => {
            (key.group_id, ConsumerChange::Member(key.member_id, read(value)?))
        }
        GroupCoordinatorKey::ConsumerGroupMetadata(key) => {
            (key.group_id, ConsumerChange::Group(read(value)?))
        }
        GroupCoordinatorKey::ConsumerGroupTargetAssignmentMetadata(key) => {
            (key.group_id, ConsumerChange::TargetEpoch(read(value)?))
        }
        GroupCoordinatorKey::ConsumerGroupTargetAssignmentMember(key) => {
            (key.group_id, ConsumerChange::Target(key.member_id, read(value)?))
        }
        GroupCoordinatorKey::ConsumerGroupCurrentMemberAssignment(key) => {
            (key.group_id, ConsumerChange::Current(key.member_id, read(value)?))
        }
        GroupCoordinatorKey::ConsumerGroupRegularExpression(key) => {
            (key.group_id, ConsumerChange::Pattern(key.regular_expression, read(value)?))
        }
        GroupCoordinatorKey::ConsumerGroupPartitionMetadata(key) if value.is_none() => {
            (key.group_id, ConsumerChange::NoFormerTopics)
        }
        _ => return Ok(None),
    };
    Ok(Some(GroupRecord::Consumer { group, change }))
}
