// Generated from schema/describe_configs.txt by `cargo xtask codegen`: change that file and run it again.
//! `DescribeConfigs` (API key 32): the configuration of topics, brokers and other resources.
//!
//! v1 is the oldest version left, with synonyms and sources; v3 adds types and documentation; v4 is the
//! first flexible version.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Resources whose configuration is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeConfigsRequest {
    /// The resources.
    pub resources: Vec<DescribeConfigsResource>,
    /// Whether to list every place that could set a value, in the order in which they count.
    pub include_synonyms: bool,
    /// Whether to explain every key. v3+.
    pub include_documentation: bool,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for DescribeConfigsRequest {
    const API_KEY: ApiKey = ApiKey::DescribeConfigs;
    const VERSIONS: RangeInclusive<i16> = 1..=4;
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for DescribeConfigsRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DescribeConfigsRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            resources: r.array("resources", DescribeConfigsResource::read),
            include_synonyms: r.bool("include_synonyms"),
            include_documentation: match r.version {
                3.. => r.bool("include_documentation"),
                _ => false,
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("resources", &self.resources, DescribeConfigsResource::write);
        s.bool(self.include_synonyms);
        if s.version >= 3 {
            s.bool(self.include_documentation);
        } else if self.include_documentation {
            s.not_in_version("include_documentation");
        }
        s.tags(&self.unknown_tags);
    }
}

impl Request for DescribeConfigsRequest {
    type Response = DescribeConfigsResponse;
}

setters! {
    DescribeConfigsRequest {
        with_resources(resources: Vec<DescribeConfigsResource>);
        with_include_synonyms(include_synonyms: bool);
        with_include_documentation(include_documentation: bool);
    }
}

