// Generated from schema/alter_configs.txt by `cargo xtask codegen`: change that file and run it again.
//! `AlterConfigs` (API key 33): replaces the configuration of topics, brokers and other resources as a
//! whole.
//!
//! What is not named falls back to its default, so `IncrementalAlterConfigs` took its place. v2 is the
//! first flexible version.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// New configuration of some resources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlterConfigsRequest {
    /// The resources.
    pub resources: Vec<AlterConfigsResource>,
    /// Whether only to check the request, and change nothing.
    pub validate_only: bool,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for AlterConfigsRequest {
    const API_KEY: ApiKey = ApiKey::AlterConfigs;
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for AlterConfigsRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl AlterConfigsRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            resources: r.array("resources", AlterConfigsResource::read),
            validate_only: r.bool("validate_only"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("resources", &self.resources, AlterConfigsResource::write);
        s.bool(self.validate_only);
        s.tags(&self.unknown_tags);
    }
}

impl Request for AlterConfigsRequest {
    type Response = AlterConfigsResponse;
}

setters! {
    AlterConfigsRequest {
        with_resources(resources: Vec<AlterConfigsResource>);
        with_validate_only(validate_only: bool);
    }
}

/// New configuration of one resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlterConfigsResource {
    /// Kind of the resource: 2 a topic, 4 a broker, 8 the loggers of a broker, 16 client metrics, 32 a
    /// group.
    pub resource_type: i8,
    /// Name of the topic or group, or id of the broker.
    pub resource_name: Str,
    /// All keys that are to differ from their defaults.
    pub configs: Vec<AlterableConfig>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl AlterConfigsResource {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            resource_type: r.i8("resource_type"),
            resource_name: r.string("resource_name"),
            configs: r.array("configs", AlterableConfig::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i8(self.resource_type);
        s.string("resource_name", &self.resource_name);
        s.array("configs", &self.configs, AlterableConfig::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AlterConfigsResource {
        with_resource_type(resource_type: i8);
        with_resource_name(resource_name: impl Into<Str>);
        with_configs(configs: Vec<AlterableConfig>);
    }
}

/// One key and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlterableConfig {
    /// Kafka's key, such as `retention.ms`.
    pub name: Str,
    /// The value, as text.
    pub value: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for AlterableConfig {
    fn default() -> Self {
        Self { name: Str::EMPTY, value: Some(Str::EMPTY), unknown_tags: TaggedFields::new() }
    }
}

impl AlterableConfig {
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
    AlterableConfig {
        with_name(name: impl Into<Str>);
        with_value(value: Option<Str>);
    }
}

/// What became of each resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlterConfigsResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// The resources of the request.
    pub responses: Vec<AlterConfigsResourceResponse>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for AlterConfigsResponse {
    const API_KEY: ApiKey = ApiKey::AlterConfigs;
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for AlterConfigsResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl AlterConfigsResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            responses: r.array("responses", AlterConfigsResourceResponse::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.array("responses", &self.responses, AlterConfigsResourceResponse::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AlterConfigsResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_responses(responses: Vec<AlterConfigsResourceResponse>);
    }
}

/// What became of one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlterConfigsResourceResponse {
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// Kind of the resource: 2 a topic, 4 a broker, 8 the loggers of a broker, 16 client metrics, 32 a
    /// group.
    pub resource_type: i8,
    /// Name of the topic or group, or id of the broker.
    pub resource_name: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for AlterConfigsResourceResponse {
    fn default() -> Self {
        Self {
            error_code: ErrorCode::NONE,
            error_message: Some(Str::EMPTY),
            resource_type: 0,
            resource_name: Str::EMPTY,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl AlterConfigsResourceResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            resource_type: r.i8("resource_type"),
            resource_name: r.string("resource_name"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.i8(self.resource_type);
        s.string("resource_name", &self.resource_name);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AlterConfigsResourceResponse {
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_resource_type(resource_type: i8);
        with_resource_name(resource_name: impl Into<Str>);
    }
}
