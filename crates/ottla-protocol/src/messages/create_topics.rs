// Generated from schema/create_topics.txt by `cargo xtask codegen`: change that file and run it again.
//! `CreateTopics` (API key 19): makes new topics.
//!
//! v4 lets partitions and replicas be left to the broker's defaults (KIP-464); v5 is the first flexible
//! version and answers with the configuration (KIP-525); v7 answers with the topic's id.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{
    DecodeError, EncodeError, I32Array, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields, Uuid,
};

/// Topics to create.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateTopicsRequest {
    /// The topics, each created or refused on its own.
    pub topics: Vec<CreatableTopic>,
    /// How long to wait until the topics are there, in milliseconds. Default `60000`.
    pub timeout_ms: i32,
    /// Whether only to check the request, and create nothing.
    pub validate_only: bool,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for CreateTopicsRequest {
    fn default() -> Self {
        Self {
            topics: Vec::new(),
            timeout_ms: 60000,
            validate_only: false,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for CreateTopicsRequest {
    const API_KEY: ApiKey = ApiKey::CreateTopics;
    const VERSIONS: RangeInclusive<i16> = 2..=7;
    const FLEXIBLE_FROM: Option<i16> = Some(5);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for CreateTopicsRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl CreateTopicsRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            topics: r.array("topics", CreatableTopic::read),
            timeout_ms: r.i32("timeout_ms"),
            validate_only: r.bool("validate_only"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("topics", &self.topics, CreatableTopic::write);
        s.i32(self.timeout_ms);
        s.bool(self.validate_only);
        s.tags(&self.unknown_tags);
    }
}

impl Request for CreateTopicsRequest {
    type Response = CreateTopicsResponse;
}

setters! {
    CreateTopicsRequest {
        with_topics(topics: Vec<CreatableTopic>);
        with_timeout_ms(timeout_ms: i32);
        with_validate_only(validate_only: bool);
    }
}

/// One topic to create.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreatableTopic {
    /// Name of the new topic.
    pub name: Str,
    /// How many partitions it gets; -1 for the broker's default, or where `assignments` says it.
    pub num_partitions: i32,
    /// How many replicas each partition gets; -1 for the broker's default, or where `assignments` says it.
    pub replication_factor: i16,
    /// Which brokers hold which partition; empty to leave it to the cluster.
    pub assignments: Vec<CreatableReplicaAssignment>,
    /// Configuration that differs from the broker's.
    pub configs: Vec<CreatableTopicConfig>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl CreatableTopic {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            num_partitions: r.i32("num_partitions"),
            replication_factor: r.i16("replication_factor"),
            assignments: r.array("assignments", CreatableReplicaAssignment::read),
            configs: r.array("configs", CreatableTopicConfig::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.i32(self.num_partitions);
        s.i16(self.replication_factor);
        s.array("assignments", &self.assignments, CreatableReplicaAssignment::write);
        s.array("configs", &self.configs, CreatableTopicConfig::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    CreatableTopic {
        with_name(name: impl Into<Str>);
        with_num_partitions(num_partitions: i32);
        with_replication_factor(replication_factor: i16);
        with_assignments(assignments: Vec<CreatableReplicaAssignment>);
        with_configs(configs: Vec<CreatableTopicConfig>);
    }
}

/// Where one partition is placed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreatableReplicaAssignment {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// Brokers that hold it, the preferred leader first.
    pub broker_ids: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl CreatableReplicaAssignment {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            partition_index: r.i32("partition_index"),
            broker_ids: r.i32_array("broker_ids"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition_index);
        s.i32_array("broker_ids", &self.broker_ids);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    CreatableReplicaAssignment {
        with_partition_index(partition_index: i32);
        with_broker_ids(broker_ids: impl Into<I32Array>);
    }
}

/// One configuration value of a new topic.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreatableTopicConfig {
    /// Kafka's key, such as `retention.ms`.
    pub name: Str,
    /// The value, as text.
    pub value: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for CreatableTopicConfig {
    fn default() -> Self {
        Self { name: Str::EMPTY, value: Some(Str::EMPTY), unknown_tags: TaggedFields::new() }
    }
}

impl CreatableTopicConfig {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { name: r.string("name"), value: r.nullable_string("value"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.nullable_string("value", self.value.as_ref());
        s.tags(&self.unknown_tags);
    }
}

setters! {
    CreatableTopicConfig {
        with_name(name: impl Into<Str>);
        with_value(value: Option<Str>);
    }
}

/// What became of each topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateTopicsResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// The topics of the request.
    pub topics: Vec<CreatableTopicResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for CreateTopicsResponse {
    const API_KEY: ApiKey = ApiKey::CreateTopics;
    const VERSIONS: RangeInclusive<i16> = 2..=7;
    const FLEXIBLE_FROM: Option<i16> = Some(5);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for CreateTopicsResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl CreateTopicsResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            topics: r.array("topics", CreatableTopicResult::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.array("topics", &self.topics, CreatableTopicResult::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    CreateTopicsResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_topics(topics: Vec<CreatableTopicResult>);
    }
}

/// What became of one topic.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreatableTopicResult {
    /// Name of the topic.
    pub name: Str,
    /// Id that the new topic was given. v7+.
    pub topic_id: Uuid,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// Why `configs` is missing, such as a lack of permission. v5+.
    pub topic_config_error_code: ErrorCode,
    /// How many partitions it has; -1 if that is not told. v5+. Default `-1`.
    pub num_partitions: i32,
    /// How many replicas each partition has; -1 if that is not told. v5+. Default `-1`.
    pub replication_factor: i16,
    /// Its whole configuration; null if that is not told. v5+.
    pub configs: Option<Vec<CreatableTopicConfigs>>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for CreatableTopicResult {
    fn default() -> Self {
        Self {
            name: Str::EMPTY,
            topic_id: Uuid::ZERO,
            error_code: ErrorCode::NONE,
            error_message: Some(Str::EMPTY),
            topic_config_error_code: ErrorCode::NONE,
            num_partitions: -1,
            replication_factor: -1,
            configs: Some(Vec::new()),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl CreatableTopicResult {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        let mut message = Self {
            name: r.string("name"),
            topic_id: match r.version {
                7.. => r.uuid("topic_id"),
                _ => Uuid::ZERO,
            },
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            num_partitions: match r.version {
                5.. => r.i32("num_partitions"),
                _ => -1,
            },
            replication_factor: match r.version {
                5.. => r.i16("replication_factor"),
                _ => -1,
            },
            configs: match r.version {
                5.. => r.nullable_array("configs", CreatableTopicConfigs::read),
                _ => Some(Vec::new()),
            },
            topic_config_error_code: ErrorCode::NONE,
            unknown_tags: TaggedFields::new(),
        };
        message.unknown_tags = r.known_tags(&mut |r, tag| {
            match tag {
                0 if r.version >= 5 => {
                    message.topic_config_error_code = r.error_code("topic_config_error_code")
                }
                _ => return false,
            }
            true
        });
        message
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        if s.version >= 7 {
            s.uuid(self.topic_id);
        }
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        if s.version >= 5 {
            s.i32(self.num_partitions);
        }
        if s.version >= 5 {
            s.i16(self.replication_factor);
        }
        if s.version >= 5 {
            s.nullable_array("configs", self.configs.as_deref(), CreatableTopicConfigs::write);
        }
        let mut known = TaggedFields::new();
        if s.version >= 5 && self.topic_config_error_code.is_err() {
            s.tag(&mut known, 0, &mut |s| {
                s.error_code(self.topic_config_error_code);
            });
        }
        s.known_tags(&known, &self.unknown_tags);
    }
}

setters! {
    CreatableTopicResult {
        with_name(name: impl Into<Str>);
        with_topic_id(topic_id: Uuid);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_topic_config_error_code(topic_config_error_code: ErrorCode);
        with_num_partitions(num_partitions: i32);
        with_replication_factor(replication_factor: i16);
        with_configs(configs: Option<Vec<CreatableTopicConfigs>>);
    }
}

/// One configuration value of the created topic.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreatableTopicConfigs {
    /// Kafka's key, such as `retention.ms`.
    pub name: Str,
    /// The value as text; null if it is secret.
    pub value: Option<Str>,
    /// Whether it can only be set in the broker's own file.
    pub read_only: bool,
    /// Where the value comes from: 1 the topic, 2 and 3 dynamic broker settings, 4 the broker's file, 5 the
    /// default. Default `-1`.
    pub config_source: i8,
    /// Whether the value is secret.
    pub is_sensitive: bool,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for CreatableTopicConfigs {
    fn default() -> Self {
        Self {
            name: Str::EMPTY,
            value: Some(Str::EMPTY),
            read_only: false,
            config_source: -1,
            is_sensitive: false,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl CreatableTopicConfigs {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            value: r.nullable_string("value"),
            read_only: r.bool("read_only"),
            config_source: r.i8("config_source"),
            is_sensitive: r.bool("is_sensitive"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.nullable_string("value", self.value.as_ref());
        s.bool(self.read_only);
        s.i8(self.config_source);
        s.bool(self.is_sensitive);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    CreatableTopicConfigs {
        with_name(name: impl Into<Str>);
        with_value(value: Option<Str>);
        with_read_only(read_only: bool);
        with_config_source(config_source: i8);
        with_is_sensitive(is_sensitive: bool);
    }
}
