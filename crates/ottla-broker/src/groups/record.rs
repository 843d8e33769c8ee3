//! The records of `__consumer_offsets`, as Kafka 4.3.1 writes them on one node.
//!
//! A key names a group, or a group's partition; the latest value with that key says all about it, and a null
//! value says that it is gone. What they mean together is in [`super::classic`] and [`super::offsets`].

mod consumer;

use bytes::Bytes;
use ottla_protocol::internal::{
    GroupCoordinatorKey, GroupMetadataKey, GroupMetadataValue, LegacyOffsetCommitKey,
    LegacyOffsetCommitValue, OffsetCommitKey, OffsetCommitValue, ShareGroupCurrentMemberAssignmentKey,
    ShareGroupCurrentMemberAssignmentValue, ShareGroupMemberMetadataKey, ShareGroupMemberMetadataValue,
    ShareGroupMetadataKey, ShareGroupMetadataValue, ShareGroupStatePartitionMetadataKey,
    ShareGroupStatePartitionMetadataValue, ShareGroupTargetAssignmentMemberKey,
    ShareGroupTargetAssignmentMemberValue, ShareGroupTargetAssignmentMetadataKey,
    ShareGroupTargetAssignmentMetadataValue,
};
use ottla_protocol::message::{Data, Encode};
use ottla_protocol::wire::{DecodeError, EncodeError, NoFile, Str};

pub(crate) use self::consumer::ConsumerChange;
use crate::coordinator::CoordinatorRecord;

/// The version of the values that say what a classic group is.
const GROUP_VERSION: i16 = 3;
/// The version of the values that hold a committed offset.
const OFFSET_VERSION: i16 = 4;
/// The same for an offset of which the client itself said when it expires: only this version has room for that.
const EXPIRING_OFFSET_VERSION: i16 = 1;

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
    /// What changed in a share group.
    Share {
        /// Id of the group.
        group: Str,
        /// What it is, or that it is gone.
        change: ShareChange,
    },
    /// What changed in a group of the consumer protocol.
    Consumer {
        /// Id of the group.
        group: Str,
        /// What it is, or that it is gone.
        change: ConsumerChange,
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

/// A change of a share group; `None` for what is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ShareChange {
    /// A member, as it described itself.
    Member(Str, Option<ShareGroupMemberMetadataValue>),
    /// The group's epoch.
    Group(Option<ShareGroupMetadataValue>),
    /// The epoch in which partitions were given out last.
    TargetEpoch(Option<ShareGroupTargetAssignmentMetadataValue>),
    /// What a member is to have.
    Target(Str, Option<ShareGroupTargetAssignmentMemberValue>),
    /// What a member has.
    Current(Str, Option<ShareGroupCurrentMemberAssignmentValue>),
    /// Of which partitions there is a state.
    States(Option<ShareGroupStatePartitionMetadataValue>),
}

impl GroupRecord {
    /// The group that it is about.
    pub(crate) fn group(&self) -> &Str {
        match self {
            Self::Group { group, .. }
            | Self::Offset { group, .. }
            | Self::Share { group, .. }
            | Self::Consumer { group, .. } => group,
        }
    }
}

impl CoordinatorRecord for GroupRecord {
    const BASE_SEQUENCE: i32 = 0;

    fn encode(&self) -> Result<(Bytes, Option<Bytes>), EncodeError> {
        match self {
            Self::Group { group, value } => {
                let key = GroupMetadataKey::default().with_group(group.clone());
                let value = value.as_ref().map(|value| value.encode_versioned(GROUP_VERSION)).transpose()?;
                Ok((GroupCoordinatorKey::GroupMetadata(key).encode()?, value))
            }
            Self::Share { group, change } => encode_share(group, change),
            Self::Consumer { group, change } => consumer::encode(group, change),
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

    fn decode(key: &Bytes, value: Option<&Bytes>) -> Result<Option<Self>, DecodeError> {
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
            key => return decode_share(key, value),
        }))
    }
}

