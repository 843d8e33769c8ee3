// Generated from schema/txn_offset_commit.txt by `cargo xtask codegen`: change that file and run it again.
//! `TxnOffsetCommit` (API key 28): stores offsets of a group within a transaction.
//!
//! v2 adds leader epochs; v3 is the first flexible version and says which member stores them (KIP-447);
//! v4 may answer `TRANSACTION_ABORTABLE`; v5 also adds the group to the transaction (KIP-890).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Offsets that count once the transaction commits.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TxnOffsetCommitRequest {
    /// Name of the transactional producer.
    pub transactional_id: Str,
    /// Id of the group.
    pub group_id: Str,
    /// Id of the producer; -1 if it has none.
    pub producer_id: i64,
    /// Epoch of the producer, which grows each time another instance takes over.
    pub producer_epoch: i16,
    /// Generation of the group, or epoch of a member (KIP-848); -1 if it is not checked. v3+. Default `-1`.
    pub generation_id: i32,
    /// Id of the member; empty if it is not checked. v3+.
    pub member_id: Str,
    /// Name of a static member, which stays the same when the member starts anew; null for a dynamic one
    /// (KIP-345). v3+.
    pub group_instance_id: Option<Str>,
    /// The topics with offsets to store.
    pub topics: Vec<TxnOffsetCommitRequestTopic>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for TxnOffsetCommitRequest {
    fn default() -> Self {
        Self {
            transactional_id: Str::EMPTY,
            group_id: Str::EMPTY,
            producer_id: 0,
            producer_epoch: 0,
            generation_id: -1,
            member_id: Str::EMPTY,
            group_instance_id: None,
            topics: Vec::new(),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for TxnOffsetCommitRequest {
    const API_KEY: ApiKey = ApiKey::TxnOffsetCommit;
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for TxnOffsetCommitRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl TxnOffsetCommitRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            transactional_id: r.string("transactional_id"),
            group_id: r.string("group_id"),
            producer_id: r.i64("producer_id"),
            producer_epoch: r.i16("producer_epoch"),
            generation_id: match r.version {
                3.. => r.i32("generation_id"),
                _ => -1,
            },
            member_id: match r.version {
                3.. => r.string("member_id"),
                _ => Str::EMPTY,
            },
            group_instance_id: match r.version {
                3.. => r.nullable_string("group_instance_id"),
                _ => None,
            },
            topics: r.array("topics", TxnOffsetCommitRequestTopic::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("transactional_id", &self.transactional_id);
        s.string("group_id", &self.group_id);
        s.i64(self.producer_id);
        s.i16(self.producer_epoch);
        if s.version >= 3 {
            s.i32(self.generation_id);
        } else if self.generation_id != -1 {
            s.not_in_version("generation_id");
        }
        if s.version >= 3 {
            s.string("member_id", &self.member_id);
        } else if !self.member_id.is_empty() {
            s.not_in_version("member_id");
        }
        if s.version >= 3 {
            s.nullable_string("group_instance_id", self.group_instance_id.as_ref());
        } else if self.group_instance_id.is_some() {
            s.not_in_version("group_instance_id");
        }
        s.array("topics", &self.topics, TxnOffsetCommitRequestTopic::write);
        s.tags(&self.unknown_tags);
    }
}

impl Request for TxnOffsetCommitRequest {
    type Response = TxnOffsetCommitResponse;
}

setters! {
    TxnOffsetCommitRequest {
        with_transactional_id(transactional_id: impl Into<Str>);
        with_group_id(group_id: impl Into<Str>);
        with_producer_id(producer_id: i64);
        with_producer_epoch(producer_epoch: i16);
        with_generation_id(generation_id: i32);
        with_member_id(member_id: impl Into<Str>);
        with_group_instance_id(group_instance_id: Option<Str>);
        with_topics(topics: Vec<TxnOffsetCommitRequestTopic>);
    }
}

/// Offsets of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TxnOffsetCommitRequestTopic {
    /// Name of the topic.
    pub name: Str,
    /// The partitions of the topic.
    pub partitions: Vec<TxnOffsetCommitRequestPartition>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl TxnOffsetCommitRequestTopic {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            partitions: r.array("partitions", TxnOffsetCommitRequestPartition::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.array("partitions", &self.partitions, TxnOffsetCommitRequestPartition::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    TxnOffsetCommitRequestTopic {
        with_name(name: impl Into<Str>);
        with_partitions(partitions: Vec<TxnOffsetCommitRequestPartition>);
    }
}

/// The offset of one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TxnOffsetCommitRequestPartition {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// The offset to store: that of the next record to read.
    pub committed_offset: i64,
    /// Leader epoch of the last record that was read; -1 if it is not known. v2+. Default `-1`.
    pub committed_leader_epoch: i32,
    /// Whatever the client wants to keep with the offset; null is stored as empty.
    pub committed_metadata: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for TxnOffsetCommitRequestPartition {
    fn default() -> Self {
        Self {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            committed_metadata: Some(Str::EMPTY),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl TxnOffsetCommitRequestPartition {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            partition_index: r.i32("partition_index"),
            committed_offset: r.i64("committed_offset"),
            committed_leader_epoch: match r.version {
                2.. => r.i32("committed_leader_epoch"),
                _ => -1,
            },
            committed_metadata: r.nullable_string("committed_metadata"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition_index);
        s.i64(self.committed_offset);
        if s.version >= 2 {
            s.i32(self.committed_leader_epoch);
        }
        s.nullable_string("committed_metadata", self.committed_metadata.as_ref());
        s.tags(&self.unknown_tags);
    }
}

setters! {
    TxnOffsetCommitRequestPartition {
        with_partition_index(partition_index: i32);
        with_committed_offset(committed_offset: i64);
        with_committed_leader_epoch(committed_leader_epoch: i32);
        with_committed_metadata(committed_metadata: Option<Str>);
    }
}

/// What became of each offset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TxnOffsetCommitResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// The topics of the request.
    pub topics: Vec<TxnOffsetCommitResponseTopic>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for TxnOffsetCommitResponse {
    const API_KEY: ApiKey = ApiKey::TxnOffsetCommit;
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for TxnOffsetCommitResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl TxnOffsetCommitResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            topics: r.array("topics", TxnOffsetCommitResponseTopic::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.array("topics", &self.topics, TxnOffsetCommitResponseTopic::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    TxnOffsetCommitResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_topics(topics: Vec<TxnOffsetCommitResponseTopic>);
    }
}

/// What became of the offsets of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TxnOffsetCommitResponseTopic {
    /// Name of the topic.
    pub name: Str,
    /// The partitions of the topic.
    pub partitions: Vec<TxnOffsetCommitResponsePartition>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl TxnOffsetCommitResponseTopic {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            partitions: r.array("partitions", TxnOffsetCommitResponsePartition::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.array("partitions", &self.partitions, TxnOffsetCommitResponsePartition::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    TxnOffsetCommitResponseTopic {
        with_name(name: impl Into<Str>);
        with_partitions(partitions: Vec<TxnOffsetCommitResponsePartition>);
    }
}

/// What became of the offset of one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TxnOffsetCommitResponsePartition {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl TxnOffsetCommitResponsePartition {
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
    TxnOffsetCommitResponsePartition {
        with_partition_index(partition_index: i32);
        with_error_code(error_code: ErrorCode);
    }
}
