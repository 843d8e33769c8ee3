// Generated from schema/list_offsets.txt by `cargo xtask codegen`: change that file and run it again.
//! `ListOffsets` (API key 2): where a partition begins and ends, and which offset belongs to a time.
//!
//! v2 adds the isolation level; v4 adds leader epochs (KIP-320); v6 is the first flexible version; v7,
//! v8, v9 and v11 each add a timestamp with a special meaning (KIP-734, KIP-405, KIP-1005, KIP-1023);
//! v10 adds a timeout for offsets that lie in tiered storage (KIP-1075).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Asks for an offset in each of some partitions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListOffsetsRequest {
    /// Node id of a broker that asks; -1 from a client.
    pub replica_id: i32,
    /// 0 to see all records (`READ_UNCOMMITTED`), 1 to see only those of no or a committed transaction
    /// (`READ_COMMITTED`). v2+.
    pub isolation_level: i8,
    /// The topics, each with its partitions.
    pub topics: Vec<ListOffsetsTopic>,
    /// How long an offset may be looked for in tiered storage, in milliseconds. v10+.
    pub timeout_ms: i32,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for ListOffsetsRequest {
    const API_KEY: ApiKey = ApiKey::ListOffsets;
    const VERSIONS: RangeInclusive<i16> = 1..=11;
    const FLEXIBLE_FROM: Option<i16> = Some(6);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ListOffsetsRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ListOffsetsRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            replica_id: r.i32("replica_id"),
            isolation_level: match r.version {
                2.. => r.i8("isolation_level"),
                _ => 0,
            },
            topics: r.array("topics", ListOffsetsTopic::read),
            timeout_ms: match r.version {
                10.. => r.i32("timeout_ms"),
                _ => 0,
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.replica_id);
        if s.version >= 2 {
            s.i8(self.isolation_level);
        } else if self.isolation_level != 0 {
            s.not_in_version("isolation_level");
        }
        s.array("topics", &self.topics, ListOffsetsTopic::write);
        if s.version >= 10 {
            s.i32(self.timeout_ms);
        }
        s.tags(&self.unknown_tags);
    }
}

impl Request for ListOffsetsRequest {
    type Response = ListOffsetsResponse;
}

setters! {
    ListOffsetsRequest {
        with_replica_id(replica_id: i32);
        with_isolation_level(isolation_level: i8);
        with_topics(topics: Vec<ListOffsetsTopic>);
        with_timeout_ms(timeout_ms: i32);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListOffsetsTopic {
    /// Name of the topic.
    pub name: Str,
    /// The partitions of the topic.
    pub partitions: Vec<ListOffsetsPartition>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ListOffsetsTopic {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            partitions: r.array("partitions", ListOffsetsPartition::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.array("partitions", &self.partitions, ListOffsetsPartition::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ListOffsetsTopic {
        with_name(name: impl Into<Str>);
        with_partitions(partitions: Vec<ListOffsetsPartition>);
    }
}

/// One partition, and which of its offsets is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListOffsetsPartition {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// Epoch of the leader as the client knows it; a broker at another epoch refuses the request. -1 skips
    /// the check. v4+. Default `-1`.
    pub current_leader_epoch: i32,
    /// The first record at or after this time, in Unix milliseconds. -1 stands for the end, -2 for the
    /// start, -3 for the record of the highest timestamp; -4, -5 and -6 for the bounds of what is in local
    /// and tiered storage.
    pub timestamp: i64,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for ListOffsetsPartition {
    fn default() -> Self {
        Self { partition_index: 0, current_leader_epoch: -1, timestamp: 0, unknown_tags: TaggedFields::new() }
    }
}

impl ListOffsetsPartition {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            partition_index: r.i32("partition_index"),
            current_leader_epoch: match r.version {
                4.. => r.i32("current_leader_epoch"),
                _ => -1,
            },
            timestamp: r.i64("timestamp"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition_index);
        if s.version >= 4 {
            s.i32(self.current_leader_epoch);
        }
        s.i64(self.timestamp);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ListOffsetsPartition {
        with_partition_index(partition_index: i32);
        with_current_leader_epoch(current_leader_epoch: i32);
        with_timestamp(timestamp: i64);
    }
}

/// The offsets that were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListOffsetsResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not. v2+.
    pub throttle_time_ms: i32,
    /// The topics of the request.
    pub topics: Vec<ListOffsetsTopicResponse>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for ListOffsetsResponse {
    const API_KEY: ApiKey = ApiKey::ListOffsets;
    const VERSIONS: RangeInclusive<i16> = 1..=11;
    const FLEXIBLE_FROM: Option<i16> = Some(6);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for ListOffsetsResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ListOffsetsResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: match r.version {
                2.. => r.i32("throttle_time_ms"),
                _ => 0,
            },
            topics: r.array("topics", ListOffsetsTopicResponse::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        if s.version >= 2 {
            s.i32(self.throttle_time_ms);
        }
        s.array("topics", &self.topics, ListOffsetsTopicResponse::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ListOffsetsResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_topics(topics: Vec<ListOffsetsTopicResponse>);
    }
}

/// Offsets in one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListOffsetsTopicResponse {
    /// Name of the topic.
    pub name: Str,
    /// The partitions of the topic.
    pub partitions: Vec<ListOffsetsPartitionResponse>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ListOffsetsTopicResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            partitions: r.array("partitions", ListOffsetsPartitionResponse::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.array("partitions", &self.partitions, ListOffsetsPartitionResponse::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ListOffsetsTopicResponse {
        with_name(name: impl Into<Str>);
        with_partitions(partitions: Vec<ListOffsetsPartitionResponse>);
    }
}

/// The offset in one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListOffsetsPartitionResponse {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Time of the record at the offset, in Unix milliseconds; -1 where the offset was not found by time.
    /// Default `-1`.
    pub timestamp: i64,
    /// The offset; -1 if there is none. Default `-1`.
    pub offset: i64,
    /// Epoch of the record at the offset; -1 if it is not known. v4+. Default `-1`.
    pub leader_epoch: i32,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for ListOffsetsPartitionResponse {
    fn default() -> Self {
        Self {
            partition_index: 0,
            error_code: ErrorCode::NONE,
            timestamp: -1,
            offset: -1,
            leader_epoch: -1,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl ListOffsetsPartitionResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            partition_index: r.i32("partition_index"),
            error_code: r.error_code("error_code"),
            timestamp: r.i64("timestamp"),
            offset: r.i64("offset"),
            leader_epoch: match r.version {
                4.. => r.i32("leader_epoch"),
                _ => -1,
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition_index);
        s.error_code(self.error_code);
        s.i64(self.timestamp);
        s.i64(self.offset);
        if s.version >= 4 {
            s.i32(self.leader_epoch);
        } else if self.leader_epoch != -1 {
            s.not_in_version("leader_epoch");
        }
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ListOffsetsPartitionResponse {
        with_partition_index(partition_index: i32);
        with_error_code(error_code: ErrorCode);
        with_timestamp(timestamp: i64);
        with_offset(offset: i64);
        with_leader_epoch(leader_epoch: i32);
    }
}
