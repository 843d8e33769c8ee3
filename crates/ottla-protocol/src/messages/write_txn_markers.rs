// Generated from schema/write_txn_markers.txt by `cargo xtask codegen`: change that file and run it again.
//! `WriteTxnMarkers` (API key 27): the transaction coordinator writes the end of transactions into
//! partitions; between brokers.
//!
//! v1 is the oldest version left and flexible; v2 says which rules the transaction follows (KIP-1228).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{
    DecodeError, EncodeError, I32Array, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields,
};

/// Ends of transactions, and where to write them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WriteTxnMarkersRequest {
    /// The ends, one a transaction.
    pub markers: Vec<WritableTxnMarker>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for WriteTxnMarkersRequest {
    const API_KEY: ApiKey = ApiKey::WriteTxnMarkers;
    const VERSIONS: RangeInclusive<i16> = 1..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(1);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for WriteTxnMarkersRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl WriteTxnMarkersRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { markers: r.array("markers", WritableTxnMarker::read), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("markers", &self.markers, WritableTxnMarker::write);
        s.tags(&self.unknown_tags);
    }
}

impl Request for WriteTxnMarkersRequest {
    type Response = WriteTxnMarkersResponse;
}

setters! {
    WriteTxnMarkersRequest {
        with_markers(markers: Vec<WritableTxnMarker>);
    }
}

/// The end of one transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WritableTxnMarker {
    /// Id of the producer; -1 if it has none.
    pub producer_id: i64,
    /// Epoch of the producer, which grows each time another instance takes over.
    pub producer_epoch: i16,
    /// Whether it committed; otherwise it aborted.
    pub transaction_result: bool,
    /// The topics, each with the partitions to write to.
    pub topics: Vec<WritableTxnMarkerTopic>,
    /// Epoch of the coordinator, so that one that was replaced writes nothing.
    pub coordinator_epoch: i32,
    /// Rules that the transaction follows: 0 and 1 the older ones, 2 those of KIP-890. v2+.
    pub transaction_version: i8,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl WritableTxnMarker {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            producer_id: r.i64("producer_id"),
            producer_epoch: r.i16("producer_epoch"),
            transaction_result: r.bool("transaction_result"),
            topics: r.array("topics", WritableTxnMarkerTopic::read),
            coordinator_epoch: r.i32("coordinator_epoch"),
            transaction_version: match r.version {
                2.. => r.i8("transaction_version"),
                _ => 0,
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i64(self.producer_id);
        s.i16(self.producer_epoch);
        s.bool(self.transaction_result);
        s.array("topics", &self.topics, WritableTxnMarkerTopic::write);
        s.i32(self.coordinator_epoch);
        if s.version >= 2 {
            s.i8(self.transaction_version);
        }
        s.tags(&self.unknown_tags);
    }
}

setters! {
    WritableTxnMarker {
        with_producer_id(producer_id: i64);
        with_producer_epoch(producer_epoch: i16);
        with_transaction_result(transaction_result: bool);
        with_topics(topics: Vec<WritableTxnMarkerTopic>);
        with_coordinator_epoch(coordinator_epoch: i32);
        with_transaction_version(transaction_version: i8);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WritableTxnMarkerTopic {
    /// Name of the topic.
    pub name: Str,
    /// Numbers of the partitions to write to.
    pub partition_indexes: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl WritableTxnMarkerTopic {
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
    WritableTxnMarkerTopic {
        with_name(name: impl Into<Str>);
        with_partition_indexes(partition_indexes: impl Into<I32Array>);
    }
}

/// What became of each marker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WriteTxnMarkersResponse {
    /// The transactions of the request.
    pub markers: Vec<WritableTxnMarkerResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for WriteTxnMarkersResponse {
    const API_KEY: ApiKey = ApiKey::WriteTxnMarkers;
    const VERSIONS: RangeInclusive<i16> = 1..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(1);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for WriteTxnMarkersResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl WriteTxnMarkersResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { markers: r.array("markers", WritableTxnMarkerResult::read), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("markers", &self.markers, WritableTxnMarkerResult::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    WriteTxnMarkersResponse {
        with_markers(markers: Vec<WritableTxnMarkerResult>);
    }
}

/// What became of the markers of one transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WritableTxnMarkerResult {
    /// Id of the producer; -1 if it has none.
    pub producer_id: i64,
    /// The topics that were written to.
    pub topics: Vec<WritableTxnMarkerTopicResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl WritableTxnMarkerResult {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            producer_id: r.i64("producer_id"),
            topics: r.array("topics", WritableTxnMarkerTopicResult::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i64(self.producer_id);
        s.array("topics", &self.topics, WritableTxnMarkerTopicResult::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    WritableTxnMarkerResult {
        with_producer_id(producer_id: i64);
        with_topics(topics: Vec<WritableTxnMarkerTopicResult>);
    }
}

/// What became of the markers in one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WritableTxnMarkerTopicResult {
    /// Name of the topic.
    pub name: Str,
    /// The partitions of the topic.
    pub partitions: Vec<WritableTxnMarkerPartitionResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl WritableTxnMarkerTopicResult {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            partitions: r.array("partitions", WritableTxnMarkerPartitionResult::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.array("partitions", &self.partitions, WritableTxnMarkerPartitionResult::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    WritableTxnMarkerTopicResult {
        with_name(name: impl Into<Str>);
        with_partitions(partitions: Vec<WritableTxnMarkerPartitionResult>);
    }
}

/// What became of the marker in one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WritableTxnMarkerPartitionResult {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl WritableTxnMarkerPartitionResult {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            partition_index: r.i32("partition_index"),
            error_code: r.error_code("error_code"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition_index);
        s.error_code(self.error_code);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    WritableTxnMarkerPartitionResult {
        with_partition_index(partition_index: i32);
        with_error_code(error_code: ErrorCode);
    }
}
