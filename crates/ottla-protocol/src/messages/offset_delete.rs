// Generated from schema/offset_delete.txt by `cargo xtask codegen`: change that file and run it again.
//! `OffsetDelete` (API key 47): removes stored offsets of a group (KIP-496).
//!
//! There is one version, which is not flexible.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Partitions whose offsets are to be forgotten.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetDeleteRequest {
    /// Id of the group.
    pub group_id: Str,
    /// The topics with offsets to delete.
    pub topics: Vec<OffsetDeleteRequestTopic>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for OffsetDeleteRequest {
    const API_KEY: ApiKey = ApiKey::OffsetDelete;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for OffsetDeleteRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl OffsetDeleteRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            group_id: r.string("group_id"),
            topics: r.array("topics", OffsetDeleteRequestTopic::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        s.array("topics", &self.topics, OffsetDeleteRequestTopic::write);
        s.tags(&self.unknown_tags);
    }
}

impl Request for OffsetDeleteRequest {
    type Response = OffsetDeleteResponse;
}

setters! {
    OffsetDeleteRequest {
        with_group_id(group_id: impl Into<Str>);
        with_topics(topics: Vec<OffsetDeleteRequestTopic>);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetDeleteRequestTopic {
    /// Name of the topic.
    pub name: Str,
    /// The partitions of the topic.
    pub partitions: Vec<OffsetDeleteRequestPartition>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl OffsetDeleteRequestTopic {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            partitions: r.array("partitions", OffsetDeleteRequestPartition::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.array("partitions", &self.partitions, OffsetDeleteRequestPartition::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    OffsetDeleteRequestTopic {
        with_name(name: impl Into<Str>);
        with_partitions(partitions: Vec<OffsetDeleteRequestPartition>);
    }
}

/// One partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetDeleteRequestPartition {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl OffsetDeleteRequestPartition {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { partition_index: r.i32("partition_index"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition_index);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    OffsetDeleteRequestPartition {
        with_partition_index(partition_index: i32);
    }
}

/// What became of each offset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetDeleteResponse {
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// The topics of the request.
    pub topics: Vec<OffsetDeleteResponseTopic>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for OffsetDeleteResponse {
    const API_KEY: ApiKey = ApiKey::OffsetDelete;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for OffsetDeleteResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl OffsetDeleteResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            error_code: r.error_code("error_code"),
            throttle_time_ms: r.i32("throttle_time_ms"),
            topics: r.array("topics", OffsetDeleteResponseTopic::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.error_code(self.error_code);
        s.i32(self.throttle_time_ms);
        s.array("topics", &self.topics, OffsetDeleteResponseTopic::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    OffsetDeleteResponse {
        with_error_code(error_code: ErrorCode);
        with_throttle_time_ms(throttle_time_ms: i32);
        with_topics(topics: Vec<OffsetDeleteResponseTopic>);
    }
}

/// What became of the offsets of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetDeleteResponseTopic {
    /// Name of the topic.
    pub name: Str,
    /// The partitions of the topic.
    pub partitions: Vec<OffsetDeleteResponsePartition>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl OffsetDeleteResponseTopic {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            partitions: r.array("partitions", OffsetDeleteResponsePartition::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.array("partitions", &self.partitions, OffsetDeleteResponsePartition::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    OffsetDeleteResponseTopic {
        with_name(name: impl Into<Str>);
        with_partitions(partitions: Vec<OffsetDeleteResponsePartition>);
    }
}

/// What became of the offset of one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetDeleteResponsePartition {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl OffsetDeleteResponsePartition {
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
    OffsetDeleteResponsePartition {
        with_partition_index(partition_index: i32);
        with_error_code(error_code: ErrorCode);
    }
}
