// Generated from schema/share_acknowledge.txt by `cargo xtask codegen`: change that file and run it again.
//! `ShareAcknowledge` (API key 79): says what became of records that a share group delivered (KIP-932).
//!
//! v1 is the oldest version left, and flexible; v2 can renew locks (KIP-1222).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields, Uuid};

/// Acknowledgements, in a share session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShareAcknowledgeRequest {
    /// Id of the group.
    pub group_id: Option<Str>,
    /// Id of the member in its group.
    pub member_id: Option<Str>,
    /// Number of this request in its share session: 0 opens one, -1 ends it.
    pub share_session_epoch: i32,
    /// Whether there are acknowledgements that renew the lock of a record (KIP-1222). v2+.
    pub is_renew_ack: bool,
    /// The topics, each with its partitions.
    pub topics: Vec<AcknowledgeTopic>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for ShareAcknowledgeRequest {
    fn default() -> Self {
        Self {
            group_id: None,
            member_id: Some(Str::EMPTY),
            share_session_epoch: 0,
            is_renew_ack: false,
            topics: Vec::new(),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for ShareAcknowledgeRequest {
    const API_KEY: ApiKey = ApiKey::ShareAcknowledge;
    const VERSIONS: RangeInclusive<i16> = 1..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ShareAcknowledgeRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ShareAcknowledgeRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            group_id: r.nullable_string("group_id"),
            member_id: r.nullable_string("member_id"),
            share_session_epoch: r.i32("share_session_epoch"),
            is_renew_ack: match r.version {
                2.. => r.bool("is_renew_ack"),
                _ => false,
            },
            topics: r.array("topics", AcknowledgeTopic::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.nullable_string("group_id", self.group_id.as_ref());
        s.nullable_string("member_id", self.member_id.as_ref());
        s.i32(self.share_session_epoch);
        if s.version >= 2 {
            s.bool(self.is_renew_ack);
        } else if self.is_renew_ack {
            s.not_in_version("is_renew_ack");
        }
        s.array("topics", &self.topics, AcknowledgeTopic::write);
        s.tags(&self.unknown_tags);
    }
}

impl Request for ShareAcknowledgeRequest {
    type Response = ShareAcknowledgeResponse;
}

setters! {
    ShareAcknowledgeRequest {
        with_group_id(group_id: Option<Str>);
        with_member_id(member_id: Option<Str>);
        with_share_session_epoch(share_session_epoch: i32);
        with_is_renew_ack(is_renew_ack: bool);
        with_topics(topics: Vec<AcknowledgeTopic>);
    }
}

/// Acknowledgements of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AcknowledgeTopic {
    /// Id of the topic; all zeros where it is known by name alone.
    pub topic_id: Uuid,
    /// The partitions of the topic.
    pub partitions: Vec<AcknowledgePartition>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl AcknowledgeTopic {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            topic_id: r.uuid("topic_id"),
            partitions: r.array("partitions", AcknowledgePartition::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.uuid(self.topic_id);
        s.array("partitions", &self.partitions, AcknowledgePartition::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AcknowledgeTopic {
        with_topic_id(topic_id: Uuid);
        with_partitions(partitions: Vec<AcknowledgePartition>);
    }
}

/// Acknowledgements of one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AcknowledgePartition {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// What became of records that were acquired earlier.
    pub acknowledgement_batches: Vec<AcknowledgementBatch>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl AcknowledgePartition {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            partition_index: r.i32("partition_index"),
            acknowledgement_batches: r.array("acknowledgement_batches", AcknowledgementBatch::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition_index);
        s.array("acknowledgement_batches", &self.acknowledgement_batches, AcknowledgementBatch::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AcknowledgePartition {
        with_partition_index(partition_index: i32);
        with_acknowledgement_batches(acknowledgement_batches: Vec<AcknowledgementBatch>);
    }
}

/// What became of a run of records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AcknowledgementBatch {
    /// First offset of the run.
    pub first_offset: i64,
    /// Last offset of the run.
    pub last_offset: i64,
    /// What became of each record, or one value for all: 0 there is none at the offset, 1 accepted, 2
    /// released, 3 rejected, 4 the lock is renewed.
    pub acknowledge_types: Vec<i8>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl AcknowledgementBatch {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            first_offset: r.i64("first_offset"),
            last_offset: r.i64("last_offset"),
            acknowledge_types: r.array("acknowledge_types", |r| r.i8("acknowledge_types")),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i64(self.first_offset);
        s.i64(self.last_offset);
        s.array("acknowledge_types", &self.acknowledge_types, |value, s| s.i8(*value));
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AcknowledgementBatch {
        with_first_offset(first_offset: i64);
        with_last_offset(last_offset: i64);
        with_acknowledge_types(acknowledge_types: Vec<i8>);
    }
}

/// What became of the acknowledgements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShareAcknowledgeResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// What went wrong with the request as a whole; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// How long acquired records stay locked, in milliseconds. v2+.
    pub acquisition_lock_timeout_ms: i32,
    /// The topics of the request.
    pub responses: Vec<ShareAcknowledgeTopicResponse>,
    /// Where the leaders that are named in this response are reached (KIP-951).
    pub node_endpoints: Vec<NodeEndpoint>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for ShareAcknowledgeResponse {
    const API_KEY: ApiKey = ApiKey::ShareAcknowledge;
    const VERSIONS: RangeInclusive<i16> = 1..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for ShareAcknowledgeResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ShareAcknowledgeResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            acquisition_lock_timeout_ms: match r.version {
                2.. => r.i32("acquisition_lock_timeout_ms"),
                _ => 0,
            },
            responses: r.array("responses", ShareAcknowledgeTopicResponse::read),
            node_endpoints: r.array("node_endpoints", NodeEndpoint::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        if s.version >= 2 {
            s.i32(self.acquisition_lock_timeout_ms);
        }
        s.array("responses", &self.responses, ShareAcknowledgeTopicResponse::write);
        s.array("node_endpoints", &self.node_endpoints, NodeEndpoint::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ShareAcknowledgeResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_acquisition_lock_timeout_ms(acquisition_lock_timeout_ms: i32);
        with_responses(responses: Vec<ShareAcknowledgeTopicResponse>);
        with_node_endpoints(node_endpoints: Vec<NodeEndpoint>);
    }
}

/// What became of those of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShareAcknowledgeTopicResponse {
    /// Id of the topic; all zeros where it is known by name alone.
    pub topic_id: Uuid,
    /// The partitions of the topic.
    pub partitions: Vec<PartitionData>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ShareAcknowledgeTopicResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            topic_id: r.uuid("topic_id"),
            partitions: r.array("partitions", PartitionData::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.uuid(self.topic_id);
        s.array("partitions", &self.partitions, PartitionData::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ShareAcknowledgeTopicResponse {
        with_topic_id(topic_id: Uuid);
        with_partitions(partitions: Vec<PartitionData>);
    }
}

/// What became of those of one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartitionData {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// Who leads the partition now, so that the client need not ask (KIP-951).
    pub current_leader: LeaderIdAndEpoch,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl PartitionData {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            partition_index: r.i32("partition_index"),
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            current_leader: LeaderIdAndEpoch::read(r),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition_index);
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        self.current_leader.write(s);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    PartitionData {
        with_partition_index(partition_index: i32);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_current_leader(current_leader: LeaderIdAndEpoch);
    }
}

/// Who leads a partition, and since which epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeaderIdAndEpoch {
    /// Node that leads the partition; -1 if none does or it is not known.
    pub leader_id: i32,
    /// Number of the leadership, which grows with each new leader; -1 if it is not known.
    pub leader_epoch: i32,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl LeaderIdAndEpoch {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { leader_id: r.i32("leader_id"), leader_epoch: r.i32("leader_epoch"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.leader_id);
        s.i32(self.leader_epoch);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    LeaderIdAndEpoch {
        with_leader_id(leader_id: i32);
        with_leader_epoch(leader_epoch: i32);
    }
}

/// Where one broker is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NodeEndpoint {
    /// Id of the broker.
    pub node_id: i32,
    /// Host name or address under which clients reach the broker.
    pub host: Str,
    /// Port under which clients reach the broker.
    pub port: i32,
    /// Rack or zone of the broker; null if it was given none.
    pub rack: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl NodeEndpoint {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            node_id: r.i32("node_id"),
            host: r.string("host"),
            port: r.i32("port"),
            rack: r.nullable_string("rack"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.node_id);
        s.string("host", &self.host);
        s.i32(self.port);
        s.nullable_string("rack", self.rack.as_ref());
        s.tags(&self.unknown_tags);
    }
}

setters! {
    NodeEndpoint {
        with_node_id(node_id: i32);
        with_host(host: impl Into<Str>);
        with_port(port: i32);
        with_rack(rack: Option<Str>);
    }
}
