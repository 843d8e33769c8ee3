// Generated from schema/share_fetch.txt by `cargo xtask codegen`: change that file and run it again.
//! `ShareFetch` (API key 78): reads record batches as a member of a share group, and acknowledges
//! earlier ones (KIP-932).
//!
//! v1 is the oldest version left, and flexible; v2 can bound the number of records strictly (KIP-1206)
//! and renew locks (KIP-1222).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Fill, Message, Request, big_endian, setters};
use crate::wire::{
    DecodeError, EncodeError, I32Array, NoFile, Reader, Records, Sink, Str, TaggedFields, Uuid,
};

/// Asks for records of some partitions, in a share session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShareFetchRequest {
    /// Id of the group.
    pub group_id: Option<Str>,
    /// Id of the member.
    pub member_id: Option<Str>,
    /// Number of this request in its share session: 0 opens one, -1 ends it.
    pub share_session_epoch: i32,
    /// How long the broker may wait for `min_bytes` to be there, in milliseconds.
    pub max_wait_ms: i32,
    /// How many bytes of records the broker waits for.
    pub min_bytes: i32,
    /// How many bytes of records the answer may hold; the first batch comes whole even if it is larger
    /// (KIP-74). Default `i32::MAX`.
    pub max_bytes: i32,
    /// How many records to acquire; may be exceeded up to the end of a batch.
    pub max_records: i32,
    /// How many records a run of acquired records should have.
    pub batch_size: i32,
    /// Whether `max_records` is rounded up to whole batches (0) or strict (1). v2+.
    pub share_acquire_mode: i8,
    /// Whether there are acknowledgements that renew the lock of a record (KIP-1222). v2+.
    pub is_renew_ack: bool,
    /// Partitions to read or to acknowledge records of, or to add to the session.
    pub topics: Vec<FetchTopic>,
    /// Partitions that leave the session.
    pub forgotten_topics_data: Vec<ForgottenTopic>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for ShareFetchRequest {
    fn default() -> Self {
        Self {
            group_id: None,
            member_id: Some(Str::EMPTY),
            share_session_epoch: 0,
            max_wait_ms: 0,
            min_bytes: 0,
            max_bytes: i32::MAX,
            max_records: 0,
            batch_size: 0,
            share_acquire_mode: 0,
            is_renew_ack: false,
            topics: Vec::new(),
            forgotten_topics_data: Vec::new(),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for ShareFetchRequest {
    const API_KEY: ApiKey = ApiKey::ShareFetch;
    const VERSIONS: RangeInclusive<i16> = 1..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        Ok(Self {
            group_id: r.nullable_string("group_id")?,
            member_id: r.nullable_string("member_id")?,
            share_session_epoch: r.i32("share_session_epoch")?,
            max_wait_ms: r.i32("max_wait_ms")?,
            min_bytes: r.i32("min_bytes")?,
            max_bytes: r.i32("max_bytes")?,
            max_records: r.i32("max_records")?,
            batch_size: r.i32("batch_size")?,
            share_acquire_mode: match version {
                2.. => r.i8("share_acquire_mode")?,
                _ => 0,
            },
            is_renew_ack: match version {
                2.. => r.bool("is_renew_ack")?,
                _ => false,
            },
            topics: r.structs("topics", version)?,
            forgotten_topics_data: r.structs("forgotten_topics_data", version)?,
            unknown_tags: r.tags()?,
        })
    }
}

impl<F> Encode<F> for ShareFetchRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.nullable_string("group_id", self.group_id.as_ref())?;
        s.nullable_string("member_id", self.member_id.as_ref())?;
        s.put(big_endian!(24; self.share_session_epoch, self.max_wait_ms, self.min_bytes, self.max_bytes, self.max_records, self.batch_size));
        if version >= 2 {
            s.i8(self.share_acquire_mode);
        }
        if version >= 2 {
            s.bool(self.is_renew_ack);
        } else if self.is_renew_ack {
            return Err(EncodeError::NotInVersion { field: "is_renew_ack", version });
        }
        s.array("topics", &self.topics, |s, value| value.encode(s, version))?;
        s.array("forgotten_topics_data", &self.forgotten_topics_data, |s, value| value.encode(s, version))?;
        s.tags(&self.unknown_tags, version)
    }
}

impl Request for ShareFetchRequest {
    type Response = ShareFetchResponse;
}

