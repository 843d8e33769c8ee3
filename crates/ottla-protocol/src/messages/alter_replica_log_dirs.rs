// Generated from schema/alter_replica_log_dirs.txt by `cargo xtask codegen`: change that file and run it again.
//! `AlterReplicaLogDirs` (API key 34): moves replicas of one broker between its log folders (KIP-113).
//!
//! v1 is the oldest version left; v2 is the first flexible version.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{
    DecodeError, EncodeError, I32Array, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields,
};

/// Which replica belongs in which folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlterReplicaLogDirsRequest {
    /// The folders, each with what belongs in it.
    pub dirs: Vec<AlterReplicaLogDir>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for AlterReplicaLogDirsRequest {
    const API_KEY: ApiKey = ApiKey::AlterReplicaLogDirs;
    const VERSIONS: RangeInclusive<i16> = 1..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for AlterReplicaLogDirsRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl AlterReplicaLogDirsRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { dirs: r.array("dirs", AlterReplicaLogDir::read), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("dirs", &self.dirs, AlterReplicaLogDir::write);
        s.tags(&self.unknown_tags);
    }
}

impl Request for AlterReplicaLogDirsRequest {
    type Response = AlterReplicaLogDirsResponse;
}

setters! {
    AlterReplicaLogDirsRequest {
        with_dirs(dirs: Vec<AlterReplicaLogDir>);
    }
}

/// What belongs in one folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlterReplicaLogDir {
    /// Absolute path of the folder.
    pub path: Str,
    /// The topics, each with its partitions.
    pub topics: Vec<AlterReplicaLogDirTopic>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl AlterReplicaLogDir {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            path: r.string("path"),
            topics: r.array("topics", AlterReplicaLogDirTopic::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("path", &self.path);
        s.array("topics", &self.topics, AlterReplicaLogDirTopic::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AlterReplicaLogDir {
        with_path(path: impl Into<Str>);
        with_topics(topics: Vec<AlterReplicaLogDirTopic>);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlterReplicaLogDirTopic {
    /// Name of the topic.
    pub name: Str,
    /// Numbers of the partitions.
    pub partitions: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl AlterReplicaLogDirTopic {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { name: r.string("name"), partitions: r.i32_array("partitions"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.i32_array("partitions", &self.partitions);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AlterReplicaLogDirTopic {
        with_name(name: impl Into<Str>);
        with_partitions(partitions: impl Into<I32Array>);
    }
}

/// What became of each replica.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlterReplicaLogDirsResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// The topics of the request.
    pub results: Vec<AlterReplicaLogDirTopicResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for AlterReplicaLogDirsResponse {
    const API_KEY: ApiKey = ApiKey::AlterReplicaLogDirs;
    const VERSIONS: RangeInclusive<i16> = 1..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for AlterReplicaLogDirsResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl AlterReplicaLogDirsResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            results: r.array("results", AlterReplicaLogDirTopicResult::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.array("results", &self.results, AlterReplicaLogDirTopicResult::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AlterReplicaLogDirsResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_results(results: Vec<AlterReplicaLogDirTopicResult>);
    }
}

/// What became of the replicas of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlterReplicaLogDirTopicResult {
    /// Name of the topic.
    pub topic_name: Str,
    /// The partitions of the topic.
    pub partitions: Vec<AlterReplicaLogDirPartitionResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl AlterReplicaLogDirTopicResult {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            topic_name: r.string("topic_name"),
            partitions: r.array("partitions", AlterReplicaLogDirPartitionResult::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("topic_name", &self.topic_name);
        s.array("partitions", &self.partitions, AlterReplicaLogDirPartitionResult::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AlterReplicaLogDirTopicResult {
        with_topic_name(topic_name: impl Into<Str>);
        with_partitions(partitions: Vec<AlterReplicaLogDirPartitionResult>);
    }
}

/// What became of one replica.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlterReplicaLogDirPartitionResult {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl AlterReplicaLogDirPartitionResult {
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
    AlterReplicaLogDirPartitionResult {
        with_partition_index(partition_index: i32);
        with_error_code(error_code: ErrorCode);
    }
}
