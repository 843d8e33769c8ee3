// Generated from schema/delete_records.txt by `cargo xtask codegen`: change that file and run it again.
//! `DeleteRecords` (API key 21): removes the records of partitions before an offset (KIP-107).
//!
//! v2 is the first flexible version.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Partitions that are to be cut at their start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteRecordsRequest {
    /// The topics, each with its partitions.
    pub topics: Vec<DeleteRecordsTopic>,
    /// How long to wait until all replicas have done so, in milliseconds.
    pub timeout_ms: i32,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for DeleteRecordsRequest {
    const API_KEY: ApiKey = ApiKey::DeleteRecords;
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for DeleteRecordsRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DeleteRecordsRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            topics: r.array("topics", DeleteRecordsTopic::read),
            timeout_ms: r.i32("timeout_ms"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("topics", &self.topics, DeleteRecordsTopic::write);
        s.i32(self.timeout_ms);
        s.tags(&self.unknown_tags);
    }
}

impl Request for DeleteRecordsRequest {
    type Response = DeleteRecordsResponse;
}

setters! {
    DeleteRecordsRequest {
        with_topics(topics: Vec<DeleteRecordsTopic>);
        with_timeout_ms(timeout_ms: i32);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteRecordsTopic {
    /// Name of the topic.
    pub name: Str,
    /// The partitions of the topic.
    pub partitions: Vec<DeleteRecordsPartition>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl DeleteRecordsTopic {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            partitions: r.array("partitions", DeleteRecordsPartition::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.array("partitions", &self.partitions, DeleteRecordsPartition::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DeleteRecordsTopic {
        with_name(name: impl Into<Str>);
        with_partitions(partitions: Vec<DeleteRecordsPartition>);
    }
}

/// One partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteRecordsPartition {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// First offset that is kept; -1 for the high watermark.
    pub offset: i64,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl DeleteRecordsPartition {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { partition_index: r.i32("partition_index"), offset: r.i64("offset"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition_index);
        s.i64(self.offset);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DeleteRecordsPartition {
        with_partition_index(partition_index: i32);
        with_offset(offset: i64);
    }
}

/// What became of each partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteRecordsResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// The topics of the request.
    pub topics: Vec<DeleteRecordsTopicResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for DeleteRecordsResponse {
    const API_KEY: ApiKey = ApiKey::DeleteRecords;
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for DeleteRecordsResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DeleteRecordsResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            topics: r.array("topics", DeleteRecordsTopicResult::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.array("topics", &self.topics, DeleteRecordsTopicResult::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DeleteRecordsResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_topics(topics: Vec<DeleteRecordsTopicResult>);
    }
}

/// What became of the partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteRecordsTopicResult {
    /// Name of the topic.
    pub name: Str,
    /// The partitions of the topic.
    pub partitions: Vec<DeleteRecordsPartitionResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl DeleteRecordsTopicResult {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            partitions: r.array("partitions", DeleteRecordsPartitionResult::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.array("partitions", &self.partitions, DeleteRecordsPartitionResult::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DeleteRecordsTopicResult {
        with_name(name: impl Into<Str>);
        with_partitions(partitions: Vec<DeleteRecordsPartitionResult>);
    }
}

/// What became of one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteRecordsPartitionResult {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// First offset that the partition still holds; -1 if it is not known.
    pub low_watermark: i64,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl DeleteRecordsPartitionResult {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            partition_index: r.i32("partition_index"),
            low_watermark: r.i64("low_watermark"),
            error_code: r.error_code("error_code"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition_index);
        s.i64(self.low_watermark);
        s.error_code(self.error_code);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DeleteRecordsPartitionResult {
        with_partition_index(partition_index: i32);
        with_low_watermark(low_watermark: i64);
        with_error_code(error_code: ErrorCode);
    }
}
