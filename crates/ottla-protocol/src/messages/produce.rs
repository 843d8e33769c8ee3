// Generated from schema/produce.txt by `cargo xtask codegen`: change that file and run it again.
//! `Produce` (API key 0): appends record batches to partitions.
//!
//! v3 is the oldest version left, and the first with batches in format v2; v7 allows zstd (KIP-110); v8
//! names the records that caused a batch to be refused (KIP-467); v9 is the first flexible version; v10
//! tells of new leaders (KIP-951); v12 adds partitions to a transaction by itself (KIP-890); v13 names
//! topics by id (KIP-516).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Fill, Message, Request, big_endian, setters};
use crate::wire::{DecodeError, EncodeError, Reader, Records, Sink, Str, TaggedFields, Uuid};

/// Record batches for some partitions, one batch each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProduceRequest {
    /// Name of the transactional producer; null for one without transactions.
    pub transactional_id: Option<Str>,
    /// When to answer: 0 never, 1 once the leader has written, -1 once all in-sync replicas have.
    pub acks: i16,
    /// How long the broker may wait for replicas, in milliseconds.
    pub timeout_ms: i32,
    /// The topics, each with its batches.
    pub topic_data: Vec<TopicProduceData>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for ProduceRequest {
    const API_KEY: ApiKey = ApiKey::Produce;
    const VERSIONS: RangeInclusive<i16> = 3..=13;
    const FLEXIBLE_FROM: Option<i16> = Some(9);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        Ok(Self {
            transactional_id: r.nullable_string("transactional_id")?,
            acks: r.i16("acks")?,
            timeout_ms: r.i32("timeout_ms")?,
            topic_data: r.structs("topic_data", version)?,
            unknown_tags: r.tags()?,
        })
    }
}

impl Encode for ProduceRequest {
    fn encode<S: Sink>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.nullable_string("transactional_id", self.transactional_id.as_ref())?;
        s.put(big_endian!(6; self.acks, self.timeout_ms));
        s.array("topic_data", &self.topic_data, |s, value| value.encode(s, version))?;
        s.tags(&self.unknown_tags, version)
    }
}

impl Request for ProduceRequest {
    type Response = ProduceResponse;
}

setters! {
    ProduceRequest {
        with_transactional_id(transactional_id: Option<Str>);
        with_acks(acks: i16);
        with_timeout_ms(timeout_ms: i32);
        with_topic_data(topic_data: Vec<TopicProduceData>);
    }
}

/// Batches for partitions of one topic.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicProduceData {
    /// Name of the topic. Until v12.
    pub name: Str,
    /// Id of the topic. v13+.
    pub topic_id: Uuid,
    /// The batches, by partition.
    pub partition_data: Vec<PartitionProduceData>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for TopicProduceData {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Fill for TopicProduceData {
    const DEFAULT: Self = Self {
        name: Str::EMPTY,
        topic_id: Uuid::ZERO,
        partition_data: Vec::new(),
        unknown_tags: TaggedFields::new(),
    };

    fn fill(&mut self, r: &mut Reader<'_>, version: i16) -> Result<(), DecodeError> {
        self.name = match version {
            ..=12 => r.string("name")?,
            _ => Str::EMPTY,
        };
        self.topic_id = match version {
            13.. => r.uuid("topic_id")?,
            _ => Uuid::ZERO,
        };
        self.partition_data = r.structs("partition_data", version)?;
        self.unknown_tags = r.tags()?;
        Ok(())
    }
}

impl TopicProduceData {
    fn encode<S: Sink>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        if version <= 12 {
            s.string("name", &self.name)?;
        }
        if version >= 13 {
            s.uuid(self.topic_id);
        }
        s.array("partition_data", &self.partition_data, |s, value| value.encode(s, version))?;
        s.tags(&self.unknown_tags, version)
    }
}

setters! {
    TopicProduceData {
        with_name(name: impl Into<Str>);
        with_topic_id(topic_id: Uuid);
        with_partition_data(partition_data: Vec<PartitionProduceData>);
    }
}

/// The batch for one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartitionProduceData {
    /// Number of the partition in its topic, from 0.
    pub index: i32,
    /// The batch, as it will be stored.
    pub records: Option<Records>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for PartitionProduceData {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Fill for PartitionProduceData {
    const DEFAULT: Self = Self { index: 0, records: None, unknown_tags: TaggedFields::new() };

    fn fill(&mut self, r: &mut Reader<'_>, _version: i16) -> Result<(), DecodeError> {
        self.index = r.i32("index")?;
        self.records = r.nullable_records("records")?;
        self.unknown_tags = r.tags()?;
        Ok(())
    }
}

impl PartitionProduceData {
    fn encode<S: Sink>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        s.i32(self.index);
        s.nullable_records("records", self.records.as_ref())?;
        s.tags(&self.unknown_tags, version)
    }
}

