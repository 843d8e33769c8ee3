// Generated from schema/list_config_resources.txt by `cargo xtask codegen`: change that file and run it again.
//! `ListConfigResources` (API key 74): the resources that have configuration.
//!
//! Flexible from the first version. v1 asks for any kind of resource, v0 only for client metrics
//! (KIP-1142).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Asks for the resources of some kinds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListConfigResourcesRequest {
    /// The kinds, numbered as in the answer; empty for all. v1+.
    pub resource_types: Vec<i8>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for ListConfigResourcesRequest {
    const API_KEY: ApiKey = ApiKey::ListConfigResources;
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ListConfigResourcesRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ListConfigResourcesRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            resource_types: match r.version {
                1.. => r.array("resource_types", |r| r.i8("resource_types")),
                _ => Vec::new(),
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        if s.version >= 1 {
            s.array("resource_types", &self.resource_types, |value, s| s.i8(*value));
        } else if !self.resource_types.is_empty() {
            s.not_in_version("resource_types");
        }
        s.tags(&self.unknown_tags);
    }
}

impl Request for ListConfigResourcesRequest {
    type Response = ListConfigResourcesResponse;
}

setters! {
    ListConfigResourcesRequest {
        with_resource_types(resource_types: Vec<i8>);
    }
}

/// The resources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListConfigResourcesResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// The resources that have configuration.
    pub config_resources: Vec<ConfigResource>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for ListConfigResourcesResponse {
    const API_KEY: ApiKey = ApiKey::ListConfigResources;
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for ListConfigResourcesResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ListConfigResourcesResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            error_code: r.error_code("error_code"),
            config_resources: r.array("config_resources", ConfigResource::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.error_code(self.error_code);
        s.array("config_resources", &self.config_resources, ConfigResource::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ListConfigResourcesResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
        with_config_resources(config_resources: Vec<ConfigResource>);
    }
}

/// One resource.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigResource {
    /// Name of the topic or group, or id of the broker.
    pub resource_name: Str,
    /// Kind of the resource: 2 a topic, 4 a broker, 8 the loggers of a broker, 16 client metrics, 32 a
    /// group. v1+. Default `16`.
    pub resource_type: i8,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for ConfigResource {
    fn default() -> Self {
        Self { resource_name: Str::EMPTY, resource_type: 16, unknown_tags: TaggedFields::new() }
    }
}

impl ConfigResource {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            resource_name: r.string("resource_name"),
            resource_type: match r.version {
                1.. => r.i8("resource_type"),
                _ => 16,
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("resource_name", &self.resource_name);
        if s.version >= 1 {
            s.i8(self.resource_type);
        }
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ConfigResource {
        with_resource_name(resource_name: impl Into<Str>);
        with_resource_type(resource_type: i8);
    }
}
