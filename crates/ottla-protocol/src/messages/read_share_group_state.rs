// Generated from schema/read_share_group_state.txt by `cargo xtask codegen`: change that file and run it again.
//! `ReadShareGroupState` (API key 84): the stored state of partitions in a share group; between brokers
//! (KIP-932).
//!
//! There is one version, which is flexible.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields, Uuid};

/// Asks for the state of some partitions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadShareGroupStateRequest {
    /// Id of the group.
    pub group_id: Str,
    /// The topics, each with its partitions.
    pub topics: Vec<ReadStateData>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for ReadShareGroupStateRequest {
    const API_KEY: ApiKey = ApiKey::ReadShareGroupState;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ReadShareGroupStateRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ReadShareGroupStateRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            group_id: r.string("group_id"),
            topics: r.array("topics", ReadStateData::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        s.array("topics", &self.topics, ReadStateData::write);
        s.tags(&self.unknown_tags);
    }
}

impl Request for ReadShareGroupStateRequest {
    type Response = ReadShareGroupStateResponse;
}

setters! {
    ReadShareGroupStateRequest {
        with_group_id(group_id: impl Into<Str>);
        with_topics(topics: Vec<ReadStateData>);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadStateData {
    /// Id of the topic; all zeros where it is known by name alone.
    pub topic_id: Uuid,
    /// The partitions of the topic.
    pub partitions: Vec<PartitionData>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ReadStateData {
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
    ReadStateData {
        with_topic_id(topic_id: Uuid);
        with_partitions(partitions: Vec<PartitionData>);
    }
}

/// One partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartitionData {
    /// Number of the partition in its topic, from 0.
    pub partition: i32,
    /// Epoch of the partition's leader, who asks.
    pub leader_epoch: i32,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl PartitionData {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { partition: r.i32("partition"), leader_epoch: r.i32("leader_epoch"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition);
        s.i32(self.leader_epoch);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    PartitionData {
        with_partition(partition: i32);
        with_leader_epoch(leader_epoch: i32);
    }
}

/// The state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadShareGroupStateResponse {
    /// The topics of the request.
    pub results: Vec<ReadStateResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for ReadShareGroupStateResponse {
    const API_KEY: ApiKey = ApiKey::ReadShareGroupState;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ReadShareGroupStateResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ReadShareGroupStateResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { results: r.array("results", ReadStateResult::read), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("results", &self.results, ReadStateResult::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ReadShareGroupStateResponse {
        with_results(results: Vec<ReadStateResult>);
    }
}

/// State of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadStateResult {
    /// Id of the topic; all zeros where it is known by name alone.
    pub topic_id: Uuid,
    /// The partitions of the topic.
    pub partitions: Vec<PartitionResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ReadStateResult {
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
    ReadStateResult {
        with_topic_id(topic_id: Uuid);
        with_partitions(partitions: Vec<PartitionResult>);
    }
}

/// State of one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartitionResult {
    /// Number of the partition in its topic, from 0.
    pub partition: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// Epoch of the state of this partition in the group.
    pub state_epoch: i32,
    /// First offset that the group is not done with; -1 if it is not known.
    pub start_offset: i64,
    /// State of the records from the start offset on, in runs.
    pub state_batches: Vec<StateBatch>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl PartitionResult {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            partition: r.i32("partition"),
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            state_epoch: r.i32("state_epoch"),
            start_offset: r.i64("start_offset"),
            state_batches: r.array("state_batches", StateBatch::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition);
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.i32(self.state_epoch);
        s.i64(self.start_offset);
        s.array("state_batches", &self.state_batches, StateBatch::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    PartitionResult {
        with_partition(partition: i32);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_state_epoch(state_epoch: i32);
        with_start_offset(start_offset: i64);
        with_state_batches(state_batches: Vec<StateBatch>);
    }
}

/// A run of records in the same state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StateBatch {
    /// First offset of the run.
    pub first_offset: i64,
    /// Last offset of the run.
    pub last_offset: i64,
    /// State of the records: 0 available, 2 acknowledged, 4 archived.
    pub delivery_state: i8,
    /// How often the records were delivered.
    pub delivery_count: i16,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl StateBatch {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            first_offset: r.i64("first_offset"),
            last_offset: r.i64("last_offset"),
            delivery_state: r.i8("delivery_state"),
            delivery_count: r.i16("delivery_count"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i64(self.first_offset);
        s.i64(self.last_offset);
        s.i8(self.delivery_state);
        s.i16(self.delivery_count);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    StateBatch {
        with_first_offset(first_offset: i64);
        with_last_offset(last_offset: i64);
        with_delivery_state(delivery_state: i8);
        with_delivery_count(delivery_count: i16);
    }
}
