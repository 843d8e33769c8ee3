// Generated from schema/alter_share_group_offsets.txt by `cargo xtask codegen`: change that file and run it again.
//! `AlterShareGroupOffsets` (API key 91): sets where a share group starts in partitions (KIP-932).
//!
//! There is one version, which is flexible.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields, Uuid};

/// Offsets to set for a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlterShareGroupOffsetsRequest {
    /// Id of the group.
    pub group_id: Str,
    /// The topics, each with its partitions.
    pub topics: Vec<AlterShareGroupOffsetsRequestTopic>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for AlterShareGroupOffsetsRequest {
    const API_KEY: ApiKey = ApiKey::AlterShareGroupOffsets;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for AlterShareGroupOffsetsRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl AlterShareGroupOffsetsRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            group_id: r.string("group_id"),
            topics: r.array("topics", AlterShareGroupOffsetsRequestTopic::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        s.array("topics", &self.topics, AlterShareGroupOffsetsRequestTopic::write);
        s.tags(&self.unknown_tags);
    }
}

impl Request for AlterShareGroupOffsetsRequest {
    type Response = AlterShareGroupOffsetsResponse;
}

setters! {
    AlterShareGroupOffsetsRequest {
        with_group_id(group_id: impl Into<Str>);
        with_topics(topics: Vec<AlterShareGroupOffsetsRequestTopic>);
    }
}

/// Offsets in one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlterShareGroupOffsetsRequestTopic {
    /// Name of the topic.
    pub topic_name: Str,
    /// The partitions of the topic.
    pub partitions: Vec<AlterShareGroupOffsetsRequestPartition>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl AlterShareGroupOffsetsRequestTopic {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            topic_name: r.string("topic_name"),
            partitions: r.array("partitions", AlterShareGroupOffsetsRequestPartition::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("topic_name", &self.topic_name);
        s.array("partitions", &self.partitions, AlterShareGroupOffsetsRequestPartition::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AlterShareGroupOffsetsRequestTopic {
        with_topic_name(topic_name: impl Into<Str>);
        with_partitions(partitions: Vec<AlterShareGroupOffsetsRequestPartition>);
    }
}

/// The offset in one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlterShareGroupOffsetsRequestPartition {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// First offset that the group is to read.
    pub start_offset: i64,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl AlterShareGroupOffsetsRequestPartition {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            partition_index: r.i32("partition_index"),
            start_offset: r.i64("start_offset"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition_index);
        s.i64(self.start_offset);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AlterShareGroupOffsetsRequestPartition {
        with_partition_index(partition_index: i32);
        with_start_offset(start_offset: i64);
    }
}

/// What became of each offset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlterShareGroupOffsetsResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// The topics of the request.
    pub responses: Vec<AlterShareGroupOffsetsResponseTopic>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for AlterShareGroupOffsetsResponse {
    const API_KEY: ApiKey = ApiKey::AlterShareGroupOffsets;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for AlterShareGroupOffsetsResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl AlterShareGroupOffsetsResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            responses: r.array("responses", AlterShareGroupOffsetsResponseTopic::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.array("responses", &self.responses, AlterShareGroupOffsetsResponseTopic::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AlterShareGroupOffsetsResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_responses(responses: Vec<AlterShareGroupOffsetsResponseTopic>);
    }
}

/// What became of the offsets in one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlterShareGroupOffsetsResponseTopic {
    /// Name of the topic.
    pub topic_name: Str,
    /// Id of the topic; all zeros where it is known by name alone.
    pub topic_id: Uuid,
    /// The partitions of the topic.
    pub partitions: Vec<AlterShareGroupOffsetsResponsePartition>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl AlterShareGroupOffsetsResponseTopic {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            topic_name: r.string("topic_name"),
            topic_id: r.uuid("topic_id"),
            partitions: r.array("partitions", AlterShareGroupOffsetsResponsePartition::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("topic_name", &self.topic_name);
        s.uuid(self.topic_id);
        s.array("partitions", &self.partitions, AlterShareGroupOffsetsResponsePartition::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AlterShareGroupOffsetsResponseTopic {
        with_topic_name(topic_name: impl Into<Str>);
        with_topic_id(topic_id: Uuid);
        with_partitions(partitions: Vec<AlterShareGroupOffsetsResponsePartition>);
    }
}

/// What became of the offset in one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlterShareGroupOffsetsResponsePartition {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl AlterShareGroupOffsetsResponsePartition {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            partition_index: r.i32("partition_index"),
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition_index);
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AlterShareGroupOffsetsResponsePartition {
        with_partition_index(partition_index: i32);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
    }
}