setters! {
    PartitionProduceData {
        with_index(index: i32);
        with_records(records: Option<Records>);
    }
}

/// What became of each batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProduceResponse {
    /// The topics of the request.
    pub responses: Vec<TopicProduceResponse>,
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// Where the leaders that are named in this response are reached (KIP-951). v10+.
    pub node_endpoints: Vec<NodeEndpoint>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for ProduceResponse {
    const API_KEY: ApiKey = ApiKey::Produce;
    const VERSIONS: RangeInclusive<i16> = 3..=13;
    const FLEXIBLE_FROM: Option<i16> = Some(9);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let mut message = Self {
            responses: r.structs("responses", version)?,
            throttle_time_ms: r.i32("throttle_time_ms")?,
            node_endpoints: Vec::new(),
            unknown_tags: TaggedFields::new(),
        };
        message.unknown_tags = r.known_tags(|r, tag| {
            match tag {
                0 if version >= 10 => message.node_endpoints = r.structs("node_endpoints", version)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(message)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for ProduceResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.array("responses", &self.responses, |s, value| value.encode(s, version))?;
        s.i32(self.throttle_time_ms);
        let mut known = TaggedFields::new();
        if !self.node_endpoints.is_empty() {
            if version < 10 {
                return Err(EncodeError::NotInVersion { field: "node_endpoints", version });
            }
            known.push_known(0, |s| {
                s.array("node_endpoints", &self.node_endpoints, |s, value| value.encode(s, version))
            })?;
        }
        s.known_tags(&known, &self.unknown_tags, version)
    }
}

setters! {
    ProduceResponse {
        with_responses(responses: Vec<TopicProduceResponse>);
        with_throttle_time_ms(throttle_time_ms: i32);
        with_node_endpoints(node_endpoints: Vec<NodeEndpoint>);
    }
}

/// What became of the batches for one topic.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicProduceResponse {
    /// Name of the topic. Until v12.
    pub name: Str,
    /// Id of the topic. v13+.
    pub topic_id: Uuid,
    /// What became of each batch, by partition.
    pub partition_responses: Vec<PartitionProduceResponse>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for TopicProduceResponse {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Fill for TopicProduceResponse {
    const DEFAULT: Self = Self {
        name: Str::EMPTY,
        topic_id: Uuid::ZERO,
        partition_responses: Vec::new(),
        unknown_tags: TaggedFields::new(),
    };

    fn fill(&mut self, r: &mut Reader<'_>, version: i16) -> Result<(), DecodeError> {
        self.name = match version {
            ..=12 => r.string("name")?,
            _ => Str::EMPTY,
        };
        self.topic_id = match version {
            13.. => r.uuid("topic_id")?,
            _ => Uuid::ZERO,
        };
        self.partition_responses = r.structs("partition_responses", version)?;
        self.unknown_tags = r.tags()?;
        Ok(())
    }
}

impl TopicProduceResponse {
    fn encode<F, S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        if version <= 12 {
            s.string("name", &self.name)?;
        }
        if version >= 13 {
            s.uuid(self.topic_id);
        }
        s.array("partition_responses", &self.partition_responses, |s, value| value.encode(s, version))?;
        s.tags(&self.unknown_tags, version)
    }
}

setters! {
    TopicProduceResponse {
        with_name(name: impl Into<Str>);
        with_topic_id(topic_id: Uuid);
        with_partition_responses(partition_responses: Vec<PartitionProduceResponse>);
    }
}

/// What became of one batch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartitionProduceResponse {
    /// Number of the partition in its topic, from 0.
    pub index: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Offset of the first record of the batch; -1 if it was not written.
    pub base_offset: i64,
    /// When the broker appended the batch, in Unix milliseconds, if the topic keeps that time; else -1.
    /// Default `-1`.
    pub log_append_time_ms: i64,
    /// First offset that the partition still holds; -1 if it is not known. v5+. Default `-1`.
    pub log_start_offset: i64,
    /// The records because of which the batch was refused. v8+.
    pub record_errors: Vec<BatchIndexAndErrorMessage>,
    /// Why the batch was refused, in words. v8+.
    pub error_message: Option<Str>,
    /// Who leads the partition now, so that the client need not ask (KIP-951). v10+.
    pub current_leader: LeaderIdAndEpoch,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for PartitionProduceResponse {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Fill for PartitionProduceResponse {
    const DEFAULT: Self = Self {
        index: 0,
        error_code: ErrorCode::NONE,
        base_offset: 0,
        log_append_time_ms: -1,
        log_start_offset: -1,
        record_errors: Vec::new(),
        error_message: None,
        current_leader: LeaderIdAndEpoch::DEFAULT,
        unknown_tags: TaggedFields::new(),
    };

    fn fill(&mut self, r: &mut Reader<'_>, version: i16) -> Result<(), DecodeError> {
        self.index = r.i32("index")?;
        self.error_code = r.error_code("error_code")?;
        self.base_offset = r.i64("base_offset")?;
        self.log_append_time_ms = r.i64("log_append_time_ms")?;
        self.log_start_offset = match version {
            5.. => r.i64("log_start_offset")?,
            _ => -1,
        };
        self.record_errors = match version {
            8.. => r.structs("record_errors", version)?,
            _ => Vec::new(),
        };
        self.error_message = match version {
            8.. => r.nullable_string("error_message")?,
            _ => None,
        };
        self.unknown_tags = r.known_tags(|r, tag| {
            match tag {
                0 if version >= 10 => {
                    self.current_leader = {
                        let mut value = LeaderIdAndEpoch::default();
                        value.fill(r, version)?;
                        value
                    }
                }
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(())
    }
}

impl PartitionProduceResponse {
    fn encode<F, S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        s.put(big_endian!(22; self.index, self.error_code.0, self.base_offset, self.log_append_time_ms));
        if version >= 5 {
            s.i64(self.log_start_offset);
        }
        if version >= 8 {
            s.array("record_errors", &self.record_errors, |s, value| value.encode(s, version))?;
        }
        if version >= 8 {
            s.nullable_string("error_message", self.error_message.as_ref())?;
        }
        let mut known = TaggedFields::new();
        if self.current_leader != LeaderIdAndEpoch::default() {
            if version < 10 {
                return Err(EncodeError::NotInVersion { field: "current_leader", version });
            }
            known.push_known(0, |s| self.current_leader.encode(s, version))?;
        }
        s.known_tags(&known, &self.unknown_tags, version)
    }
}

setters! {
    PartitionProduceResponse {
        with_index(index: i32);
        with_error_code(error_code: ErrorCode);
        with_base_offset(base_offset: i64);
        with_log_append_time_ms(log_append_time_ms: i64);
        with_log_start_offset(log_start_offset: i64);
        with_record_errors(record_errors: Vec<BatchIndexAndErrorMessage>);
        with_error_message(error_message: Option<Str>);
        with_current_leader(current_leader: LeaderIdAndEpoch);
    }
}

/// One record because of which a batch was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BatchIndexAndErrorMessage {
    /// Position of the record in the batch, from 0.
    pub batch_index: i32,
    /// What is wrong with the record, in words.
    pub batch_index_error_message: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for BatchIndexAndErrorMessage {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Fill for BatchIndexAndErrorMessage {
    const DEFAULT: Self =
        Self { batch_index: 0, batch_index_error_message: None, unknown_tags: TaggedFields::new() };

    fn fill(&mut self, r: &mut Reader<'_>, _version: i16) -> Result<(), DecodeError> {
        self.batch_index = r.i32("batch_index")?;
        self.batch_index_error_message = r.nullable_string("batch_index_error_message")?;
        self.unknown_tags = r.tags()?;
        Ok(())
    }
}

impl BatchIndexAndErrorMessage {
    fn encode<F, S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        s.i32(self.batch_index);
        s.nullable_string("batch_index_error_message", self.batch_index_error_message.as_ref())?;
        s.tags(&self.unknown_tags, version)
    }
}

setters! {
    BatchIndexAndErrorMessage {
        with_batch_index(batch_index: i32);
        with_batch_index_error_message(batch_index_error_message: Option<Str>);
    }
}

/// Who leads a partition, and since which epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeaderIdAndEpoch {
    /// Node that leads the partition; -1 if none does or it is not known. Default `-1`.
    pub leader_id: i32,
    /// Number of the leadership, which grows with each new leader; -1 if it is not known. Default `-1`.
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
    const DEFAULT: Self = Self { leader_id: -1, leader_epoch: -1, unknown_tags: TaggedFields::new() };

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
