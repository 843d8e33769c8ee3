// Generated from schema/list_partition_reassignments.txt by `cargo xtask codegen`: change that file and run it again.
//! `ListPartitionReassignments` (API key 46): the replica moves that go on (KIP-455).
//!
//! There is one version, which is flexible.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{
    DecodeError, EncodeError, I32Array, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields,
};

/// Asks for the moves in some topics.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListPartitionReassignmentsRequest {
    /// How long to wait for an answer, in milliseconds. Default `60000`.
    pub timeout_ms: i32,
    /// The topics, each with its partitions; null for all moves.
    pub topics: Option<Vec<ListPartitionReassignmentsTopics>>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for ListPartitionReassignmentsRequest {
    fn default() -> Self {
        Self { timeout_ms: 60000, topics: None, unknown_tags: TaggedFields::new() }
    }
}

impl Message for ListPartitionReassignmentsRequest {
    const API_KEY: ApiKey = ApiKey::ListPartitionReassignments;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ListPartitionReassignmentsRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ListPartitionReassignmentsRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            timeout_ms: r.i32("timeout_ms"),
            topics: r.nullable_array("topics", ListPartitionReassignmentsTopics::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.timeout_ms);
        s.nullable_array("topics", self.topics.as_deref(), ListPartitionReassignmentsTopics::write);
        s.tags(&self.unknown_tags);
    }
}

impl Request for ListPartitionReassignmentsRequest {
    type Response = ListPartitionReassignmentsResponse;
}

setters! {
    ListPartitionReassignmentsRequest {
        with_timeout_ms(timeout_ms: i32);
        with_topics(topics: Option<Vec<ListPartitionReassignmentsTopics>>);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListPartitionReassignmentsTopics {
    /// Name of the topic.
    pub name: Str,
    /// Numbers of the partitions in the topic, from 0.
    pub partition_indexes: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ListPartitionReassignmentsTopics {
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
    ListPartitionReassignmentsTopics {
        with_name(name: impl Into<Str>);
        with_partition_indexes(partition_indexes: impl Into<I32Array>);
    }
}

/// The moves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListPartitionReassignmentsResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// The topics with moves.
    pub topics: Vec<OngoingTopicReassignment>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for ListPartitionReassignmentsResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: ErrorCode::NONE,
            error_message: Some(Str::EMPTY),
            topics: Vec::new(),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for ListPartitionReassignmentsResponse {
    const API_KEY: ApiKey = ApiKey::ListPartitionReassignments;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for ListPartitionReassignmentsResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ListPartitionReassignmentsResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            topics: r.array("topics", OngoingTopicReassignment::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.array("topics", &self.topics, OngoingTopicReassignment::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ListPartitionReassignmentsResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_topics(topics: Vec<OngoingTopicReassignment>);
    }
}

/// Moves in one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OngoingTopicReassignment {
    /// Name of the topic.
    pub name: Str,
    /// The partitions of the topic.
    pub partitions: Vec<OngoingPartitionReassignment>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl OngoingTopicReassignment {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            partitions: r.array("partitions", OngoingPartitionReassignment::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.array("partitions", &self.partitions, OngoingPartitionReassignment::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    OngoingTopicReassignment {
        with_name(name: impl Into<Str>);
        with_partitions(partitions: Vec<OngoingPartitionReassignment>);
    }
}

/// The move of one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OngoingPartitionReassignment {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// All brokers that hold the partition at the moment.
    pub replicas: I32Array,
    /// Those of them that are being added.
    pub adding_replicas: I32Array,
    /// Those of them that are to go.
    pub removing_replicas: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl OngoingPartitionReassignment {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            partition_index: r.i32("partition_index"),
            replicas: r.i32_array("replicas"),
            adding_replicas: r.i32_array("adding_replicas"),
            removing_replicas: r.i32_array("removing_replicas"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition_index);
        s.i32_array("replicas", &self.replicas);
        s.i32_array("adding_replicas", &self.adding_replicas);
        s.i32_array("removing_replicas", &self.removing_replicas);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    OngoingPartitionReassignment {
        with_partition_index(partition_index: i32);
        with_replicas(replicas: impl Into<I32Array>);
        with_adding_replicas(adding_replicas: impl Into<I32Array>);
        with_removing_replicas(removing_replicas: impl Into<I32Array>);
    }
}
