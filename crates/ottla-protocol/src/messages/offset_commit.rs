// Generated from schema/offset_commit.txt by `cargo xtask codegen`: change that file and run it again.
//! `OffsetCommit` (API key 8): stores up to where a group has read.
//!
//! v2 is the oldest version left; v5 leaves it to the broker how long offsets are kept; v6 adds leader
//! epochs (KIP-320); v7 adds static members (KIP-345); v8 is the first flexible version; v9 serves
//! groups of KIP-848 too; v10 names topics by id (KIP-848).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields, Uuid};

/// Offsets to store for a group.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetCommitRequest {
    /// Id of the group.
    pub group_id: Str,
    /// Generation of a classic group, or epoch of a member of a KIP-848 group; -1 from one that is no
    /// member. Default `-1`.
    pub generation_id_or_member_epoch: i32,
    /// Id of the member; empty from one that is no member.
    pub member_id: Str,
    /// Name of a static member, which stays the same when the member starts anew; null for a dynamic one
    /// (KIP-345). v7+.
    pub group_instance_id: Option<Str>,
    /// How long to keep the offsets, in milliseconds; -1 for as long as the broker keeps others. Until v4.
    /// Default `-1`.
    pub retention_time_ms: i64,
    /// The topics with offsets to store.
    pub topics: Vec<OffsetCommitRequestTopic>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for OffsetCommitRequest {
    fn default() -> Self {
        Self {
            group_id: Str::EMPTY,
            generation_id_or_member_epoch: -1,
            member_id: Str::EMPTY,
            group_instance_id: None,
            retention_time_ms: -1,
            topics: Vec::new(),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for OffsetCommitRequest {
    const API_KEY: ApiKey = ApiKey::OffsetCommit;
    const VERSIONS: RangeInclusive<i16> = 2..=10;
    const FLEXIBLE_FROM: Option<i16> = Some(8);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for OffsetCommitRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl OffsetCommitRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            group_id: r.string("group_id"),
            generation_id_or_member_epoch: r.i32("generation_id_or_member_epoch"),
            member_id: r.string("member_id"),
            group_instance_id: match r.version {
                7.. => r.nullable_string("group_instance_id"),
                _ => None,
            },
            retention_time_ms: match r.version {
                ..=4 => r.i64("retention_time_ms"),
                _ => -1,
            },
            topics: r.array("topics", OffsetCommitRequestTopic::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        s.i32(self.generation_id_or_member_epoch);
        s.string("member_id", &self.member_id);
        if s.version >= 7 {
            s.nullable_string("group_instance_id", self.group_instance_id.as_ref());
        } else if self.group_instance_id.is_some() {
            s.not_in_version("group_instance_id");
        }
        if s.version <= 4 {
            s.i64(self.retention_time_ms);
        }
        s.array("topics", &self.topics, OffsetCommitRequestTopic::write);
        s.tags(&self.unknown_tags);
    }
}

impl Request for OffsetCommitRequest {
    type Response = OffsetCommitResponse;
}

setters! {
    OffsetCommitRequest {
        with_group_id(group_id: impl Into<Str>);
        with_generation_id_or_member_epoch(generation_id_or_member_epoch: i32);
        with_member_id(member_id: impl Into<Str>);
        with_group_instance_id(group_instance_id: Option<Str>);
        with_retention_time_ms(retention_time_ms: i64);
        with_topics(topics: Vec<OffsetCommitRequestTopic>);
    }
}

/// Offsets of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetCommitRequestTopic {
    /// Name of the topic. Until v9.
    pub name: Str,
    /// Id of the topic; all zeros where it is known by name alone. v10+.
    pub topic_id: Uuid,
    /// The partitions of the topic.
    pub partitions: Vec<OffsetCommitRequestPartition>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl OffsetCommitRequestTopic {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: match r.version {
                ..=9 => r.string("name"),
                _ => Str::EMPTY,
            },
            topic_id: match r.version {
                10.. => r.uuid("topic_id"),
                _ => Uuid::ZERO,
            },
            partitions: r.array("partitions", OffsetCommitRequestPartition::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        if s.version <= 9 {
            s.string("name", &self.name);
        }
        if s.version >= 10 {
            s.uuid(self.topic_id);
        }
        s.array("partitions", &self.partitions, OffsetCommitRequestPartition::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    OffsetCommitRequestTopic {
        with_name(name: impl Into<Str>);
        with_topic_id(topic_id: Uuid);
        with_partitions(partitions: Vec<OffsetCommitRequestPartition>);
    }
}

/// The offset of one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetCommitRequestPartition {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// The offset to store: that of the next record to read.
    pub committed_offset: i64,
    /// Leader epoch of the last record that was read; -1 if it is not known. v6+. Default `-1`.
    pub committed_leader_epoch: i32,
    /// Whatever the client wants to keep with the offset; null is stored as empty.
    pub committed_metadata: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for OffsetCommitRequestPartition {
    fn default() -> Self {
        Self {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            committed_metadata: Some(Str::EMPTY),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl OffsetCommitRequestPartition {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            partition_index: r.i32("partition_index"),
            committed_offset: r.i64("committed_offset"),
            committed_leader_epoch: match r.version {
                6.. => r.i32("committed_leader_epoch"),
                _ => -1,
            },
            committed_metadata: r.nullable_string("committed_metadata"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition_index);
        s.i64(self.committed_offset);
        if s.version >= 6 {
            s.i32(self.committed_leader_epoch);
        }
        s.nullable_string("committed_metadata", self.committed_metadata.as_ref());
        s.tags(&self.unknown_tags);
    }
}

setters! {
    OffsetCommitRequestPartition {
        with_partition_index(partition_index: i32);
        with_committed_offset(committed_offset: i64);
        with_committed_leader_epoch(committed_leader_epoch: i32);
        with_committed_metadata(committed_metadata: Option<Str>);
    }
}

/// What became of each offset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetCommitResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not. v3+.
    pub throttle_time_ms: i32,
    /// The topics of the request.
    pub topics: Vec<OffsetCommitResponseTopic>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for OffsetCommitResponse {
    const API_KEY: ApiKey = ApiKey::OffsetCommit;
    const VERSIONS: RangeInclusive<i16> = 2..=10;
    const FLEXIBLE_FROM: Option<i16> = Some(8);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for OffsetCommitResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl OffsetCommitResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: match r.version {
                3.. => r.i32("throttle_time_ms"),
                _ => 0,
            },
            topics: r.array("topics", OffsetCommitResponseTopic::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        if s.version >= 3 {
            s.i32(self.throttle_time_ms);
        }
        s.array("topics", &self.topics, OffsetCommitResponseTopic::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    OffsetCommitResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_topics(topics: Vec<OffsetCommitResponseTopic>);
    }
}

/// What became of the offsets of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetCommitResponseTopic {
    /// Name of the topic. Until v9.
    pub name: Str,
    /// Id of the topic; all zeros where it is known by name alone. v10+.
    pub topic_id: Uuid,
    /// The partitions of the topic.
    pub partitions: Vec<OffsetCommitResponsePartition>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl OffsetCommitResponseTopic {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: match r.version {
                ..=9 => r.string("name"),
                _ => Str::EMPTY,
            },
            topic_id: match r.version {
                10.. => r.uuid("topic_id"),
                _ => Uuid::ZERO,
            },
            partitions: r.array("partitions", OffsetCommitResponsePartition::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        if s.version <= 9 {
            s.string("name", &self.name);
        }
        if s.version >= 10 {
            s.uuid(self.topic_id);
        }
        s.array("partitions", &self.partitions, OffsetCommitResponsePartition::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    OffsetCommitResponseTopic {
        with_name(name: impl Into<Str>);
        with_topic_id(topic_id: Uuid);
        with_partitions(partitions: Vec<OffsetCommitResponsePartition>);
    }
}

/// What became of the offset of one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetCommitResponsePartition {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl OffsetCommitResponsePartition {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            partition_index: r.i32("partition_index"),
            error_code: r.error_code("error_code"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition_index);
        s.error_code(self.error_code);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    OffsetCommitResponsePartition {
        with_partition_index(partition_index: i32);
        with_error_code(error_code: ErrorCode);
    }
}
