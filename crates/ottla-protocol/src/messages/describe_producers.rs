// Generated from schema/describe_producers.txt by `cargo xtask codegen`: change that file and run it again.
//! `DescribeProducers` (API key 61): the producers that write to partitions (KIP-664).
//!
//! There is one version, which is flexible.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{
    DecodeError, EncodeError, I32Array, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields,
};

/// Asks for the producers of some partitions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeProducersRequest {
    /// The topics, each with its partitions.
    pub topics: Vec<TopicRequest>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for DescribeProducersRequest {
    const API_KEY: ApiKey = ApiKey::DescribeProducers;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for DescribeProducersRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DescribeProducersRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { topics: r.array("topics", TopicRequest::read), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("topics", &self.topics, TopicRequest::write);
        s.tags(&self.unknown_tags);
    }
}

impl Request for DescribeProducersRequest {
    type Response = DescribeProducersResponse;
}

setters! {
    DescribeProducersRequest {
        with_topics(topics: Vec<TopicRequest>);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicRequest {
    /// Name of the topic.
    pub name: Str,
    /// Numbers of the partitions in the topic, from 0.
    pub partition_indexes: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl TopicRequest {
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
    TopicRequest {
        with_name(name: impl Into<Str>);
        with_partition_indexes(partition_indexes: impl Into<I32Array>);
    }
}

/// The producers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeProducersResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// The topics of the request.
    pub topics: Vec<TopicResponse>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for DescribeProducersResponse {
    const API_KEY: ApiKey = ApiKey::DescribeProducers;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for DescribeProducersResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DescribeProducersResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            topics: r.array("topics", TopicResponse::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.array("topics", &self.topics, TopicResponse::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeProducersResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_topics(topics: Vec<TopicResponse>);
    }
}

/// Producers of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicResponse {
    /// Name of the topic.
    pub name: Str,
    /// The partitions of the topic.
    pub partitions: Vec<PartitionResponse>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl TopicResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            partitions: r.array("partitions", PartitionResponse::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.array("partitions", &self.partitions, PartitionResponse::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    TopicResponse {
        with_name(name: impl Into<Str>);
        with_partitions(partitions: Vec<PartitionResponse>);
    }
}

/// Producers of one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartitionResponse {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// The producers that the partition remembers.
    pub active_producers: Vec<ProducerState>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl PartitionResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            partition_index: r.i32("partition_index"),
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            active_producers: r.array("active_producers", ProducerState::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition_index);
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.array("active_producers", &self.active_producers, ProducerState::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    PartitionResponse {
        with_partition_index(partition_index: i32);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_active_producers(active_producers: Vec<ProducerState>);
    }
}

/// One producer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProducerState {
    /// Id of the producer; -1 if it has none.
    pub producer_id: i64,
    /// Epoch of the producer, which grows each time another instance takes over.
    pub producer_epoch: i32,
    /// Number of its last record; -1 if there is none. Default `-1`.
    pub last_sequence: i32,
    /// Time of its last batch, in Unix milliseconds; -1 if there is none. Default `-1`.
    pub last_timestamp: i64,
    /// Epoch of the coordinator that last ended a transaction of it here; -1 if none did.
    pub coordinator_epoch: i32,
    /// First offset of its open transaction; -1 if there is none. Default `-1`.
    pub current_txn_start_offset: i64,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for ProducerState {
    fn default() -> Self {
        Self {
            producer_id: 0,
            producer_epoch: 0,
            last_sequence: -1,
            last_timestamp: -1,
            coordinator_epoch: 0,
            current_txn_start_offset: -1,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl ProducerState {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            producer_id: r.i64("producer_id"),
            producer_epoch: r.i32("producer_epoch"),
            last_sequence: r.i32("last_sequence"),
            last_timestamp: r.i64("last_timestamp"),
            coordinator_epoch: r.i32("coordinator_epoch"),
            current_txn_start_offset: r.i64("current_txn_start_offset"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i64(self.producer_id);
        s.i32(self.producer_epoch);
        s.i32(self.last_sequence);
        s.i64(self.last_timestamp);
        s.i32(self.coordinator_epoch);
        s.i64(self.current_txn_start_offset);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ProducerState {
        with_producer_id(producer_id: i64);
        with_producer_epoch(producer_epoch: i32);
        with_last_sequence(last_sequence: i32);
        with_last_timestamp(last_timestamp: i64);
        with_coordinator_epoch(coordinator_epoch: i32);
        with_current_txn_start_offset(current_txn_start_offset: i64);
    }
}
