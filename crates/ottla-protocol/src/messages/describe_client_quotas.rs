// Generated from schema/describe_client_quotas.txt by `cargo xtask codegen`: change that file and run it again.
//! `DescribeClientQuotas` (API key 48): the quotas that match a filter (KIP-546).
//!
//! v1 is the first flexible version.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Asks for the quotas of some entities.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeClientQuotasRequest {
    /// What an entity must match.
    pub components: Vec<ComponentData>,
    /// Whether an entity must have no other parts.
    pub strict: bool,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for DescribeClientQuotasRequest {
    const API_KEY: ApiKey = ApiKey::DescribeClientQuotas;
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(1);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for DescribeClientQuotasRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DescribeClientQuotasRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            components: r.array("components", ComponentData::read),
            strict: r.bool("strict"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("components", &self.components, ComponentData::write);
        s.bool(self.strict);
        s.tags(&self.unknown_tags);
    }
}

impl Request for DescribeClientQuotasRequest {
    type Response = DescribeClientQuotasResponse;
}

setters! {
    DescribeClientQuotasRequest {
        with_components(components: Vec<ComponentData>);
        with_strict(strict: bool);
    }
}

/// What one part of an entity must match.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ComponentData {
    /// Kind of the entity: `user`, `client-id` or `ip`.
    pub entity_type: Str,
    /// How it must match: 0 this name, 1 the default, 2 any name.
    pub match_type: i8,
    /// The name; null unless it is matched.
    pub match_: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for ComponentData {
    fn default() -> Self {
        Self {
            entity_type: Str::EMPTY,
            match_type: 0,
            match_: Some(Str::EMPTY),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl ComponentData {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            entity_type: r.string("entity_type"),
            match_type: r.i8("match_type"),
            match_: r.nullable_string("match"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("entity_type", &self.entity_type);
        s.i8(self.match_type);
        s.nullable_string("match", self.match_.as_ref());
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ComponentData {
        with_entity_type(entity_type: impl Into<Str>);
        with_match_type(match_type: i8);
        with_match(match_: Option<Str>);
    }
}

/// The quotas.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DescribeClientQuotasResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// The entities that match; null where the request failed.
    pub entries: Option<Vec<EntryData>>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for DescribeClientQuotasResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: ErrorCode::NONE,
            error_message: Some(Str::EMPTY),
            entries: Some(Vec::new()),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for DescribeClientQuotasResponse {
    const API_KEY: ApiKey = ApiKey::DescribeClientQuotas;
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(1);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for DescribeClientQuotasResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DescribeClientQuotasResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            entries: r.nullable_array("entries", EntryData::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.nullable_array("entries", self.entries.as_deref(), EntryData::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeClientQuotasResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_entries(entries: Option<Vec<EntryData>>);
    }
}

/// Quotas of one entity.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct EntryData {
    /// The parts that make up the entity.
    pub entity: Vec<EntityData>,
    /// Its quotas.
    pub values: Vec<ValueData>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl EntryData {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            entity: r.array("entity", EntityData::read),
            values: r.array("values", ValueData::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("entity", &self.entity, EntityData::write);
        s.array("values", &self.values, ValueData::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    EntryData {
        with_entity(entity: Vec<EntityData>);
        with_values(values: Vec<ValueData>);
    }
}

/// One part of an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EntityData {
    /// Kind of the entity: `user`, `client-id` or `ip`.
    pub entity_type: Str,
    /// Name of the entity; null for the default of its kind.
    pub entity_name: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for EntityData {
    fn default() -> Self {
        Self { entity_type: Str::EMPTY, entity_name: Some(Str::EMPTY), unknown_tags: TaggedFields::new() }
    }
}

impl EntityData {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            entity_type: r.string("entity_type"),
            entity_name: r.nullable_string("entity_name"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("entity_type", &self.entity_type);
        s.nullable_string("entity_name", self.entity_name.as_ref());
        s.tags(&self.unknown_tags);
    }
}

setters! {
    EntityData {
        with_entity_type(entity_type: impl Into<Str>);
        with_entity_name(entity_name: Option<Str>);
    }
}

/// One quota.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ValueData {
    /// Kafka's key, such as `producer_byte_rate`.
    pub key: Str,
    /// The value.
    pub value: f64,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ValueData {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { key: r.string("key"), value: r.f64("value"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("key", &self.key);
        s.f64(self.value);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ValueData {
        with_key(key: impl Into<Str>);
        with_value(value: f64);
    }
}