/// One resource, and which of its keys are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeConfigsResource {
    /// Kind of the resource: 2 a topic, 4 a broker, 8 the loggers of a broker, 16 client metrics, 32 a
    /// group.
    pub resource_type: i8,
    /// Name of the topic or group, or id of the broker.
    pub resource_name: Str,
    /// The keys; null for all.
    pub configuration_keys: Option<Vec<Str>>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for DescribeConfigsResource {
    fn default() -> Self {
        Self {
            resource_type: 0,
            resource_name: Str::EMPTY,
            configuration_keys: Some(Vec::new()),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl DescribeConfigsResource {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            resource_type: r.i8("resource_type"),
            resource_name: r.string("resource_name"),
            configuration_keys: r.nullable_array("configuration_keys", |r| r.string("configuration_keys")),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i8(self.resource_type);
        s.string("resource_name", &self.resource_name);
        s.nullable_array("configuration_keys", self.configuration_keys.as_deref(), |value, s| {
            s.string("configuration_keys", value)
        });
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeConfigsResource {
        with_resource_type(resource_type: i8);
        with_resource_name(resource_name: impl Into<Str>);
        with_configuration_keys(configuration_keys: Option<Vec<Str>>);
    }
}

/// Configuration of the resources that were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeConfigsResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// The resources of the request.
    pub results: Vec<DescribeConfigsResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for DescribeConfigsResponse {
    const API_KEY: ApiKey = ApiKey::DescribeConfigs;
    const VERSIONS: RangeInclusive<i16> = 1..=4;
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for DescribeConfigsResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DescribeConfigsResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            results: r.array("results", DescribeConfigsResult::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.array("results", &self.results, DescribeConfigsResult::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeConfigsResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_results(results: Vec<DescribeConfigsResult>);
    }
}

/// Configuration of one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeConfigsResult {
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// Kind of the resource: 2 a topic, 4 a broker, 8 the loggers of a broker, 16 client metrics, 32 a
    /// group.
    pub resource_type: i8,
    /// Name of the topic or group, or id of the broker.
    pub resource_name: Str,
    /// Its configuration, a key each.
    pub configs: Vec<DescribeConfigsResourceResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for DescribeConfigsResult {
    fn default() -> Self {
        Self {
            error_code: ErrorCode::NONE,
            error_message: Some(Str::EMPTY),
            resource_type: 0,
            resource_name: Str::EMPTY,
            configs: Vec::new(),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl DescribeConfigsResult {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            resource_type: r.i8("resource_type"),
            resource_name: r.string("resource_name"),
            configs: r.array("configs", DescribeConfigsResourceResult::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.i8(self.resource_type);
        s.string("resource_name", &self.resource_name);
        s.array("configs", &self.configs, DescribeConfigsResourceResult::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeConfigsResult {
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_resource_type(resource_type: i8);
        with_resource_name(resource_name: impl Into<Str>);
        with_configs(configs: Vec<DescribeConfigsResourceResult>);
    }
}

/// One key and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeConfigsResourceResult {
    /// Kafka's key, such as `retention.ms`.
    pub name: Str,
    /// The value as text; null if it is secret or there is none.
    pub value: Option<Str>,
    /// Whether it can only be set in the broker's own file.
    pub read_only: bool,
    /// Where the value comes from: 1 the topic, 2 and 3 dynamic broker settings, 4 the broker's file, 5 the
    /// default. Default `-1`.
    pub config_source: i8,
    /// Whether the value is secret.
    pub is_sensitive: bool,
    /// Every place that could set the value, the one that counts first.
    pub synonyms: Vec<DescribeConfigsSynonym>,
    /// Type of the value: 1 boolean, 2 string, 3 int, 4 short, 5 long, 6 double, 7 list, 8 class, 9
    /// password; 0 unknown. v3+.
    pub config_type: i8,
    /// What the key means; null unless it was asked for. v3+.
    pub documentation: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for DescribeConfigsResourceResult {
    fn default() -> Self {
        Self {
            name: Str::EMPTY,
            value: Some(Str::EMPTY),
            read_only: false,
            config_source: -1,
            is_sensitive: false,
            synonyms: Vec::new(),
            config_type: 0,
            documentation: Some(Str::EMPTY),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl DescribeConfigsResourceResult {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            value: r.nullable_string("value"),
            read_only: r.bool("read_only"),
            config_source: r.i8("config_source"),
            is_sensitive: r.bool("is_sensitive"),
            synonyms: r.array("synonyms", DescribeConfigsSynonym::read),
            config_type: match r.version {
                3.. => r.i8("config_type"),
                _ => 0,
            },
            documentation: match r.version {
                3.. => r.nullable_string("documentation"),
                _ => Some(Str::EMPTY),
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.nullable_string("value", self.value.as_ref());
        s.bool(self.read_only);
        s.i8(self.config_source);
        s.bool(self.is_sensitive);
        s.array("synonyms", &self.synonyms, DescribeConfigsSynonym::write);
        if s.version >= 3 {
            s.i8(self.config_type);
        }
        if s.version >= 3 {
            s.nullable_string("documentation", self.documentation.as_ref());
        }
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeConfigsResourceResult {
        with_name(name: impl Into<Str>);
        with_value(value: Option<Str>);
        with_read_only(read_only: bool);
        with_config_source(config_source: i8);
        with_is_sensitive(is_sensitive: bool);
        with_synonyms(synonyms: Vec<DescribeConfigsSynonym>);
        with_config_type(config_type: i8);
        with_documentation(documentation: Option<Str>);
    }
}

/// One place that could set the value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeConfigsSynonym {
    /// The key by which that place knows it.
    pub name: Str,
    /// The value there; null if it is secret or there is none.
    pub value: Option<Str>,
    /// Which place it is, numbered like the source of the value.
    pub source: i8,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for DescribeConfigsSynonym {
    fn default() -> Self {
        Self { name: Str::EMPTY, value: Some(Str::EMPTY), source: 0, unknown_tags: TaggedFields::new() }
    }
}

impl DescribeConfigsSynonym {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            value: r.nullable_string("value"),
            source: r.i8("source"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.nullable_string("value", self.value.as_ref());
        s.i8(self.source);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeConfigsSynonym {
        with_name(name: impl Into<Str>);
        with_value(value: Option<Str>);
        with_source(source: i8);
    }
}
