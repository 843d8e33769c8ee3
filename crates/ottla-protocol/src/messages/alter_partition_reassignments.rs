// Generated from schema/alter_partition_reassignments.txt by `cargo xtask codegen`: change that file and run it again.
//! `AlterPartitionReassignments` (API key 45): moves replicas between brokers (KIP-455).
//!
//! Flexible from the first version. v1 can forbid to change how many replicas there are (KIP-860).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{
    DecodeError, EncodeError, I32Array, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields,
};

/// Where partitions are to be placed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlterPartitionReassignmentsRequest {
    /// How long to wait until the moves are begun, in milliseconds. Default `60000`.
    pub timeout_ms: i32,
    /// Whether a move may change how many replicas a partition has. v1+. Default `true`.
    pub allow_replication_factor_change: bool,
    /// The topics, each with its partitions.
    pub topics: Vec<ReassignableTopic>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for AlterPartitionReassignmentsRequest {
    fn default() -> Self {
        Self {
            timeout_ms: 60000,
            allow_replication_factor_change: true,
            topics: Vec::new(),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for AlterPartitionReassignmentsRequest {
    const API_KEY: ApiKey = ApiKey::AlterPartitionReassignments;
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for AlterPartitionReassignmentsRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl AlterPartitionReassignmentsRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            timeout_ms: r.i32("timeout_ms"),
            allow_replication_factor_change: match r.version {
                1.. => r.bool("allow_replication_factor_change"),
                _ => true,
            },
            topics: r.array("topics", ReassignableTopic::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.timeout_ms);
        if s.version >= 1 {
            s.bool(self.allow_replication_factor_change);
        } else if !self.allow_replication_factor_change {
            s.not_in_version("allow_replication_factor_change");
        }
        s.array("topics", &self.topics, ReassignableTopic::write);
        s.tags(&self.unknown_tags);
    }
}

impl Request for AlterPartitionReassignmentsRequest {
    type Response = AlterPartitionReassignmentsResponse;
}

setters! {
    AlterPartitionReassignmentsRequest {
        with_timeout_ms(timeout_ms: i32);
        with_allow_replication_factor_change(allow_replication_factor_change: bool);
        with_topics(topics: Vec<ReassignableTopic>);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReassignableTopic {
    /// Name of the topic.
    pub name: Str,
    /// The partitions of the topic.
    pub partitions: Vec<ReassignablePartition>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ReassignableTopic {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            partitions: r.array("partitions", ReassignablePartition::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.array("partitions", &self.partitions, ReassignablePartition::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ReassignableTopic {
        with_name(name: impl Into<Str>);
        with_partitions(partitions: Vec<ReassignablePartition>);
    }
}

/// Where one partition is to be placed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReassignablePartition {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// Brokers that are to hold the partition, the preferred leader first; null to call off a move.
    pub replicas: Option<I32Array>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ReassignablePartition {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            partition_index: r.i32("partition_index"),
            replicas: r.nullable_i32_array("replicas"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition_index);
        s.nullable_i32_array("replicas", self.replicas.as_ref());
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ReassignablePartition {
        with_partition_index(partition_index: i32);
        with_replicas(replicas: Option<I32Array>);
    }
}

/// What became of each move.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlterPartitionReassignmentsResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// Whether a move could change how many replicas a partition has. v1+. Default `true`.
    pub allow_replication_factor_change: bool,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// The topics of the request.
    pub responses: Vec<ReassignableTopicResponse>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for AlterPartitionReassignmentsResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            allow_replication_factor_change: true,
            error_code: ErrorCode::NONE,
            error_message: Some(Str::EMPTY),
            responses: Vec::new(),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for AlterPartitionReassignmentsResponse {
    const API_KEY: ApiKey = ApiKey::AlterPartitionReassignments;
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for AlterPartitionReassignmentsResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl AlterPartitionReassignmentsResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            allow_replication_factor_change: match r.version {
                1.. => r.bool("allow_replication_factor_change"),
                _ => true,
            },
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            responses: r.array("responses", ReassignableTopicResponse::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        if s.version >= 1 {
            s.bool(self.allow_replication_factor_change);
        }
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.array("responses", &self.responses, ReassignableTopicResponse::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AlterPartitionReassignmentsResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_allow_replication_factor_change(allow_replication_factor_change: bool);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_responses(responses: Vec<ReassignableTopicResponse>);
    }
}

/// What became of the moves in one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReassignableTopicResponse {
    /// Name of the topic.
    pub name: Str,
    /// The partitions of the topic.
    pub partitions: Vec<ReassignablePartitionResponse>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ReassignableTopicResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            partitions: r.array("partitions", ReassignablePartitionResponse::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.array("partitions", &self.partitions, ReassignablePartitionResponse::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ReassignableTopicResponse {
        with_name(name: impl Into<Str>);
        with_partitions(partitions: Vec<ReassignablePartitionResponse>);
    }
}

/// What became of one move.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReassignablePartitionResponse {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for ReassignablePartitionResponse {
    fn default() -> Self {
        Self {
            partition_index: 0,
            error_code: ErrorCode::NONE,
            error_message: Some(Str::EMPTY),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl ReassignablePartitionResponse {
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
    ReassignablePartitionResponse {
        with_partition_index(partition_index: i32);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
    }
}
