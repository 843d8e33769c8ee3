// Generated from schema/create_partitions.txt by `cargo xtask codegen`: change that file and run it again.
//! `CreatePartitions` (API key 37): adds partitions to topics (KIP-195).
//!
//! v2 is the first flexible version; v3 may answer `THROTTLING_QUOTA_EXCEEDED` (KIP-599).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{
    DecodeError, EncodeError, I32Array, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields,
};

/// Topics that are to have more partitions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreatePartitionsRequest {
    /// The topics.
    pub topics: Vec<CreatePartitionsTopic>,
    /// How long to wait until the partitions are there, in milliseconds.
    pub timeout_ms: i32,
    /// Whether only to check the request, and change nothing.
    pub validate_only: bool,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for CreatePartitionsRequest {
    const API_KEY: ApiKey = ApiKey::CreatePartitions;
    const VERSIONS: RangeInclusive<i16> = 0..=3;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for CreatePartitionsRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl CreatePartitionsRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            topics: r.array("topics", CreatePartitionsTopic::read),
            timeout_ms: r.i32("timeout_ms"),
            validate_only: r.bool("validate_only"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("topics", &self.topics, CreatePartitionsTopic::write);
        s.i32(self.timeout_ms);
        s.bool(self.validate_only);
        s.tags(&self.unknown_tags);
    }
}

impl Request for CreatePartitionsRequest {
    type Response = CreatePartitionsResponse;
}

setters! {
    CreatePartitionsRequest {
        with_topics(topics: Vec<CreatePartitionsTopic>);
        with_timeout_ms(timeout_ms: i32);
        with_validate_only(validate_only: bool);
    }
}

/// One topic that is to have more partitions.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreatePartitionsTopic {
    /// Name of the topic.
    pub name: Str,
    /// How many partitions it is to have in all.
    pub count: i32,
    /// Which brokers hold each new partition; null to leave it to the cluster.
    pub assignments: Option<Vec<CreatePartitionsAssignment>>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for CreatePartitionsTopic {
    fn default() -> Self {
        Self { name: Str::EMPTY, count: 0, assignments: Some(Vec::new()), unknown_tags: TaggedFields::new() }
    }
}

impl CreatePartitionsTopic {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            count: r.i32("count"),
            assignments: r.nullable_array("assignments", CreatePartitionsAssignment::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.i32(self.count);
        s.nullable_array("assignments", self.assignments.as_deref(), CreatePartitionsAssignment::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    CreatePartitionsTopic {
        with_name(name: impl Into<Str>);
        with_count(count: i32);
        with_assignments(assignments: Option<Vec<CreatePartitionsAssignment>>);
    }
}

/// Where one new partition is placed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreatePartitionsAssignment {
    /// Ids of the brokers that hold the partition, the preferred leader first.
    pub broker_ids: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl CreatePartitionsAssignment {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { broker_ids: r.i32_array("broker_ids"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32_array("broker_ids", &self.broker_ids);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    CreatePartitionsAssignment {
        with_broker_ids(broker_ids: impl Into<I32Array>);
    }
}

/// What became of each topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreatePartitionsResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// The topics of the request.
    pub results: Vec<CreatePartitionsTopicResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for CreatePartitionsResponse {
    const API_KEY: ApiKey = ApiKey::CreatePartitions;
    const VERSIONS: RangeInclusive<i16> = 0..=3;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for CreatePartitionsResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl CreatePartitionsResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            results: r.array("results", CreatePartitionsTopicResult::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.array("results", &self.results, CreatePartitionsTopicResult::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    CreatePartitionsResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_results(results: Vec<CreatePartitionsTopicResult>);
    }
}

/// What became of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreatePartitionsTopicResult {
    /// Name of the topic.
    pub name: Str,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl CreatePartitionsTopicResult {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.tags(&self.unknown_tags);
    }
}

setters! {
    CreatePartitionsTopicResult {
        with_name(name: impl Into<Str>);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
    }
}
