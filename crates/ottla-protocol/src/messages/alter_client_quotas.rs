// Generated from schema/alter_client_quotas.txt by `cargo xtask codegen`: change that file and run it again.
//! `AlterClientQuotas` (API key 49): changes quotas (KIP-546).
//!
//! v1 is the first flexible version.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Changes to the quotas of some entities.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct AlterClientQuotasRequest {
    /// The entities.
    pub entries: Vec<EntryData>,
    /// Whether only to check the request, and change nothing.
    pub validate_only: bool,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for AlterClientQuotasRequest {
    const API_KEY: ApiKey = ApiKey::AlterClientQuotas;
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(1);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for AlterClientQuotasRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl AlterClientQuotasRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            entries: r.array("entries", EntryData::read),
            validate_only: r.bool("validate_only"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("entries", &self.entries, EntryData::write);
        s.bool(self.validate_only);
        s.tags(&self.unknown_tags);
    }
}

impl Request for AlterClientQuotasRequest {
    type Response = AlterClientQuotasResponse;
}

setters! {
    AlterClientQuotasRequest {
        with_entries(entries: Vec<EntryData>);
        with_validate_only(validate_only: bool);
    }
}

/// Changes to the quotas of one entity.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct EntryData {
    /// The parts that make up the entity.
    pub entity: Vec<EntityData>,
    /// The changes, a key each.
    pub ops: Vec<OpData>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl EntryData {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            entity: r.array("entity", EntityData::read),
            ops: r.array("ops", OpData::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("entity", &self.entity, EntityData::write);
        s.array("ops", &self.ops, OpData::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    EntryData {
        with_entity(entity: Vec<EntityData>);
        with_ops(ops: Vec<OpData>);
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

/// One change.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct OpData {
    /// Kafka's key, such as `producer_byte_rate`.
    pub key: Str,
    /// The value to set; of no meaning when it is removed.
    pub value: f64,
    /// Whether to remove the quota.
    pub remove: bool,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl OpData {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { key: r.string("key"), value: r.f64("value"), remove: r.bool("remove"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("key", &self.key);
        s.f64(self.value);
        s.bool(self.remove);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    OpData {
        with_key(key: impl Into<Str>);
        with_value(value: f64);
        with_remove(remove: bool);
    }
}

/// What became of each entity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlterClientQuotasResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// The entities of the request.
    pub entries: Vec<EntryDataResponse>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for AlterClientQuotasResponse {
    const API_KEY: ApiKey = ApiKey::AlterClientQuotas;
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(1);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for AlterClientQuotasResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl AlterClientQuotasResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            entries: r.array("entries", EntryDataResponse::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.array("entries", &self.entries, EntryDataResponse::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AlterClientQuotasResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_entries(entries: Vec<EntryDataResponse>);
    }
}

/// What became of one entity.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EntryDataResponse {
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// The parts that make up the entity.
    pub entity: Vec<EntityData>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for EntryDataResponse {
    fn default() -> Self {
        Self {
            error_code: ErrorCode::NONE,
            error_message: Some(Str::EMPTY),
            entity: Vec::new(),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl EntryDataResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            entity: r.array("entity", EntityData::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.array("entity", &self.entity, EntityData::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    EntryDataResponse {
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_entity(entity: Vec<EntityData>);
    }
}
