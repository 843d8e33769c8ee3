// Generated from schema/describe_log_dirs.txt by `cargo xtask codegen`: change that file and run it again.
//! `DescribeLogDirs` (API key 35): the folders in which a broker keeps its logs, and what lies in them.
//!
//! v1 is the oldest version left; v2 is the first flexible version; v3 adds an error code for the
//! whole; v4 adds the size of the volume (KIP-827); v5 says which folders take no new partitions
//! (KIP-1066).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{
    DecodeError, EncodeError, I32Array, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields,
};

/// Asks for the log folders, and for some partitions in them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeLogDirsRequest {
    /// The topics to look for; null for all.
    pub topics: Option<Vec<DescribableLogDirTopic>>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for DescribeLogDirsRequest {
    fn default() -> Self {
        Self { topics: Some(Vec::new()), unknown_tags: TaggedFields::new() }
    }
}

impl Message for DescribeLogDirsRequest {
    const API_KEY: ApiKey = ApiKey::DescribeLogDirs;
    const VERSIONS: RangeInclusive<i16> = 1..=5;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for DescribeLogDirsRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DescribeLogDirsRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { topics: r.nullable_array("topics", DescribableLogDirTopic::read), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.nullable_array("topics", self.topics.as_deref(), DescribableLogDirTopic::write);
        s.tags(&self.unknown_tags);
    }
}

impl Request for DescribeLogDirsRequest {
    type Response = DescribeLogDirsResponse;
}

setters! {
    DescribeLogDirsRequest {
        with_topics(topics: Option<Vec<DescribableLogDirTopic>>);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribableLogDirTopic {
    /// Name of the topic.
    pub topic: Str,
    /// Numbers of the partitions.
    pub partitions: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl DescribableLogDirTopic {
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
    DescribableLogDirTopic {
        with_topic(topic: impl Into<Str>);
        with_partitions(partitions: impl Into<I32Array>);
    }
}

/// The log folders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeLogDirsResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// What went wrong; `NONE` if nothing did. v3+.
    pub error_code: ErrorCode,
    /// A result for each folder.
    pub results: Vec<DescribeLogDirsResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for DescribeLogDirsResponse {
    const API_KEY: ApiKey = ApiKey::DescribeLogDirs;
    const VERSIONS: RangeInclusive<i16> = 1..=5;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for DescribeLogDirsResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DescribeLogDirsResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            error_code: match r.version {
                3.. => r.error_code("error_code"),
                _ => ErrorCode::NONE,
            },
            results: r.array("results", DescribeLogDirsResult::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        if s.version >= 3 {
            s.error_code(self.error_code);
        }
        s.array("results", &self.results, DescribeLogDirsResult::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeLogDirsResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
        with_results(results: Vec<DescribeLogDirsResult>);
    }
}

/// One log folder.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeLogDirsResult {
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Absolute path of the folder.
    pub log_dir: Str,
    /// The topics that lie in it.
    pub topics: Vec<DescribeLogDirsTopic>,
    /// Size of the volume, in bytes; -1 if it is not known. v4+. Default `-1`.
    pub total_bytes: i64,
    /// How much of the volume is free for use, in bytes; -1 if it is not known. v4+. Default `-1`.
    pub usable_bytes: i64,
    /// Whether new partitions are kept out of the folder (KIP-1066). v5+.
    pub is_cordoned: bool,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for DescribeLogDirsResult {
    fn default() -> Self {
        Self {
            error_code: ErrorCode::NONE,
            log_dir: Str::EMPTY,
            topics: Vec::new(),
            total_bytes: -1,
            usable_bytes: -1,
            is_cordoned: false,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl DescribeLogDirsResult {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            error_code: r.error_code("error_code"),
            log_dir: r.string("log_dir"),
            topics: r.array("topics", DescribeLogDirsTopic::read),
            total_bytes: match r.version {
                4.. => r.i64("total_bytes"),
                _ => -1,
            },
            usable_bytes: match r.version {
                4.. => r.i64("usable_bytes"),
                _ => -1,
            },
            is_cordoned: match r.version {
                5.. => r.bool("is_cordoned"),
                _ => false,
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.error_code(self.error_code);
        s.string("log_dir", &self.log_dir);
        s.array("topics", &self.topics, DescribeLogDirsTopic::write);
        if s.version >= 4 {
            s.i64(self.total_bytes);
        }
        if s.version >= 4 {
            s.i64(self.usable_bytes);
        }
        if s.version >= 5 {
            s.bool(self.is_cordoned);
        }
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeLogDirsResult {
        with_error_code(error_code: ErrorCode);
        with_log_dir(log_dir: impl Into<Str>);
        with_topics(topics: Vec<DescribeLogDirsTopic>);
        with_total_bytes(total_bytes: i64);
        with_usable_bytes(usable_bytes: i64);
        with_is_cordoned(is_cordoned: bool);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeLogDirsTopic {
    /// Name of the topic.
    pub name: Str,
    /// The partitions of the topic.
    pub partitions: Vec<DescribeLogDirsPartition>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl DescribeLogDirsTopic {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            partitions: r.array("partitions", DescribeLogDirsPartition::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.array("partitions", &self.partitions, DescribeLogDirsPartition::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeLogDirsTopic {
        with_name(name: impl Into<Str>);
        with_partitions(partitions: Vec<DescribeLogDirsPartition>);
    }
}

/// One partition in the folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeLogDirsPartition {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// Size of its segments, in bytes.
    pub partition_size: i64,
    /// How many offsets the log is behind: behind the high watermark, or behind the current log if this one
    /// is to replace it.
    pub offset_lag: i64,
    /// Whether the log is still being filled, and will replace one in another folder.
    pub is_future_key: bool,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl DescribeLogDirsPartition {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            partition_index: r.i32("partition_index"),
            partition_size: r.i64("partition_size"),
            offset_lag: r.i64("offset_lag"),
            is_future_key: r.bool("is_future_key"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition_index);
        s.i64(self.partition_size);
        s.i64(self.offset_lag);
        s.bool(self.is_future_key);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeLogDirsPartition {
        with_partition_index(partition_index: i32);
        with_partition_size(partition_size: i64);
        with_offset_lag(offset_lag: i64);
        with_is_future_key(is_future_key: bool);
    }
}