fn encode_share(group: &Str, change: &ShareChange) -> Result<(Bytes, Option<Bytes>), EncodeError> {
    fn written<V: Encode<NoFile> + Data>(value: Option<&V>) -> Result<Option<Bytes>, EncodeError> {
        value.map(|value| value.encode_versioned(0)).transpose()
    }
    let group = group.clone();
    let (key, value) = match change {
        ShareChange::Member(member, value) => {
            let key =
                ShareGroupMemberMetadataKey::default().with_group_id(group).with_member_id(member.clone());
            (GroupCoordinatorKey::ShareGroupMemberMetadata(key), written(value.as_ref())?)
        }
        ShareChange::Group(value) => {
            let key = ShareGroupMetadataKey::default().with_group_id(group);
            (GroupCoordinatorKey::ShareGroupMetadata(key), written(value.as_ref())?)
        }
        ShareChange::TargetEpoch(value) => {
            let key = ShareGroupTargetAssignmentMetadataKey::default().with_group_id(group);
            (GroupCoordinatorKey::ShareGroupTargetAssignmentMetadata(key), written(value.as_ref())?)
        }
        ShareChange::Target(member, value) => {
            let key = ShareGroupTargetAssignmentMemberKey::default()
                .with_group_id(group)
                .with_member_id(member.clone());
            (GroupCoordinatorKey::ShareGroupTargetAssignmentMember(key), written(value.as_ref())?)
        }
        ShareChange::Current(member, value) => {
            let key = ShareGroupCurrentMemberAssignmentKey::default()
                .with_group_id(group)
                .with_member_id(member.clone());
            (GroupCoordinatorKey::ShareGroupCurrentMemberAssignment(key), written(value.as_ref())?)
        }
        ShareChange::States(value) => {
            let key = ShareGroupStatePartitionMetadataKey::default().with_group_id(group);
            (GroupCoordinatorKey::ShareGroupStatePartitionMetadata(key), written(value.as_ref())?)
        }
    };
    Ok((key.encode()?, value))
}

