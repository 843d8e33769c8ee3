// Generated from schema/read_share_group_state_summary.txt by `cargo xtask codegen`: change that file and run it again.
//! `ReadShareGroupStateSummary` (API key 87): where partitions stand in a share group, without the
//! state of their records; between brokers (KIP-932).
//!
//! Flexible from the first version. v1 counts the records that are done with (KIP-1226).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields, Uuid};

/// Asks where some partitions stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadShareGroupStateSummaryRequest {
    /// Id of the group.
    pub group_id: Str,
    /// The topics, each with its partitions.
    pub topics: Vec<ReadStateSummaryData>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for ReadShareGroupStateSummaryRequest {
    const API_KEY: ApiKey = ApiKey::ReadShareGroupStateSummary;
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ReadShareGroupStateSummaryRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ReadShareGroupStateSummaryRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            group_id: r.string("group_id"),
            topics: r.array("topics", ReadStateSummaryData::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        s.array("topics", &self.topics, ReadStateSummaryData::write);
        s.tags(&self.unknown_tags);
    }
}

impl Request for ReadShareGroupStateSummaryRequest {
    type Response = ReadShareGroupStateSummaryResponse;
}

setters! {
    ReadShareGroupStateSummaryRequest {
        with_group_id(group_id: impl Into<Str>);
        with_topics(topics: Vec<ReadStateSummaryData>);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadStateSummaryData {
    /// Id of the topic; all zeros where it is known by name alone.
    pub topic_id: Uuid,
    /// The partitions of the topic.
    pub partitions: Vec<PartitionData>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ReadStateSummaryData {
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
    ReadStateSummaryData {
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
    /// Epoch of the partition's leader; -1 if it is not known.
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

/// Where they stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadShareGroupStateSummaryResponse {
    /// The topics of the request.
    pub results: Vec<ReadStateSummaryResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for ReadShareGroupStateSummaryResponse {
    const API_KEY: ApiKey = ApiKey::ReadShareGroupStateSummary;
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ReadShareGroupStateSummaryResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ReadShareGroupStateSummaryResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { results: r.array("results", ReadStateSummaryResult::read), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("results", &self.results, ReadStateSummaryResult::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ReadShareGroupStateSummaryResponse {
        with_results(results: Vec<ReadStateSummaryResult>);
    }
}

/// Where the partitions of one topic stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadStateSummaryResult {
    /// Id of the topic; all zeros where it is known by name alone.
    pub topic_id: Uuid,
    /// The partitions of the topic.
    pub partitions: Vec<PartitionResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ReadStateSummaryResult {
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
    ReadStateSummaryResult {
        with_topic_id(topic_id: Uuid);
        with_partitions(partitions: Vec<PartitionResult>);
    }
}

/// Where one partition stands.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Number of the leadership, which grows with each new leader; -1 if it is not known.
    pub leader_epoch: i32,
    /// First offset that the group is not done with; -1 if it is not known.
    pub start_offset: i64,
    /// How many records from the start offset on are done with; -1 if it is not known. v1+. Default `-1`.
    pub delivery_complete_count: i32,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for PartitionResult {
    fn default() -> Self {
        Self {
            partition: 0,
            error_code: ErrorCode::NONE,
            error_message: None,
            state_epoch: 0,
            leader_epoch: 0,
            start_offset: 0,
            delivery_complete_count: -1,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl PartitionResult {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            partition: r.i32("partition"),
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            state_epoch: r.i32("state_epoch"),
            leader_epoch: r.i32("leader_epoch"),
            start_offset: r.i64("start_offset"),
            delivery_complete_count: match r.version {
                1.. => r.i32("delivery_complete_count"),
                _ => -1,
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition);
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.i32(self.state_epoch);
        s.i32(self.leader_epoch);
        s.i64(self.start_offset);
        if s.version >= 1 {
            s.i32(self.delivery_complete_count);
        }
        s.tags(&self.unknown_tags);
    }
}

setters! {
    PartitionResult {
        with_partition(partition: i32);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_state_epoch(state_epoch: i32);
        with_leader_epoch(leader_epoch: i32);
        with_start_offset(start_offset: i64);
        with_delivery_complete_count(delivery_complete_count: i32);
    }
}
