// Generated from schema/describe_topic_partitions.txt by `cargo xtask codegen`: change that file and run it again.
//! `DescribeTopicPartitions` (API key 75): partitions of topics, page by page (KIP-966).
//!
//! There is one version, which is flexible.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{
    DecodeError, EncodeError, I32Array, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields, Uuid,
};

/// Asks for the next page.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeTopicPartitionsRequest {
    /// The topics; empty for all.
    pub topics: Vec<TopicRequest>,
    /// How many partitions the page may hold. Default `2000`.
    pub response_partition_limit: i32,
    /// Where the page begins; null for the first.
    pub cursor: Option<Cursor>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for DescribeTopicPartitionsRequest {
    fn default() -> Self {
        Self {
            topics: Vec::new(),
            response_partition_limit: 2000,
            cursor: None,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for DescribeTopicPartitionsRequest {
    const API_KEY: ApiKey = ApiKey::DescribeTopicPartitions;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for DescribeTopicPartitionsRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DescribeTopicPartitionsRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            topics: r.array("topics", TopicRequest::read),
            response_partition_limit: r.i32("response_partition_limit"),
            cursor: r.is_present("cursor").then(|| Cursor::read(r)),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("topics", &self.topics, TopicRequest::write);
        s.i32(self.response_partition_limit);
        s.is_present(self.cursor.is_some());
        if let Some(value) = &self.cursor {
            value.write(s);
        }
        s.tags(&self.unknown_tags);
    }
}

impl Request for DescribeTopicPartitionsRequest {
    type Response = DescribeTopicPartitionsResponse;
}

setters! {
    DescribeTopicPartitionsRequest {
        with_topics(topics: Vec<TopicRequest>);
        with_response_partition_limit(response_partition_limit: i32);
        with_cursor(cursor: Option<Cursor>);
    }
}

/// One topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicRequest {
    /// Name of the topic.
    pub name: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl TopicRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { name: r.string("name"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    TopicRequest {
        with_name(name: impl Into<Str>);
    }
}

/// Where a page begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cursor {
    /// Name of the first topic.
    pub topic_name: Str,
    /// Number of the first partition in that topic.
    pub partition_index: i32,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Cursor {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            topic_name: r.string("topic_name"),
            partition_index: r.i32("partition_index"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("topic_name", &self.topic_name);
        s.i32(self.partition_index);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    Cursor {
        with_topic_name(topic_name: impl Into<Str>);
        with_partition_index(partition_index: i32);
    }
}

/// A page of topics with their partitions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeTopicPartitionsResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// The topics, in the order of their names.
    pub topics: Vec<DescribeTopicPartitionsResponseTopic>,
    /// Where the next page begins; null if this is the last.
    pub next_cursor: Option<Cursor>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for DescribeTopicPartitionsResponse {
    const API_KEY: ApiKey = ApiKey::DescribeTopicPartitions;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for DescribeTopicPartitionsResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DescribeTopicPartitionsResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            topics: r.array("topics", DescribeTopicPartitionsResponseTopic::read),
            next_cursor: r.is_present("next_cursor").then(|| Cursor::read(r)),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.array("topics", &self.topics, DescribeTopicPartitionsResponseTopic::write);
        s.is_present(self.next_cursor.is_some());
        if let Some(value) = &self.next_cursor {
            value.write(s);
        }
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeTopicPartitionsResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_topics(topics: Vec<DescribeTopicPartitionsResponseTopic>);
        with_next_cursor(next_cursor: Option<Cursor>);
    }
}

/// One topic.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeTopicPartitionsResponseTopic {
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Name of the topic; null if it is known by its id alone.
    pub name: Option<Str>,
    /// Id of the topic; all zeros where it is known by name alone.
    pub topic_id: Uuid,
    /// Whether the topic belongs to the brokers themselves.
    pub is_internal: bool,
    /// The partitions of the topic.
    pub partitions: Vec<DescribeTopicPartitionsResponsePartition>,
    /// What the client may do to the topic, a bit an operation; the default stands for "not known". Default
    /// `i32::MIN`.
    pub topic_authorized_operations: i32,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for DescribeTopicPartitionsResponseTopic {
    fn default() -> Self {
        Self {
            error_code: ErrorCode::NONE,
            name: Some(Str::EMPTY),
            topic_id: Uuid::ZERO,
            is_internal: false,
            partitions: Vec::new(),
            topic_authorized_operations: i32::MIN,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl DescribeTopicPartitionsResponseTopic {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            error_code: r.error_code("error_code"),
            name: r.nullable_string("name"),
            topic_id: r.uuid("topic_id"),
            is_internal: r.bool("is_internal"),
            partitions: r.array("partitions", DescribeTopicPartitionsResponsePartition::read),
            topic_authorized_operations: r.i32("topic_authorized_operations"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.error_code(self.error_code);
        s.nullable_string("name", self.name.as_ref());
        s.uuid(self.topic_id);
        s.bool(self.is_internal);
        s.array("partitions", &self.partitions, DescribeTopicPartitionsResponsePartition::write);
        s.i32(self.topic_authorized_operations);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeTopicPartitionsResponseTopic {
        with_error_code(error_code: ErrorCode);
        with_name(name: Option<Str>);
        with_topic_id(topic_id: Uuid);
        with_is_internal(is_internal: bool);
        with_partitions(partitions: Vec<DescribeTopicPartitionsResponsePartition>);
        with_topic_authorized_operations(topic_authorized_operations: i32);
    }
}

/// One partition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeTopicPartitionsResponsePartition {
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// Node that leads the partition; -1 if none does or it is not known.
    pub leader_id: i32,
    /// Number of the leadership, which grows with each new leader; -1 if it is not known. Default `-1`.
    pub leader_epoch: i32,
    /// Brokers that hold the partition, the preferred leader first.
    pub replica_nodes: I32Array,
    /// Brokers that are in sync with the leader.
    pub isr_nodes: I32Array,
    /// Brokers that are not in sync and yet hold all that is committed; null if that is not known.
    pub eligible_leader_replicas: Option<I32Array>,
    /// The last brokers that were in sync or eligible; null if that is not known.
    pub last_known_elr: Option<I32Array>,
    /// Brokers that hold the partition and do not serve it.
    pub offline_replicas: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for DescribeTopicPartitionsResponsePartition {
    fn default() -> Self {
        Self {
            error_code: ErrorCode::NONE,
            partition_index: 0,
            leader_id: 0,
            leader_epoch: -1,
            replica_nodes: I32Array::new(),
            isr_nodes: I32Array::new(),
            eligible_leader_replicas: None,
            last_known_elr: None,
            offline_replicas: I32Array::new(),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl DescribeTopicPartitionsResponsePartition {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            error_code: r.error_code("error_code"),
            partition_index: r.i32("partition_index"),
            leader_id: r.i32("leader_id"),
            leader_epoch: r.i32("leader_epoch"),
            replica_nodes: r.i32_array("replica_nodes"),
            isr_nodes: r.i32_array("isr_nodes"),
            eligible_leader_replicas: r.nullable_i32_array("eligible_leader_replicas"),
            last_known_elr: r.nullable_i32_array("last_known_elr"),
            offline_replicas: r.i32_array("offline_replicas"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.error_code(self.error_code);
        s.i32(self.partition_index);
        s.i32(self.leader_id);
        s.i32(self.leader_epoch);
        s.i32_array("replica_nodes", &self.replica_nodes);
        s.i32_array("isr_nodes", &self.isr_nodes);
        s.nullable_i32_array("eligible_leader_replicas", self.eligible_leader_replicas.as_ref());
        s.nullable_i32_array("last_known_elr", self.last_known_elr.as_ref());
        s.i32_array("offline_replicas", &self.offline_replicas);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeTopicPartitionsResponsePartition {
        with_error_code(error_code: ErrorCode);
        with_partition_index(partition_index: i32);
        with_leader_id(leader_id: i32);
        with_leader_epoch(leader_epoch: i32);
        with_replica_nodes(replica_nodes: impl Into<I32Array>);
        with_isr_nodes(isr_nodes: impl Into<I32Array>);
        with_eligible_leader_replicas(eligible_leader_replicas: Option<I32Array>);
        with_last_known_elr(last_known_elr: Option<I32Array>);
        with_offline_replicas(offline_replicas: impl Into<I32Array>);
    }
}