fn decode_share(key: GroupCoordinatorKey, value: Option<&Bytes>) -> Result<Option<GroupRecord>, DecodeError> {
    fn read<V: Data>(value: Option<&Bytes>) -> Result<Option<V>, DecodeError> {
        value.map(V::decode_versioned).transpose()
    }
    let (group, change) = match key {
        GroupCoordinatorKey::ShareGroupMemberMetadata(key) => {
            (key.group_id, ShareChange::Member(key.member_id, read(value)?))
        }
        GroupCoordinatorKey::ShareGroupMetadata(key) => (key.group_id, ShareChange::Group(read(value)?)),
        GroupCoordinatorKey::ShareGroupTargetAssignmentMetadata(key) => {
            (key.group_id, ShareChange::TargetEpoch(read(value)?))
        }
        GroupCoordinatorKey::ShareGroupTargetAssignmentMember(key) => {
            (key.group_id, ShareChange::Target(key.member_id, read(value)?))
        }
        GroupCoordinatorKey::ShareGroupCurrentMemberAssignment(key) => {
            (key.group_id, ShareChange::Current(key.member_id, read(value)?))
        }
        GroupCoordinatorKey::ShareGroupStatePartitionMetadata(key) => {
            (key.group_id, ShareChange::States(read(value)?))
        }
        key => return consumer::decode(key, value),
    };
    Ok(Some(GroupRecord::Share { group, change }))
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

#[cfg(test)]
mod tests {
    use ottla_protocol::internal::group_metadata::MemberMetadata;
    use ottla_protocol::records::Compression;
    use ottla_protocol::wire::Uuid;

    use super::*;
    use crate::coordinator::batches;

    /// Where the part of a batch begins that the log does not set.
    const MAGIC_AT: usize = 16;

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        digits.chunks(2).map(byte).collect()
    }

    fn committed(expire_timestamp: i64) -> GroupRecord {
        let mut value = OffsetCommitValue::default();
        value.offset = 1;
        value.commit_timestamp = 0x1a2_01fd_56ac;
        value.expire_timestamp = expire_timestamp;
        if expire_timestamp == -1 {
            value.topic_id = "iFbLyp69RpeD7KIGDOBiug".parse().unwrap();
        }
        GroupRecord::Offset {
            group: Str::from("kg"),
            topic: Str::from("t"),
            partition: 0,
            value: Some(value),
        }
    }

    /// A batch that Kafka 4.3.1 wrote for `kcat -G`.
    #[test]
    fn a_commit_is_written_byte_by_byte_as_kafka_writes_it() {
        let kafkas = bytes(
            "0000000000000003 0000006f 00000000 02 15a2e2fc 0000 00000000 000001a201fd56ac 000001a201fd56ac \
             ffffffffffffffff ffff 00000000 00000001 \
             7a 00 00 00 1a 0001 00026b67 000174 00000000 \
             54 0004 0000000000000001 ffffffff 01 000001a201fd56ac 01 00 10 8856cbca9ebd469783eca2060ce062ba 00",
        );
        let ours = batches(&[committed(-1)], 1 << 20, Compression::None, 0x1a2_01fd_56ac, None).unwrap();
        assert_eq!(ours[MAGIC_AT..], kafkas[MAGIC_AT..]);
    }

    /// From the log of a Kafka 4.3.1 too: a group that a member has left empty.
    #[test]
    fn a_group_is_written_as_kafka_writes_it() {
        let mut value = GroupMetadataValue::default();
        value.protocol_type = Str::from("consumer");
        value.generation = 2;
        (value.protocol, value.leader) = (None, None);
        value.current_state_timestamp = 0x1a2_01fd_56b2;
        let record = GroupRecord::Group { group: Str::from("kg"), value: Some(value) };
        let (key, value) = record.encode().unwrap();
        assert_eq!(key[..], bytes("0002 00026b67"));
        assert_eq!(
            value.unwrap()[..],
            bytes("0003 0008636f6e73756d6572 00000002 ffff ffff 000001a201fd56b2 00000000")
        );
    }

    #[test]
    fn what_is_written_is_read_back() {
        let mut member = MemberMetadata::default();
        member.member_id = Str::from("m");
        member.group_instance_id = Some(Str::from("i"));
        (member.rebalance_timeout, member.session_timeout) = (3, 4);
        member.subscription = Bytes::from_static(b"subscribed");
        let mut value = GroupMetadataValue::default();
        value.members = vec![member];
        let group = Str::from("g");
        for record in [
            committed(-1),
            committed(77),
            GroupRecord::Group { group: group.clone(), value: Some(value) },
            GroupRecord::Group { group: group.clone(), value: None },
            GroupRecord::Consumer { group: group.clone(), change: ConsumerChange::NoFormerTopics },
            GroupRecord::Offset { group, topic: Str::from("t"), partition: 7, value: None },
        ] {
            let (key, value) = record.encode().unwrap();
            assert_eq!(GroupRecord::decode(&key, value.as_ref()).unwrap(), Some(record));
        }
    }

    #[test]
    fn records_of_other_protocols_are_passed_over_and_nonsense_is_not() {
        let of_kind = |kind: u8| Bytes::copy_from_slice(&[0, kind, 0, 1, b'g']);
        assert_eq!(GroupRecord::decode(&of_kind(99), None).unwrap(), None);
        assert!(GroupRecord::decode(&Bytes::from_static(b"\0"), None).is_err());
        assert!(GroupRecord::decode(&of_kind(1), None).is_err());
        let value = Bytes::from_static(&[0, 9]);
        assert!(
            GroupRecord::decode(&of_kind(2), Some(&value)).is_err(),
            "a version that nobody has written yet"
        );
    }

    #[test]
    fn many_records_are_several_batches_and_a_large_one_has_its_own() {
        let record = |partition, length: usize| {
            let mut value = OffsetCommitValue::default();
            value.metadata = Str::from("x".repeat(length));
            value.topic_id = Uuid([1; 16]);
            GroupRecord::Offset {
                group: Str::from("g"),
                topic: Str::from("t"),
                partition,
                value: Some(value),
            }
        };
        let records: Vec<_> =
            (0..20).map(|partition| record(partition, if partition == 7 { 3000 } else { 100 })).collect();
        let mut bytes = batches(&records, 1000, Compression::None, 5, None).unwrap();
        let (mut counts, mut sizes) = (Vec::new(), Vec::new());
        while let Some(batch) = ottla_protocol::records::Batch::split_first(&mut bytes).unwrap() {
            counts.push(batch.header().records_count);
            sizes.push(batch.bytes().len());
        }
        assert_eq!(counts.iter().sum::<i32>(), 20);
        assert_eq!(sizes.iter().filter(|size| **size > 1000).count(), 1);
    }
}
