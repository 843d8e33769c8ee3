// Generated from schema/initialize_share_group_state.txt by `cargo xtask codegen`: change that file and run it again.
//! `InitializeShareGroupState` (API key 83): begins the stored state of partitions in a share group;
//! between brokers (KIP-932).
//!
//! There is one version, which is flexible.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields, Uuid};

/// Partitions whose state begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct InitializeShareGroupStateRequest {
    /// Id of the group.
    pub group_id: Str,
    /// The topics, each with its partitions.
    pub topics: Vec<InitializeStateData>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for InitializeShareGroupStateRequest {
    const API_KEY: ApiKey = ApiKey::InitializeShareGroupState;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for InitializeShareGroupStateRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl InitializeShareGroupStateRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            group_id: r.string("group_id"),
            topics: r.array("topics", InitializeStateData::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        s.array("topics", &self.topics, InitializeStateData::write);
        s.tags(&self.unknown_tags);
    }
}

impl Request for InitializeShareGroupStateRequest {
    type Response = InitializeShareGroupStateResponse;
}

setters! {
    InitializeShareGroupStateRequest {
        with_group_id(group_id: impl Into<Str>);
        with_topics(topics: Vec<InitializeStateData>);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct InitializeStateData {
    /// Id of the topic; all zeros where it is known by name alone.
    pub topic_id: Uuid,
    /// The partitions of the topic.
    pub partitions: Vec<PartitionData>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl InitializeStateData {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            topic_id: r.uuid("topic_id"),
            partitions: r.array("partitions", PartitionData::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.uuid(self.topic_id);
        s.array("partitions", &self.partitions, PartitionData::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    InitializeStateData {
        with_topic_id(topic_id: Uuid);
        with_partitions(partitions: Vec<PartitionData>);
    }
}

/// Where the state of one partition begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartitionData {
    /// Number of the partition in its topic, from 0.
    pub partition: i32,
    /// Epoch of the state of this partition in the group.
    pub state_epoch: i32,
    /// First offset that the group reads; -1 to leave it open.
    pub start_offset: i64,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl PartitionData {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            partition: r.i32("partition"),
            state_epoch: r.i32("state_epoch"),
            start_offset: r.i64("start_offset"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition);
        s.i32(self.state_epoch);
        s.i64(self.start_offset);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    PartitionData {
        with_partition(partition: i32);
        with_state_epoch(state_epoch: i32);
        with_start_offset(start_offset: i64);
    }
}

/// What became of each partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct InitializeShareGroupStateResponse {
    /// The topics of the request.
    pub results: Vec<InitializeStateResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for InitializeShareGroupStateResponse {
    const API_KEY: ApiKey = ApiKey::InitializeShareGroupState;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for InitializeShareGroupStateResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl InitializeShareGroupStateResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { results: r.array("results", InitializeStateResult::read), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("results", &self.results, InitializeStateResult::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    InitializeShareGroupStateResponse {
        with_results(results: Vec<InitializeStateResult>);
    }
}

/// What became of the partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct InitializeStateResult {
    /// Id of the topic; all zeros where it is known by name alone.
    pub topic_id: Uuid,
    /// The partitions of the topic.
    pub partitions: Vec<PartitionResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl InitializeStateResult {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            topic_id: r.uuid("topic_id"),
            partitions: r.array("partitions", PartitionResult::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.uuid(self.topic_id);
        s.array("partitions", &self.partitions, PartitionResult::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    InitializeStateResult {
        with_topic_id(topic_id: Uuid);
        with_partitions(partitions: Vec<PartitionResult>);
    }
}

/// What became of one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartitionResult {
    /// Number of the partition in its topic, from 0.
    pub partition: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl PartitionResult {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            partition: r.i32("partition"),
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition);
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.tags(&self.unknown_tags);
    }
}

setters! {
    PartitionResult {
        with_partition(partition: i32);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
    }
}
