// Generated from schema/describe_share_group_offsets.txt by `cargo xtask codegen`: change that file and run it again.
//! `DescribeShareGroupOffsets` (API key 90): where share groups stand in partitions (KIP-932).
//!
//! Flexible from the first version. v1 tells the lag (KIP-1226).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{
    DecodeError, EncodeError, I32Array, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields, Uuid,
};

/// Asks where some groups stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeShareGroupOffsetsRequest {
    /// The groups.
    pub groups: Vec<DescribeShareGroupOffsetsRequestGroup>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for DescribeShareGroupOffsetsRequest {
    const API_KEY: ApiKey = ApiKey::DescribeShareGroupOffsets;
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for DescribeShareGroupOffsetsRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DescribeShareGroupOffsetsRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            groups: r.array("groups", DescribeShareGroupOffsetsRequestGroup::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("groups", &self.groups, DescribeShareGroupOffsetsRequestGroup::write);
        s.tags(&self.unknown_tags);
    }
}

impl Request for DescribeShareGroupOffsetsRequest {
    type Response = DescribeShareGroupOffsetsResponse;
}

setters! {
    DescribeShareGroupOffsetsRequest {
        with_groups(groups: Vec<DescribeShareGroupOffsetsRequestGroup>);
    }
}

/// One group, and what is wanted of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeShareGroupOffsetsRequestGroup {
    /// Id of the group.
    pub group_id: Str,
    /// The topics, each with its partitions; null for all.
    pub topics: Option<Vec<DescribeShareGroupOffsetsRequestTopic>>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for DescribeShareGroupOffsetsRequestGroup {
    fn default() -> Self {
        Self { group_id: Str::EMPTY, topics: Some(Vec::new()), unknown_tags: TaggedFields::new() }
    }
}

impl DescribeShareGroupOffsetsRequestGroup {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            group_id: r.string("group_id"),
            topics: r.nullable_array("topics", DescribeShareGroupOffsetsRequestTopic::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        s.nullable_array("topics", self.topics.as_deref(), DescribeShareGroupOffsetsRequestTopic::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeShareGroupOffsetsRequestGroup {
        with_group_id(group_id: impl Into<Str>);
        with_topics(topics: Option<Vec<DescribeShareGroupOffsetsRequestTopic>>);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeShareGroupOffsetsRequestTopic {
    /// Name of the topic.
    pub topic_name: Str,
    /// Numbers of the partitions.
    pub partitions: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl DescribeShareGroupOffsetsRequestTopic {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            topic_name: r.string("topic_name"),
            partitions: r.i32_array("partitions"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("topic_name", &self.topic_name);
        s.i32_array("partitions", &self.partitions);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeShareGroupOffsetsRequestTopic {
        with_topic_name(topic_name: impl Into<Str>);
        with_partitions(partitions: impl Into<I32Array>);
    }
}

/// Where they stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeShareGroupOffsetsResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// The groups of the request.
    pub groups: Vec<DescribeShareGroupOffsetsResponseGroup>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for DescribeShareGroupOffsetsResponse {
    const API_KEY: ApiKey = ApiKey::DescribeShareGroupOffsets;
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for DescribeShareGroupOffsetsResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DescribeShareGroupOffsetsResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            groups: r.array("groups", DescribeShareGroupOffsetsResponseGroup::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.array("groups", &self.groups, DescribeShareGroupOffsetsResponseGroup::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeShareGroupOffsetsResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_groups(groups: Vec<DescribeShareGroupOffsetsResponseGroup>);
    }
}

/// Where one group stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeShareGroupOffsetsResponseGroup {
    /// Id of the group.
    pub group_id: Str,
    /// The topics of the request, or all that the group reads.
    pub topics: Vec<DescribeShareGroupOffsetsResponseTopic>,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl DescribeShareGroupOffsetsResponseGroup {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            group_id: r.string("group_id"),
            topics: r.array("topics", DescribeShareGroupOffsetsResponseTopic::read),
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        s.array("topics", &self.topics, DescribeShareGroupOffsetsResponseTopic::write);
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeShareGroupOffsetsResponseGroup {
        with_group_id(group_id: impl Into<Str>);
        with_topics(topics: Vec<DescribeShareGroupOffsetsResponseTopic>);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
    }
}

/// Where the group stands in one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeShareGroupOffsetsResponseTopic {
    /// Name of the topic.
    pub topic_name: Str,
    /// Id of the topic; all zeros where it is known by name alone.
    pub topic_id: Uuid,
    /// The partitions of the topic.
    pub partitions: Vec<DescribeShareGroupOffsetsResponsePartition>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl DescribeShareGroupOffsetsResponseTopic {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            topic_name: r.string("topic_name"),
            topic_id: r.uuid("topic_id"),
            partitions: r.array("partitions", DescribeShareGroupOffsetsResponsePartition::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("topic_name", &self.topic_name);
        s.uuid(self.topic_id);
        s.array("partitions", &self.partitions, DescribeShareGroupOffsetsResponsePartition::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeShareGroupOffsetsResponseTopic {
        with_topic_name(topic_name: impl Into<Str>);
        with_topic_id(topic_id: Uuid);
        with_partitions(partitions: Vec<DescribeShareGroupOffsetsResponsePartition>);
    }
}

/// Where the group stands in one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeShareGroupOffsetsResponsePartition {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// First offset that the group is not done with; -1 if it is not known.
    pub start_offset: i64,
    /// Number of the leadership, which grows with each new leader; -1 if it is not known.
    pub leader_epoch: i32,
    /// How many records the group is not done with; -1 if it is not known. v1+. Default `-1`.
    pub lag: i64,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for DescribeShareGroupOffsetsResponsePartition {
    fn default() -> Self {
        Self {
            partition_index: 0,
            start_offset: 0,
            leader_epoch: 0,
            lag: -1,
            error_code: ErrorCode::NONE,
            error_message: None,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl DescribeShareGroupOffsetsResponsePartition {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            partition_index: r.i32("partition_index"),
            start_offset: r.i64("start_offset"),
            leader_epoch: r.i32("leader_epoch"),
            lag: match r.version {
                1.. => r.i64("lag"),
                _ => -1,
            },
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition_index);
        s.i64(self.start_offset);
        s.i32(self.leader_epoch);
        if s.version >= 1 {
            s.i64(self.lag);
        }
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeShareGroupOffsetsResponsePartition {
        with_partition_index(partition_index: i32);
        with_start_offset(start_offset: i64);
        with_leader_epoch(leader_epoch: i32);
        with_lag(lag: i64);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
    }
}
