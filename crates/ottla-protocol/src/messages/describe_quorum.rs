// Generated from schema/describe_quorum.txt by `cargo xtask codegen`: change that file and run it again.
//! `DescribeQuorum` (API key 55): the quorum of controllers, and how far each has read (KIP-595).
//!
//! Flexible from the first version. v1 adds times (KIP-836); v2 adds nodes and folders (KIP-853).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields, Uuid};

/// Asks for the quorum of some partitions, which can only be that of `__cluster_metadata`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeQuorumRequest {
    /// The topics, each with its partitions.
    pub topics: Vec<TopicDataRequest>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for DescribeQuorumRequest {
    const API_KEY: ApiKey = ApiKey::DescribeQuorum;
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for DescribeQuorumRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DescribeQuorumRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { topics: r.array("topics", TopicDataRequest::read), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("topics", &self.topics, TopicDataRequest::write);
        s.tags(&self.unknown_tags);
    }
}

impl Request for DescribeQuorumRequest {
    type Response = DescribeQuorumResponse;
}

setters! {
    DescribeQuorumRequest {
        with_topics(topics: Vec<TopicDataRequest>);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicDataRequest {
    /// Name of the topic.
    pub topic_name: Str,
    /// The partitions of the topic.
    pub partitions: Vec<PartitionDataRequest>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl TopicDataRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            topic_name: r.string("topic_name"),
            partitions: r.array("partitions", PartitionDataRequest::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("topic_name", &self.topic_name);
        s.array("partitions", &self.partitions, PartitionDataRequest::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    TopicDataRequest {
        with_topic_name(topic_name: impl Into<Str>);
        with_partitions(partitions: Vec<PartitionDataRequest>);
    }
}

/// One partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartitionDataRequest {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl PartitionDataRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { partition_index: r.i32("partition_index"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition_index);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    PartitionDataRequest {
        with_partition_index(partition_index: i32);
    }
}

/// The quorum.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeQuorumResponse {
    /// What went wrong with the request as a whole; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all. v2+.
    pub error_message: Option<Str>,
    /// The topics of the request.
    pub topics: Vec<TopicData>,
    /// The nodes of the quorum. v2+.
    pub nodes: Vec<Node>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for DescribeQuorumResponse {
    fn default() -> Self {
        Self {
            error_code: ErrorCode::NONE,
            error_message: Some(Str::EMPTY),
            topics: Vec::new(),
            nodes: Vec::new(),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for DescribeQuorumResponse {
    const API_KEY: ApiKey = ApiKey::DescribeQuorum;
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for DescribeQuorumResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DescribeQuorumResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            error_code: r.error_code("error_code"),
            error_message: match r.version {
                2.. => r.nullable_string("error_message"),
                _ => Some(Str::EMPTY),
            },
            topics: r.array("topics", TopicData::read),
            nodes: match r.version {
                2.. => r.array("nodes", Node::read),
                _ => Vec::new(),
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.error_code(self.error_code);
        if s.version >= 2 {
            s.nullable_string("error_message", self.error_message.as_ref());
        }
        s.array("topics", &self.topics, TopicData::write);
        if s.version >= 2 {
            s.array("nodes", &self.nodes, Node::write);
        } else if !self.nodes.is_empty() {
            s.not_in_version("nodes");
        }
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeQuorumResponse {
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_topics(topics: Vec<TopicData>);
        with_nodes(nodes: Vec<Node>);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicData {
    /// Name of the topic.
    pub topic_name: Str,
    /// The partitions of the topic.
    pub partitions: Vec<PartitionData>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl TopicData {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            topic_name: r.string("topic_name"),
            partitions: r.array("partitions", PartitionData::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("topic_name", &self.topic_name);
        s.array("partitions", &self.partitions, PartitionData::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    TopicData {
        with_topic_name(topic_name: impl Into<Str>);
        with_partitions(partitions: Vec<PartitionData>);
    }
}

/// The quorum of one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartitionData {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all. v2+.
    pub error_message: Option<Str>,
    /// Node that leads the partition; -1 if none does or it is not known.
    pub leader_id: i32,
    /// Number of the leadership, which grows with each new leader; -1 if it is not known.
    pub leader_epoch: i32,
    /// Offset after the last record that consumers may see.
    pub high_watermark: i64,
    /// The controllers that vote.
    pub current_voters: Vec<ReplicaState>,
    /// The nodes that read and do not vote.
    pub observers: Vec<ReplicaState>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for PartitionData {
    fn default() -> Self {
        Self {
            partition_index: 0,
            error_code: ErrorCode::NONE,
            error_message: Some(Str::EMPTY),
            leader_id: 0,
            leader_epoch: 0,
            high_watermark: 0,
            current_voters: Vec::new(),
            observers: Vec::new(),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl PartitionData {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            partition_index: r.i32("partition_index"),
            error_code: r.error_code("error_code"),
            error_message: match r.version {
                2.. => r.nullable_string("error_message"),
                _ => Some(Str::EMPTY),
            },
            leader_id: r.i32("leader_id"),
            leader_epoch: r.i32("leader_epoch"),
            high_watermark: r.i64("high_watermark"),
            current_voters: r.array("current_voters", ReplicaState::read),
            observers: r.array("observers", ReplicaState::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition_index);
        s.error_code(self.error_code);
        if s.version >= 2 {
            s.nullable_string("error_message", self.error_message.as_ref());
        }
        s.i32(self.leader_id);
        s.i32(self.leader_epoch);
        s.i64(self.high_watermark);
        s.array("current_voters", &self.current_voters, ReplicaState::write);
        s.array("observers", &self.observers, ReplicaState::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    PartitionData {
        with_partition_index(partition_index: i32);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_leader_id(leader_id: i32);
        with_leader_epoch(leader_epoch: i32);
        with_high_watermark(high_watermark: i64);
        with_current_voters(current_voters: Vec<ReplicaState>);
        with_observers(observers: Vec<ReplicaState>);
    }
}

/// One node, and how far it has read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReplicaState {
    /// Id of the node.
    pub replica_id: i32,
    /// Id of the folder in which the node keeps the log. v2+.
    pub replica_directory_id: Uuid,
    /// Offset after the last record that the node has; -1 if it is not known.
    pub log_end_offset: i64,
    /// When the node last fetched, in Unix milliseconds; -1 for the leader, or if it is not known. v1+.
    /// Default `-1`.
    pub last_fetch_timestamp: i64,
    /// When the node last had all records, in Unix milliseconds; -1 if it is not known. v1+. Default `-1`.
    pub last_caught_up_timestamp: i64,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for ReplicaState {
    fn default() -> Self {
        Self {
            replica_id: 0,
            replica_directory_id: Uuid::ZERO,
            log_end_offset: 0,
            last_fetch_timestamp: -1,
            last_caught_up_timestamp: -1,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl ReplicaState {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            replica_id: r.i32("replica_id"),
            replica_directory_id: match r.version {
                2.. => r.uuid("replica_directory_id"),
                _ => Uuid::ZERO,
            },
            log_end_offset: r.i64("log_end_offset"),
            last_fetch_timestamp: match r.version {
                1.. => r.i64("last_fetch_timestamp"),
                _ => -1,
            },
            last_caught_up_timestamp: match r.version {
                1.. => r.i64("last_caught_up_timestamp"),
                _ => -1,
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.replica_id);
        if s.version >= 2 {
            s.uuid(self.replica_directory_id);
        } else if self.replica_directory_id != Uuid::ZERO {
            s.not_in_version("replica_directory_id");
        }
        s.i64(self.log_end_offset);
        if s.version >= 1 {
            s.i64(self.last_fetch_timestamp);
        }
        if s.version >= 1 {
            s.i64(self.last_caught_up_timestamp);
        }
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ReplicaState {
        with_replica_id(replica_id: i32);
        with_replica_directory_id(replica_directory_id: Uuid);
        with_log_end_offset(log_end_offset: i64);
        with_last_fetch_timestamp(last_fetch_timestamp: i64);
        with_last_caught_up_timestamp(last_caught_up_timestamp: i64);
    }
}

/// One node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Node {
    /// Id of the node.
    pub node_id: i32,
    /// Where the node is reached.
    pub listeners: Vec<Listener>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Node {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            node_id: r.i32("node_id"),
            listeners: r.array("listeners", Listener::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.node_id);
        s.array("listeners", &self.listeners, Listener::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    Node {
        with_node_id(node_id: i32);
        with_listeners(listeners: Vec<Listener>);
    }
}

/// One listener of a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listener {
    /// Name of the listener.
    pub name: Str,
    /// Host name or address of the listener.
    pub host: Str,
    /// Port of the listener.
    pub port: u16,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Listener {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { name: r.string("name"), host: r.string("host"), port: r.u16("port"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.string("host", &self.host);
        s.u16(self.port);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    Listener {
        with_name(name: impl Into<Str>);
        with_host(host: impl Into<Str>);
        with_port(port: u16);
    }
}
