// Generated from schema/elect_leaders.txt by `cargo xtask codegen`: change that file and run it again.
//! `ElectLeaders` (API key 43): elects leaders of partitions.
//!
//! v1 allows unclean elections (KIP-460); v2 is the first flexible version.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{
    DecodeError, EncodeError, I32Array, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields,
};

/// Partitions that are to elect a leader.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ElectLeadersRequest {
    /// Whom to elect: 0 the preferred replica, 1 any that is alive if none is in sync. v1+.
    pub election_type: i8,
    /// The topics, each with its partitions; null for all partitions.
    pub topic_partitions: Option<Vec<TopicPartitions>>,
    /// How long to wait for the elections, in milliseconds. Default `60000`.
    pub timeout_ms: i32,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for ElectLeadersRequest {
    fn default() -> Self {
        Self {
            election_type: 0,
            topic_partitions: Some(Vec::new()),
            timeout_ms: 60000,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for ElectLeadersRequest {
    const API_KEY: ApiKey = ApiKey::ElectLeaders;
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ElectLeadersRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ElectLeadersRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            election_type: match r.version {
                1.. => r.i8("election_type"),
                _ => 0,
            },
            topic_partitions: r.nullable_array("topic_partitions", TopicPartitions::read),
            timeout_ms: r.i32("timeout_ms"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        if s.version >= 1 {
            s.i8(self.election_type);
        } else if self.election_type != 0 {
            s.not_in_version("election_type");
        }
        s.nullable_array("topic_partitions", self.topic_partitions.as_deref(), TopicPartitions::write);
        s.i32(self.timeout_ms);
        s.tags(&self.unknown_tags);
    }
}

impl Request for ElectLeadersRequest {
    type Response = ElectLeadersResponse;
}

setters! {
    ElectLeadersRequest {
        with_election_type(election_type: i8);
        with_topic_partitions(topic_partitions: Option<Vec<TopicPartitions>>);
        with_timeout_ms(timeout_ms: i32);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicPartitions {
    /// Name of the topic.
    pub topic: Str,
    /// Numbers of the partitions.
    pub partitions: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl TopicPartitions {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { topic: r.string("topic"), partitions: r.i32_array("partitions"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("topic", &self.topic);
        s.i32_array("partitions", &self.partitions);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    TopicPartitions {
        with_topic(topic: impl Into<Str>);
        with_partitions(partitions: impl Into<I32Array>);
    }
}

/// What became of each election.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ElectLeadersResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// What went wrong; `NONE` if nothing did. v1+.
    pub error_code: ErrorCode,
    /// The topics, each with its partitions.
    pub replica_election_results: Vec<ReplicaElectionResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for ElectLeadersResponse {
    const API_KEY: ApiKey = ApiKey::ElectLeaders;
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for ElectLeadersResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ElectLeadersResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            error_code: match r.version {
                1.. => r.error_code("error_code"),
                _ => ErrorCode::NONE,
            },
            replica_election_results: r.array("replica_election_results", ReplicaElectionResult::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        if s.version >= 1 {
            s.error_code(self.error_code);
        } else if self.error_code.is_err() {
            s.not_in_version("error_code");
        }
        s.array("replica_election_results", &self.replica_election_results, ReplicaElectionResult::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ElectLeadersResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
        with_replica_election_results(replica_election_results: Vec<ReplicaElectionResult>);
    }
}

/// What became of the elections in one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReplicaElectionResult {
    /// Name of the topic.
    pub topic: Str,
    /// The partitions of the topic.
    pub partition_result: Vec<PartitionResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ReplicaElectionResult {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            topic: r.string("topic"),
            partition_result: r.array("partition_result", PartitionResult::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("topic", &self.topic);
        s.array("partition_result", &self.partition_result, PartitionResult::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ReplicaElectionResult {
        with_topic(topic: impl Into<Str>);
        with_partition_result(partition_result: Vec<PartitionResult>);
    }
}

/// What became of one election.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartitionResult {
    /// Number of the partition in its topic, from 0.
    pub partition_id: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for PartitionResult {
    fn default() -> Self {
        Self {
            partition_id: 0,
            error_code: ErrorCode::NONE,
            error_message: Some(Str::EMPTY),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl PartitionResult {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            partition_id: r.i32("partition_id"),
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition_id);
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.tags(&self.unknown_tags);
    }
}

setters! {
    PartitionResult {
        with_partition_id(partition_id: i32);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
    }
}
