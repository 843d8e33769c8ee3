// Generated from schema/offset_for_leader_epoch.txt by `cargo xtask codegen`: change that file and run it again.
//! `OffsetForLeaderEpoch` (API key 23): where the records of a leader epoch end, so that a reader finds
//! out whether its log was truncated.
//!
//! v2 is the oldest version left; v3 adds the replica id; v4 is the first flexible version.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Asks for the end of an epoch in each of some partitions.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetForLeaderEpochRequest {
    /// Node id of a follower; -1 from a consumer, -2 from one that may see past the high watermark. v3+.
    /// Default `-2`.
    pub replica_id: i32,
    /// The topics, each with its partitions.
    pub topics: Vec<OffsetForLeaderTopic>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for OffsetForLeaderEpochRequest {
    fn default() -> Self {
        Self { replica_id: -2, topics: Vec::new(), unknown_tags: TaggedFields::new() }
    }
}

impl Message for OffsetForLeaderEpochRequest {
    const API_KEY: ApiKey = ApiKey::OffsetForLeaderEpoch;
    const VERSIONS: RangeInclusive<i16> = 2..=4;
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for OffsetForLeaderEpochRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl OffsetForLeaderEpochRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            replica_id: match r.version {
                3.. => r.i32("replica_id"),
                _ => -2,
            },
            topics: r.array("topics", OffsetForLeaderTopic::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        if s.version >= 3 {
            s.i32(self.replica_id);
        }
        s.array("topics", &self.topics, OffsetForLeaderTopic::write);
        s.tags(&self.unknown_tags);
    }
}

impl Request for OffsetForLeaderEpochRequest {
    type Response = OffsetForLeaderEpochResponse;
}

setters! {
    OffsetForLeaderEpochRequest {
        with_replica_id(replica_id: i32);
        with_topics(topics: Vec<OffsetForLeaderTopic>);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetForLeaderTopic {
    /// Name of the topic.
    pub topic: Str,
    /// The partitions of the topic.
    pub partitions: Vec<OffsetForLeaderPartition>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl OffsetForLeaderTopic {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            topic: r.string("topic"),
            partitions: r.array("partitions", OffsetForLeaderPartition::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("topic", &self.topic);
        s.array("partitions", &self.partitions, OffsetForLeaderPartition::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    OffsetForLeaderTopic {
        with_topic(topic: impl Into<Str>);
        with_partitions(partitions: Vec<OffsetForLeaderPartition>);
    }
}

/// One partition, and an epoch of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetForLeaderPartition {
    /// Number of the partition in its topic, from 0.
    pub partition: i32,
    /// Epoch of the leader as the client knows it; a broker at another epoch refuses the request. -1 skips
    /// the check. Default `-1`.
    pub current_leader_epoch: i32,
    /// The epoch whose end is wanted.
    pub leader_epoch: i32,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for OffsetForLeaderPartition {
    fn default() -> Self {
        Self { partition: 0, current_leader_epoch: -1, leader_epoch: 0, unknown_tags: TaggedFields::new() }
    }
}

impl OffsetForLeaderPartition {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            partition: r.i32("partition"),
            current_leader_epoch: r.i32("current_leader_epoch"),
            leader_epoch: r.i32("leader_epoch"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition);
        s.i32(self.current_leader_epoch);
        s.i32(self.leader_epoch);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    OffsetForLeaderPartition {
        with_partition(partition: i32);
        with_current_leader_epoch(current_leader_epoch: i32);
        with_leader_epoch(leader_epoch: i32);
    }
}

/// The ends that were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetForLeaderEpochResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// The topics of the request.
    pub topics: Vec<OffsetForLeaderTopicResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for OffsetForLeaderEpochResponse {
    const API_KEY: ApiKey = ApiKey::OffsetForLeaderEpoch;
    const VERSIONS: RangeInclusive<i16> = 2..=4;
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for OffsetForLeaderEpochResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl OffsetForLeaderEpochResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            topics: r.array("topics", OffsetForLeaderTopicResult::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.array("topics", &self.topics, OffsetForLeaderTopicResult::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    OffsetForLeaderEpochResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_topics(topics: Vec<OffsetForLeaderTopicResult>);
    }
}

/// Ends of epochs in one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetForLeaderTopicResult {
    /// Name of the topic.
    pub topic: Str,
    /// The partitions of the topic.
    pub partitions: Vec<EpochEndOffset>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl OffsetForLeaderTopicResult {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            topic: r.string("topic"),
            partitions: r.array("partitions", EpochEndOffset::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("topic", &self.topic);
        s.array("partitions", &self.partitions, EpochEndOffset::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    OffsetForLeaderTopicResult {
        with_topic(topic: impl Into<Str>);
        with_partitions(partitions: Vec<EpochEndOffset>);
    }
}

/// The end of an epoch in one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EpochEndOffset {
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Number of the partition in its topic, from 0.
    pub partition: i32,
    /// The largest epoch with records that is not above the one that was asked for; -1 if there is none.
    /// Default `-1`.
    pub leader_epoch: i32,
    /// Offset after the last record of that epoch; -1 if there is none. Default `-1`.
    pub end_offset: i64,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for EpochEndOffset {
    fn default() -> Self {
        Self {
            error_code: ErrorCode::NONE,
            partition: 0,
            leader_epoch: -1,
            end_offset: -1,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl EpochEndOffset {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            error_code: r.error_code("error_code"),
            partition: r.i32("partition"),
            leader_epoch: r.i32("leader_epoch"),
            end_offset: r.i64("end_offset"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.error_code(self.error_code);
        s.i32(self.partition);
        s.i32(self.leader_epoch);
        s.i64(self.end_offset);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    EpochEndOffset {
        with_error_code(error_code: ErrorCode);
        with_partition(partition: i32);
        with_leader_epoch(leader_epoch: i32);
        with_end_offset(end_offset: i64);
    }
}
