// Generated from schema/data/remote_log_metadata.txt by `cargo xtask codegen`: change that file and run it again.
//! What lies in tiered storage (KIP-405): the records of `__remote_log_metadata`, and a cache of them.
//!
//! Type and version stand before the fields as unsigned varints.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::message::{Data, Encode, Prefix, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields, Uuid};

/// A segment that is copied to tiered storage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RemoteLogSegmentMetadataRecord {
    /// Which segment it is.
    pub remote_log_segment_id: RemoteLogSegmentIdEntry,
    /// First offset of the segment.
    pub start_offset: i64,
    /// Last offset of the segment.
    pub end_offset: i64,
    /// Node that wrote this.
    pub broker_id: i32,
    /// Largest timestamp in the segment, in Unix milliseconds.
    pub max_timestamp_ms: i64,
    /// When this was written, in Unix milliseconds.
    pub event_timestamp_ms: i64,
    /// The leader epochs in the segment.
    pub segment_leader_epochs: Vec<SegmentLeaderEpochEntry>,
    /// Size of the segment, in bytes.
    pub segment_size_in_bytes: i32,
    /// What the storage adds, in a form of its own; null for nothing.
    pub custom_metadata: Option<Bytes>,
    /// State: 0 the copy has begun, 1 it is whole, 2 the deletion has begun, 3 it is done.
    pub remote_log_segment_state: i8,
    /// Whether the segment has no aborted transactions.
    pub txn_index_empty: bool,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Data for RemoteLogSegmentMetadataRecord {
    const NAME: &'static str = "RemoteLogSegmentMetadataRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);
    const PREFIX: Prefix = Prefix::TypeAndVersion(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for RemoteLogSegmentMetadataRecord {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl RemoteLogSegmentMetadataRecord {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        let mut message = Self {
            remote_log_segment_id: RemoteLogSegmentIdEntry::read(r),
            start_offset: r.i64("start_offset"),
            end_offset: r.i64("end_offset"),
            broker_id: r.i32("broker_id"),
            max_timestamp_ms: r.i64("max_timestamp_ms"),
            event_timestamp_ms: r.i64("event_timestamp_ms"),
            segment_leader_epochs: r.array("segment_leader_epochs", SegmentLeaderEpochEntry::read),
            segment_size_in_bytes: r.i32("segment_size_in_bytes"),
            custom_metadata: r.nullable_bytes("custom_metadata"),
            remote_log_segment_state: r.i8("remote_log_segment_state"),
            txn_index_empty: false,
            unknown_tags: TaggedFields::new(),
        };
        message.unknown_tags = r.known_tags(&mut |r, tag| {
            match tag {
                0 => message.txn_index_empty = r.bool("txn_index_empty"),
                _ => return false,
            }
            true
        });
        message
    }

    fn write(&self, s: &mut LeanSink) {
        self.remote_log_segment_id.write(s);
        s.i64(self.start_offset);
        s.i64(self.end_offset);
        s.i32(self.broker_id);
        s.i64(self.max_timestamp_ms);
        s.i64(self.event_timestamp_ms);
        s.array("segment_leader_epochs", &self.segment_leader_epochs, SegmentLeaderEpochEntry::write);
        s.i32(self.segment_size_in_bytes);
        s.nullable_bytes("custom_metadata", self.custom_metadata.as_ref());
        s.i8(self.remote_log_segment_state);
        let mut known = TaggedFields::new();
        if self.txn_index_empty {
            s.tag(&mut known, 0, &mut |s| {
                s.bool(self.txn_index_empty);
            });
        }
        s.known_tags(&known, &self.unknown_tags);
    }
}

setters! {
    RemoteLogSegmentMetadataRecord {
        with_remote_log_segment_id(remote_log_segment_id: RemoteLogSegmentIdEntry);
        with_start_offset(start_offset: i64);
        with_end_offset(end_offset: i64);
        with_broker_id(broker_id: i32);
        with_max_timestamp_ms(max_timestamp_ms: i64);
        with_event_timestamp_ms(event_timestamp_ms: i64);
        with_segment_leader_epochs(segment_leader_epochs: Vec<SegmentLeaderEpochEntry>);
        with_segment_size_in_bytes(segment_size_in_bytes: i32);
        with_custom_metadata(custom_metadata: Option<Bytes>);
        with_remote_log_segment_state(remote_log_segment_state: i8);
        with_txn_index_empty(txn_index_empty: bool);
    }
}

/// A segment of a partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RemoteLogSegmentIdEntry {
    /// Partition of the segment.
    pub topic_id_partition: TopicIdPartitionEntry,
    /// Id of the segment.
    pub id: Uuid,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl RemoteLogSegmentIdEntry {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { topic_id_partition: TopicIdPartitionEntry::read(r), id: r.uuid("id"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        self.topic_id_partition.write(s);
        s.uuid(self.id);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    RemoteLogSegmentIdEntry {
        with_topic_id_partition(topic_id_partition: TopicIdPartitionEntry);
        with_id(id: Uuid);
    }
}

/// A partition, by the id and the name of its topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicIdPartitionEntry {
    /// Name of the topic.
    pub name: Str,
    /// Id of the topic.
    pub id: Uuid,
    /// Number of the partition in its topic, from 0.
    pub partition: i32,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl TopicIdPartitionEntry {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            id: r.uuid("id"),
            partition: r.i32("partition"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.uuid(self.id);
        s.i32(self.partition);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    TopicIdPartitionEntry {
        with_name(name: impl Into<Str>);
        with_id(id: Uuid);
        with_partition(partition: i32);
    }
}

/// A leader epoch, and where it begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SegmentLeaderEpochEntry {
    /// The epoch.
    pub leader_epoch: i32,
    /// Its first offset.
    pub offset: i64,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl SegmentLeaderEpochEntry {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { leader_epoch: r.i32("leader_epoch"), offset: r.i64("offset"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.leader_epoch);
        s.i64(self.offset);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    SegmentLeaderEpochEntry {
        with_leader_epoch(leader_epoch: i32);
        with_offset(offset: i64);
    }
}

/// A segment whose state changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RemoteLogSegmentMetadataUpdateRecord {
    /// Which segment it is.
    pub remote_log_segment_id: RemoteLogSegmentIdEntry,
    /// Node that wrote this.
    pub broker_id: i32,
    /// When this was written, in Unix milliseconds.
    pub event_timestamp_ms: i64,
    /// What the storage adds, in a form of its own; null for nothing.
    pub custom_metadata: Option<Bytes>,
    /// State: 0 the copy has begun, 1 it is whole, 2 the deletion has begun, 3 it is done.
    pub remote_log_segment_state: i8,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Data for RemoteLogSegmentMetadataUpdateRecord {
    const NAME: &'static str = "RemoteLogSegmentMetadataUpdateRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);
    const PREFIX: Prefix = Prefix::TypeAndVersion(1);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for RemoteLogSegmentMetadataUpdateRecord {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl RemoteLogSegmentMetadataUpdateRecord {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            remote_log_segment_id: RemoteLogSegmentIdEntry::read(r),
            broker_id: r.i32("broker_id"),
            event_timestamp_ms: r.i64("event_timestamp_ms"),
            custom_metadata: r.nullable_bytes("custom_metadata"),
            remote_log_segment_state: r.i8("remote_log_segment_state"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        self.remote_log_segment_id.write(s);
        s.i32(self.broker_id);
        s.i64(self.event_timestamp_ms);
        s.nullable_bytes("custom_metadata", self.custom_metadata.as_ref());
        s.i8(self.remote_log_segment_state);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    RemoteLogSegmentMetadataUpdateRecord {
        with_remote_log_segment_id(remote_log_segment_id: RemoteLogSegmentIdEntry);
        with_broker_id(broker_id: i32);
        with_event_timestamp_ms(event_timestamp_ms: i64);
        with_custom_metadata(custom_metadata: Option<Bytes>);
        with_remote_log_segment_state(remote_log_segment_state: i8);
    }
}

/// A partition that is removed from tiered storage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RemotePartitionDeleteMetadataRecord {
    /// Which partition it is.
    pub topic_id_partition: TopicIdPartitionEntry,
    /// Node that wrote this.
    pub broker_id: i32,
    /// When this was written, in Unix milliseconds.
    pub event_timestamp_ms: i64,
    /// State: 0 marked, 1 begun, 2 done.
    pub remote_partition_delete_state: i8,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Data for RemotePartitionDeleteMetadataRecord {
    const NAME: &'static str = "RemotePartitionDeleteMetadataRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);
    const PREFIX: Prefix = Prefix::TypeAndVersion(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for RemotePartitionDeleteMetadataRecord {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl RemotePartitionDeleteMetadataRecord {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            topic_id_partition: TopicIdPartitionEntry::read(r),
            broker_id: r.i32("broker_id"),
            event_timestamp_ms: r.i64("event_timestamp_ms"),
            remote_partition_delete_state: r.i8("remote_partition_delete_state"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        self.topic_id_partition.write(s);
        s.i32(self.broker_id);
        s.i64(self.event_timestamp_ms);
        s.i8(self.remote_partition_delete_state);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    RemotePartitionDeleteMetadataRecord {
        with_topic_id_partition(topic_id_partition: TopicIdPartitionEntry);
        with_broker_id(broker_id: i32);
        with_event_timestamp_ms(event_timestamp_ms: i64);
        with_remote_partition_delete_state(remote_partition_delete_state: i8);
    }
}

/// A segment in the cache of one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RemoteLogSegmentMetadataSnapshotRecord {
    /// Id of the segment.
    pub segment_id: Uuid,
    /// First offset of the segment.
    pub start_offset: i64,
    /// Last offset of the segment.
    pub end_offset: i64,
    /// Node that wrote this.
    pub broker_id: i32,
    /// Largest timestamp in the segment, in Unix milliseconds.
    pub max_timestamp_ms: i64,
    /// When this was written, in Unix milliseconds.
    pub event_timestamp_ms: i64,
    /// The leader epochs in the segment.
    pub segment_leader_epochs: Vec<SegmentLeaderEpochEntry>,
    /// Size of the segment, in bytes.
    pub segment_size_in_bytes: i32,
    /// What the storage adds, in a form of its own; null for nothing.
    pub custom_metadata: Option<Bytes>,
    /// State: 0 the copy has begun, 1 it is whole, 2 the deletion has begun, 3 it is done.
    pub remote_log_segment_state: i8,
    /// Whether the segment has no aborted transactions.
    pub txn_index_empty: bool,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Data for RemoteLogSegmentMetadataSnapshotRecord {
    const NAME: &'static str = "RemoteLogSegmentMetadataSnapshotRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);
    const PREFIX: Prefix = Prefix::TypeAndVersion(3);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for RemoteLogSegmentMetadataSnapshotRecord {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl RemoteLogSegmentMetadataSnapshotRecord {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        let mut message = Self {
            segment_id: r.uuid("segment_id"),
            start_offset: r.i64("start_offset"),
            end_offset: r.i64("end_offset"),
            broker_id: r.i32("broker_id"),
            max_timestamp_ms: r.i64("max_timestamp_ms"),
            event_timestamp_ms: r.i64("event_timestamp_ms"),
            segment_leader_epochs: r.array("segment_leader_epochs", SegmentLeaderEpochEntry::read),
            segment_size_in_bytes: r.i32("segment_size_in_bytes"),
            custom_metadata: r.nullable_bytes("custom_metadata"),
            remote_log_segment_state: r.i8("remote_log_segment_state"),
            txn_index_empty: false,
            unknown_tags: TaggedFields::new(),
        };
        message.unknown_tags = r.known_tags(&mut |r, tag| {
            match tag {
                0 => message.txn_index_empty = r.bool("txn_index_empty"),
                _ => return false,
            }
            true
        });
        message
    }

    fn write(&self, s: &mut LeanSink) {
        s.uuid(self.segment_id);
        s.i64(self.start_offset);
        s.i64(self.end_offset);
        s.i32(self.broker_id);
        s.i64(self.max_timestamp_ms);
        s.i64(self.event_timestamp_ms);
        s.array("segment_leader_epochs", &self.segment_leader_epochs, SegmentLeaderEpochEntry::write);
        s.i32(self.segment_size_in_bytes);
        s.nullable_bytes("custom_metadata", self.custom_metadata.as_ref());
        s.i8(self.remote_log_segment_state);
        let mut known = TaggedFields::new();
        if self.txn_index_empty {
            s.tag(&mut known, 0, &mut |s| {
                s.bool(self.txn_index_empty);
            });
        }
        s.known_tags(&known, &self.unknown_tags);
    }
}

setters! {
    RemoteLogSegmentMetadataSnapshotRecord {
        with_segment_id(segment_id: Uuid);
        with_start_offset(start_offset: i64);
        with_end_offset(end_offset: i64);
        with_broker_id(broker_id: i32);
        with_max_timestamp_ms(max_timestamp_ms: i64);
        with_event_timestamp_ms(event_timestamp_ms: i64);
        with_segment_leader_epochs(segment_leader_epochs: Vec<SegmentLeaderEpochEntry>);
        with_segment_size_in_bytes(segment_size_in_bytes: i32);
        with_custom_metadata(custom_metadata: Option<Bytes>);
        with_remote_log_segment_state(remote_log_segment_state: i8);
        with_txn_index_empty(txn_index_empty: bool);
    }
}