setters! {
    ShareFetchRequest {
        with_group_id(group_id: Option<Str>);
        with_member_id(member_id: Option<Str>);
        with_share_session_epoch(share_session_epoch: i32);
        with_max_wait_ms(max_wait_ms: i32);
        with_min_bytes(min_bytes: i32);
        with_max_bytes(max_bytes: i32);
        with_max_records(max_records: i32);
        with_batch_size(batch_size: i32);
        with_share_acquire_mode(share_acquire_mode: i8);
        with_is_renew_ack(is_renew_ack: bool);
        with_topics(topics: Vec<FetchTopic>);
        with_forgotten_topics_data(forgotten_topics_data: Vec<ForgottenTopic>);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchTopic {
    /// Id of the topic; all zeros where it is known by name alone.
    pub topic_id: Uuid,
    /// The partitions of the topic.
    pub partitions: Vec<FetchPartition>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for FetchTopic {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Fill for FetchTopic {
    const DEFAULT: Self =
        Self { topic_id: Uuid::ZERO, partitions: Vec::new(), unknown_tags: TaggedFields::new() };

    fn fill(&mut self, r: &mut Reader<'_>, version: i16) -> Result<(), DecodeError> {
        self.topic_id = r.uuid("topic_id")?;
        self.partitions = r.structs("partitions", version)?;
        self.unknown_tags = r.tags()?;
        Ok(())
    }
}

impl FetchTopic {
    fn encode<F, S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        s.uuid(self.topic_id);
        s.array("partitions", &self.partitions, |s, value| value.encode(s, version))?;
        s.tags(&self.unknown_tags, version)
    }
}

setters! {
    FetchTopic {
        with_topic_id(topic_id: Uuid);
        with_partitions(partitions: Vec<FetchPartition>);
    }
}

/// One partition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchPartition {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// What became of records that were acquired earlier.
    pub acknowledgement_batches: Vec<AcknowledgementBatch>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for FetchPartition {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Fill for FetchPartition {
    const DEFAULT: Self =
        Self { partition_index: 0, acknowledgement_batches: Vec::new(), unknown_tags: TaggedFields::new() };

    fn fill(&mut self, r: &mut Reader<'_>, version: i16) -> Result<(), DecodeError> {
        self.partition_index = r.i32("partition_index")?;
        self.acknowledgement_batches = r.structs("acknowledgement_batches", version)?;
        self.unknown_tags = r.tags()?;
        Ok(())
    }
}

impl FetchPartition {
    fn encode<F, S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        s.i32(self.partition_index);
        s.array("acknowledgement_batches", &self.acknowledgement_batches, |s, value| {
            value.encode(s, version)
        })?;
        s.tags(&self.unknown_tags, version)
    }
}

setters! {
    FetchPartition {
        with_partition_index(partition_index: i32);
        with_acknowledgement_batches(acknowledgement_batches: Vec<AcknowledgementBatch>);
    }
}

/// What became of a run of records.
#[derive(Clone, Debug, PartialEq, Eq)]
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

impl Default for AcknowledgementBatch {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Fill for AcknowledgementBatch {
    const DEFAULT: Self = Self {
        first_offset: 0,
        last_offset: 0,
        acknowledge_types: Vec::new(),
        unknown_tags: TaggedFields::new(),
    };

    fn fill(&mut self, r: &mut Reader<'_>, _version: i16) -> Result<(), DecodeError> {
        self.first_offset = r.i64("first_offset")?;
        self.last_offset = r.i64("last_offset")?;
        self.acknowledge_types = r.array("acknowledge_types", |r| r.i8("acknowledge_types"))?;
        self.unknown_tags = r.tags()?;
        Ok(())
    }
}

impl AcknowledgementBatch {
    fn encode<F, S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        s.put(big_endian!(16; self.first_offset, self.last_offset));
        s.array("acknowledge_types", &self.acknowledge_types, |s, value| {
            s.i8(*value);
            Ok(())
        })?;
        s.tags(&self.unknown_tags, version)
    }
}

setters! {
    AcknowledgementBatch {
        with_first_offset(first_offset: i64);
        with_last_offset(last_offset: i64);
        with_acknowledge_types(acknowledge_types: Vec<i8>);
    }
}

/// Partitions of one topic that leave the session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ForgottenTopic {
    /// Id of the topic; all zeros where it is known by name alone.
    pub topic_id: Uuid,
    /// Numbers of the partitions.
    pub partitions: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for ForgottenTopic {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Fill for ForgottenTopic {
    const DEFAULT: Self =
        Self { topic_id: Uuid::ZERO, partitions: I32Array::new(), unknown_tags: TaggedFields::new() };

    fn fill(&mut self, r: &mut Reader<'_>, _version: i16) -> Result<(), DecodeError> {
        self.topic_id = r.uuid("topic_id")?;
        r.fill_i32_array("partitions", &mut self.partitions)?;
        self.unknown_tags = r.tags()?;
        Ok(())
    }
}

impl ForgottenTopic {
    fn encode<F, S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        s.uuid(self.topic_id);
        s.i32_array("partitions", &self.partitions)?;
        s.tags(&self.unknown_tags, version)
    }
}

setters! {
    ForgottenTopic {
        with_topic_id(topic_id: Uuid);
        with_partitions(partitions: impl Into<I32Array>);
    }
}

/// Records of the partitions that were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShareFetchResponse<F = NoFile> {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// What went wrong with the request as a whole; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// How long acquired records stay locked, in milliseconds.
    pub acquisition_lock_timeout_ms: i32,
    /// The topics with something to tell.
    pub responses: Vec<ShareFetchableTopicResponse<F>>,
    /// Where the leaders that are named in this response are reached (KIP-951).
    pub node_endpoints: Vec<NodeEndpoint>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl<F> Default for ShareFetchResponse<F> {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: ErrorCode::NONE,
            error_message: None,
            acquisition_lock_timeout_ms: 0,
            responses: Vec::new(),
            node_endpoints: Vec::new(),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl<F> Message for ShareFetchResponse<F> {
    const API_KEY: ApiKey = ApiKey::ShareFetch;
    const VERSIONS: RangeInclusive<i16> = 1..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        Ok(Self {
            throttle_time_ms: r.i32("throttle_time_ms")?,
            error_code: r.error_code("error_code")?,
            error_message: r.nullable_string("error_message")?,
            acquisition_lock_timeout_ms: r.i32("acquisition_lock_timeout_ms")?,
            responses: r.structs("responses", version)?,
            node_endpoints: r.structs("node_endpoints", version)?,
            unknown_tags: r.tags()?,
        })
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for ShareFetchResponse<F> {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.put(big_endian!(6; self.throttle_time_ms, self.error_code.0));
        s.nullable_string("error_message", self.error_message.as_ref())?;
        s.i32(self.acquisition_lock_timeout_ms);
        s.array("responses", &self.responses, |s, value| value.encode(s, version))?;
        s.array("node_endpoints", &self.node_endpoints, |s, value| value.encode(s, version))?;
        s.tags(&self.unknown_tags, version)
    }
}

setters! {
    ShareFetchResponse<F> {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_acquisition_lock_timeout_ms(acquisition_lock_timeout_ms: i32);
        with_responses(responses: Vec<ShareFetchableTopicResponse<F>>);
        with_node_endpoints(node_endpoints: Vec<NodeEndpoint>);
    }
}

/// Records of one topic.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShareFetchableTopicResponse<F = NoFile> {
    /// Id of the topic; all zeros where it is known by name alone.
    pub topic_id: Uuid,
    /// The partitions of the topic.
    pub partitions: Vec<PartitionData<F>>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl<F> Default for ShareFetchableTopicResponse<F> {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl<F> Fill for ShareFetchableTopicResponse<F> {
    const DEFAULT: Self =
        Self { topic_id: Uuid::ZERO, partitions: Vec::new(), unknown_tags: TaggedFields::new() };

    fn fill(&mut self, r: &mut Reader<'_>, version: i16) -> Result<(), DecodeError> {
        self.topic_id = r.uuid("topic_id")?;
        self.partitions = r.structs("partitions", version)?;
        self.unknown_tags = r.tags()?;
        Ok(())
    }
}

impl<F> ShareFetchableTopicResponse<F> {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        s.uuid(self.topic_id);
        s.array("partitions", &self.partitions, |s, value| value.encode(s, version))?;
        s.tags(&self.unknown_tags, version)
    }
}

setters! {
    ShareFetchableTopicResponse<F> {
        with_topic_id(topic_id: Uuid);
        with_partitions(partitions: Vec<PartitionData<F>>);
    }
}

/// Records of one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartitionData<F = NoFile> {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// What went wrong with reading; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// What went wrong with the acknowledgements; `NONE` if nothing did.
    pub acknowledge_error_code: ErrorCode,
    /// What went wrong with the acknowledgements, in words.
    pub acknowledge_error_message: Option<Str>,
    /// Who leads the partition now, so that the client need not ask (KIP-951).
    pub current_leader: LeaderIdAndEpoch,
    /// The batches, some records of which may belong to other members.
    pub records: Records<F>,
    /// The records that are for this member, in runs.
    pub acquired_records: Vec<AcquiredRecords>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl<F> Default for PartitionData<F> {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl<F> Fill for PartitionData<F> {
    const DEFAULT: Self = Self {
        partition_index: 0,
        error_code: ErrorCode::NONE,
        error_message: None,
        acknowledge_error_code: ErrorCode::NONE,
        acknowledge_error_message: None,
        current_leader: LeaderIdAndEpoch::DEFAULT,
        records: Records::EMPTY,
        acquired_records: Vec::new(),
        unknown_tags: TaggedFields::new(),
    };

    fn fill(&mut self, r: &mut Reader<'_>, version: i16) -> Result<(), DecodeError> {
        self.partition_index = r.i32("partition_index")?;
        self.error_code = r.error_code("error_code")?;
        self.error_message = r.nullable_string("error_message")?;
        self.acknowledge_error_code = r.error_code("acknowledge_error_code")?;
        self.acknowledge_error_message = r.nullable_string("acknowledge_error_message")?;
        self.current_leader.fill(r, version)?;
        self.records = r.records("records")?;
        self.acquired_records = r.structs("acquired_records", version)?;
        self.unknown_tags = r.tags()?;
        Ok(())
    }
}

impl<F> PartitionData<F> {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        s.put(big_endian!(6; self.partition_index, self.error_code.0));
        s.nullable_string("error_message", self.error_message.as_ref())?;
        s.error_code(self.acknowledge_error_code);
        s.nullable_string("acknowledge_error_message", self.acknowledge_error_message.as_ref())?;
        self.current_leader.encode(s, version)?;
        s.records("records", &self.records)?;
        s.array("acquired_records", &self.acquired_records, |s, value| value.encode(s, version))?;
        s.tags(&self.unknown_tags, version)
    }
}

setters! {
    PartitionData<F> {
        with_partition_index(partition_index: i32);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_acknowledge_error_code(acknowledge_error_code: ErrorCode);
        with_acknowledge_error_message(acknowledge_error_message: Option<Str>);
        with_current_leader(current_leader: LeaderIdAndEpoch);
        with_records(records: impl Into<Records<F>>);
        with_acquired_records(acquired_records: Vec<AcquiredRecords>);
    }
}

/// Who leads a partition, and since which epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeaderIdAndEpoch {
    /// Node that leads the partition; -1 if none does or it is not known.
    pub leader_id: i32,
    /// Number of the leadership, which grows with each new leader; -1 if it is not known.
    pub leader_epoch: i32,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for LeaderIdAndEpoch {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Fill for LeaderIdAndEpoch {
    const DEFAULT: Self = Self { leader_id: 0, leader_epoch: 0, unknown_tags: TaggedFields::new() };

    fn fill(&mut self, r: &mut Reader<'_>, _version: i16) -> Result<(), DecodeError> {
        self.leader_id = r.i32("leader_id")?;
        self.leader_epoch = r.i32("leader_epoch")?;
        self.unknown_tags = r.tags()?;
        Ok(())
    }
}

impl LeaderIdAndEpoch {
    fn encode<F, S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        s.put(big_endian!(8; self.leader_id, self.leader_epoch));
        s.tags(&self.unknown_tags, version)
    }
}

setters! {
    LeaderIdAndEpoch {
        with_leader_id(leader_id: i32);
        with_leader_epoch(leader_epoch: i32);
    }
}

/// A run of records that is for this member.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AcquiredRecords {
    /// First offset of the run.
    pub first_offset: i64,
    /// Last offset of the run.
    pub last_offset: i64,
    /// How often the records were delivered.
    pub delivery_count: i16,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for AcquiredRecords {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Fill for AcquiredRecords {
    const DEFAULT: Self =
        Self { first_offset: 0, last_offset: 0, delivery_count: 0, unknown_tags: TaggedFields::new() };

    fn fill(&mut self, r: &mut Reader<'_>, _version: i16) -> Result<(), DecodeError> {
        self.first_offset = r.i64("first_offset")?;
        self.last_offset = r.i64("last_offset")?;
        self.delivery_count = r.i16("delivery_count")?;
        self.unknown_tags = r.tags()?;
        Ok(())
    }
}

impl AcquiredRecords {
    fn encode<F, S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        s.put(big_endian!(18; self.first_offset, self.last_offset, self.delivery_count));
        s.tags(&self.unknown_tags, version)
    }
}

setters! {
    AcquiredRecords {
        with_first_offset(first_offset: i64);
        with_last_offset(last_offset: i64);
        with_delivery_count(delivery_count: i16);
    }
}

/// Where one broker is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
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

impl Default for NodeEndpoint {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Fill for NodeEndpoint {
    const DEFAULT: Self =
        Self { node_id: 0, host: Str::EMPTY, port: 0, rack: None, unknown_tags: TaggedFields::new() };

    fn fill(&mut self, r: &mut Reader<'_>, _version: i16) -> Result<(), DecodeError> {
        self.node_id = r.i32("node_id")?;
        self.host = r.string("host")?;
        self.port = r.i32("port")?;
        self.rack = r.nullable_string("rack")?;
        self.unknown_tags = r.tags()?;
        Ok(())
    }
}

impl NodeEndpoint {
    fn encode<F, S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        s.i32(self.node_id);
        s.string("host", &self.host)?;
        s.i32(self.port);
        s.nullable_string("rack", self.rack.as_ref())?;
        s.tags(&self.unknown_tags, version)
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
