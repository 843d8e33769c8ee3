// Generated from schema/offset_fetch.txt by `cargo xtask codegen`: change that file and run it again.
//! `OffsetFetch` (API key 9): up to where groups have read.
//!
//! v1 is the oldest version left; v2 asks for all topics at once and adds an error code for the group;
//! v5 adds leader epochs (KIP-320); v6 is the first flexible version; v7 waits for open transactions
//! (KIP-447); v8 asks for several groups at once (KIP-709); v9 serves groups of KIP-848 too; v10 names
//! topics by id (KIP-848).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{
    DecodeError, EncodeError, I32Array, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields, Uuid,
};

/// Asks for stored offsets of one group or, from v8, several.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetFetchRequest {
    /// Id of the group. Until v7.
    pub group_id: Str,
    /// The topics whose offsets are wanted; null for all that the group has stored. Until v7. Null from v2
    /// on.
    pub topics: Option<Vec<OffsetFetchRequestTopic>>,
    /// The groups, each with the topics whose offsets are wanted. v8+.
    pub groups: Vec<OffsetFetchRequestGroup>,
    /// Whether to refuse a partition that has an offset in an open transaction, with
    /// `UNSTABLE_OFFSET_COMMIT` (KIP-447). v7+.
    pub require_stable: bool,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for OffsetFetchRequest {
    fn default() -> Self {
        Self {
            group_id: Str::EMPTY,
            topics: Some(Vec::new()),
            groups: Vec::new(),
            require_stable: false,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for OffsetFetchRequest {
    const API_KEY: ApiKey = ApiKey::OffsetFetch;
    const VERSIONS: RangeInclusive<i16> = 1..=10;
    const FLEXIBLE_FROM: Option<i16> = Some(6);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for OffsetFetchRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl OffsetFetchRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            group_id: match r.version {
                ..=7 => r.string("group_id"),
                _ => Str::EMPTY,
            },
            topics: match r.version {
                8.. => Some(Vec::new()),
                2..=7 => r.nullable_array("topics", OffsetFetchRequestTopic::read),
                _ => Some(r.array("topics", OffsetFetchRequestTopic::read)),
            },
            groups: match r.version {
                8.. => r.array("groups", OffsetFetchRequestGroup::read),
                _ => Vec::new(),
            },
            require_stable: match r.version {
                7.. => r.bool("require_stable"),
                _ => false,
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        if s.version <= 7 {
            s.string("group_id", &self.group_id);
        } else if !self.group_id.is_empty() {
            s.not_in_version("group_id");
        }
        if s.version <= 7 {
            if s.version >= 2 {
                s.nullable_array("topics", self.topics.as_deref(), OffsetFetchRequestTopic::write);
            } else {
                s.required("topics", self.topics.as_ref(), |s, field, value| {
                    s.array(field, value, OffsetFetchRequestTopic::write)
                });
            }
        } else if self.topics.as_ref().is_none_or(|value| !value.is_empty()) {
            s.not_in_version("topics");
        }
        if s.version >= 8 {
            s.array("groups", &self.groups, OffsetFetchRequestGroup::write);
        } else if !self.groups.is_empty() {
            s.not_in_version("groups");
        }
        if s.version >= 7 {
            s.bool(self.require_stable);
        } else if self.require_stable {
            s.not_in_version("require_stable");
        }
        s.tags(&self.unknown_tags);
    }
}

impl Request for OffsetFetchRequest {
    type Response = OffsetFetchResponse;
}

setters! {
    OffsetFetchRequest {
        with_group_id(group_id: impl Into<Str>);
        with_topics(topics: Option<Vec<OffsetFetchRequestTopic>>);
        with_groups(groups: Vec<OffsetFetchRequestGroup>);
        with_require_stable(require_stable: bool);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetFetchRequestTopic {
    /// Name of the topic.
    pub name: Str,
    /// Numbers of the partitions in the topic, from 0.
    pub partition_indexes: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl OffsetFetchRequestTopic {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            partition_indexes: r.i32_array("partition_indexes"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.i32_array("partition_indexes", &self.partition_indexes);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    OffsetFetchRequestTopic {
        with_name(name: impl Into<Str>);
        with_partition_indexes(partition_indexes: impl Into<I32Array>);
    }
}

/// One group, and what is wanted of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetFetchRequestGroup {
    /// Id of the group.
    pub group_id: Str,
    /// Id of the member that asks; null from one that is no member, and of no meaning to a classic group.
    /// v9+.
    pub member_id: Option<Str>,
    /// Epoch of the member that asks (KIP-848); -1 from one that is no member. v9+. Default `-1`.
    pub member_epoch: i32,
    /// The topics whose offsets are wanted; null for all that the group has stored.
    pub topics: Option<Vec<OffsetFetchRequestTopics>>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for OffsetFetchRequestGroup {
    fn default() -> Self {
        Self {
            group_id: Str::EMPTY,
            member_id: None,
            member_epoch: -1,
            topics: Some(Vec::new()),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl OffsetFetchRequestGroup {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            group_id: r.string("group_id"),
            member_id: match r.version {
                9.. => r.nullable_string("member_id"),
                _ => None,
            },
            member_epoch: match r.version {
                9.. => r.i32("member_epoch"),
                _ => -1,
            },
            topics: r.nullable_array("topics", OffsetFetchRequestTopics::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        if s.version >= 9 {
            s.nullable_string("member_id", self.member_id.as_ref());
        }
        if s.version >= 9 {
            s.i32(self.member_epoch);
        }
        s.nullable_array("topics", self.topics.as_deref(), OffsetFetchRequestTopics::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    OffsetFetchRequestGroup {
        with_group_id(group_id: impl Into<Str>);
        with_member_id(member_id: Option<Str>);
        with_member_epoch(member_epoch: i32);
        with_topics(topics: Option<Vec<OffsetFetchRequestTopics>>);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetFetchRequestTopics {
    /// Name of the topic. Until v9.
    pub name: Str,
    /// Id of the topic; all zeros where it is known by name alone. v10+.
    pub topic_id: Uuid,
    /// Numbers of the partitions in the topic, from 0.
    pub partition_indexes: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl OffsetFetchRequestTopics {
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
            partition_indexes: r.i32_array("partition_indexes"),
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
        s.i32_array("partition_indexes", &self.partition_indexes);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    OffsetFetchRequestTopics {
        with_name(name: impl Into<Str>);
        with_topic_id(topic_id: Uuid);
        with_partition_indexes(partition_indexes: impl Into<I32Array>);
    }
}

/// Stored offsets; before v8 of a single group, in the fields of the response itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetFetchResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not. v3+.
    pub throttle_time_ms: i32,
    /// The topics of the request, or all with stored offsets. Until v7.
    pub topics: Vec<OffsetFetchResponseTopic>,
    /// What went wrong; `NONE` if nothing did. v2 to v7.
    pub error_code: ErrorCode,
    /// The groups of the request. v8+.
    pub groups: Vec<OffsetFetchResponseGroup>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for OffsetFetchResponse {
    const API_KEY: ApiKey = ApiKey::OffsetFetch;
    const VERSIONS: RangeInclusive<i16> = 1..=10;
    const FLEXIBLE_FROM: Option<i16> = Some(6);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for OffsetFetchResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl OffsetFetchResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: match r.version {
                3.. => r.i32("throttle_time_ms"),
                _ => 0,
            },
            topics: match r.version {
                ..=7 => r.array("topics", OffsetFetchResponseTopic::read),
                _ => Vec::new(),
            },
            error_code: match r.version {
                2..=7 => r.error_code("error_code"),
                _ => ErrorCode::NONE,
            },
            groups: match r.version {
                8.. => r.array("groups", OffsetFetchResponseGroup::read),
                _ => Vec::new(),
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        if s.version >= 3 {
            s.i32(self.throttle_time_ms);
        }
        if s.version <= 7 {
            s.array("topics", &self.topics, OffsetFetchResponseTopic::write);
        } else if !self.topics.is_empty() {
            s.not_in_version("topics");
        }
        if (2..=7).contains(&s.version) {
            s.error_code(self.error_code);
        }
        if s.version >= 8 {
            s.array("groups", &self.groups, OffsetFetchResponseGroup::write);
        } else if !self.groups.is_empty() {
            s.not_in_version("groups");
        }
        s.tags(&self.unknown_tags);
    }
}

setters! {
    OffsetFetchResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_topics(topics: Vec<OffsetFetchResponseTopic>);
        with_error_code(error_code: ErrorCode);
        with_groups(groups: Vec<OffsetFetchResponseGroup>);
    }
}

/// Offsets of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetFetchResponseTopic {
    /// Name of the topic.
    pub name: Str,
    /// The partitions of the topic.
    pub partitions: Vec<OffsetFetchResponsePartition>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl OffsetFetchResponseTopic {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            partitions: r.array("partitions", OffsetFetchResponsePartition::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.array("partitions", &self.partitions, OffsetFetchResponsePartition::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    OffsetFetchResponseTopic {
        with_name(name: impl Into<Str>);
        with_partitions(partitions: Vec<OffsetFetchResponsePartition>);
    }
}

/// The offset of one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetFetchResponsePartition {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// The stored offset, that of the next record to read; -1 if none is stored.
    pub committed_offset: i64,
    /// Leader epoch of the last record that was read; -1 if it is not known. v5+. Default `-1`.
    pub committed_leader_epoch: i32,
    /// What the client stored with the offset; empty if there is none.
    pub metadata: Option<Str>,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for OffsetFetchResponsePartition {
    fn default() -> Self {
        Self {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            metadata: Some(Str::EMPTY),
            error_code: ErrorCode::NONE,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl OffsetFetchResponsePartition {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            partition_index: r.i32("partition_index"),
            committed_offset: r.i64("committed_offset"),
            committed_leader_epoch: match r.version {
                5.. => r.i32("committed_leader_epoch"),
                _ => -1,
            },
            metadata: r.nullable_string("metadata"),
            error_code: r.error_code("error_code"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition_index);
        s.i64(self.committed_offset);
        if s.version >= 5 {
            s.i32(self.committed_leader_epoch);
        }
        s.nullable_string("metadata", self.metadata.as_ref());
        s.error_code(self.error_code);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    OffsetFetchResponsePartition {
        with_partition_index(partition_index: i32);
        with_committed_offset(committed_offset: i64);
        with_committed_leader_epoch(committed_leader_epoch: i32);
        with_metadata(metadata: Option<Str>);
        with_error_code(error_code: ErrorCode);
    }
}

/// Offsets of one group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetFetchResponseGroup {
    /// Id of the group.
    pub group_id: Str,
    /// The topics of the request, or all with stored offsets.
    pub topics: Vec<OffsetFetchResponseTopics>,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl OffsetFetchResponseGroup {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            group_id: r.string("group_id"),
            topics: r.array("topics", OffsetFetchResponseTopics::read),
            error_code: r.error_code("error_code"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        s.array("topics", &self.topics, OffsetFetchResponseTopics::write);
        s.error_code(self.error_code);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    OffsetFetchResponseGroup {
        with_group_id(group_id: impl Into<Str>);
        with_topics(topics: Vec<OffsetFetchResponseTopics>);
        with_error_code(error_code: ErrorCode);
    }
}

/// Offsets of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetFetchResponseTopics {
    /// Name of the topic. Until v9.
    pub name: Str,
    /// Id of the topic; all zeros where it is known by name alone. v10+.
    pub topic_id: Uuid,
    /// The partitions of the topic.
    pub partitions: Vec<OffsetFetchResponsePartitions>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl OffsetFetchResponseTopics {
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
            partitions: r.array("partitions", OffsetFetchResponsePartitions::read),
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
        s.array("partitions", &self.partitions, OffsetFetchResponsePartitions::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    OffsetFetchResponseTopics {
        with_name(name: impl Into<Str>);
        with_topic_id(topic_id: Uuid);
        with_partitions(partitions: Vec<OffsetFetchResponsePartitions>);
    }
}

/// The offset of one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetFetchResponsePartitions {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// The stored offset, that of the next record to read; -1 if none is stored.
    pub committed_offset: i64,
    /// Leader epoch of the last record that was read; -1 if it is not known. Default `-1`.
    pub committed_leader_epoch: i32,
    /// What the client stored with the offset; empty if there is none.
    pub metadata: Option<Str>,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for OffsetFetchResponsePartitions {
    fn default() -> Self {
        Self {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            metadata: Some(Str::EMPTY),
            error_code: ErrorCode::NONE,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl OffsetFetchResponsePartitions {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            partition_index: r.i32("partition_index"),
            committed_offset: r.i64("committed_offset"),
            committed_leader_epoch: r.i32("committed_leader_epoch"),
            metadata: r.nullable_string("metadata"),
            error_code: r.error_code("error_code"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition_index);
        s.i64(self.committed_offset);
        s.i32(self.committed_leader_epoch);
        s.nullable_string("metadata", self.metadata.as_ref());
        s.error_code(self.error_code);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    OffsetFetchResponsePartitions {
        with_partition_index(partition_index: i32);
        with_committed_offset(committed_offset: i64);
        with_committed_leader_epoch(committed_leader_epoch: i32);
        with_metadata(metadata: Option<Str>);
        with_error_code(error_code: ErrorCode);
    }
}
