// Generated from schema/create_acls.txt by `cargo xtask codegen`: change that file and run it again.
//! `CreateAcls` (API key 30): adds access rules (KIP-140).
//!
//! v1 is the oldest version left, with patterns (KIP-290); v2 is the first flexible version; v3 knows
//! rules for users (KIP-373).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Rules to add.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateAclsRequest {
    /// The rules.
    pub creations: Vec<AclCreation>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for CreateAclsRequest {
    const API_KEY: ApiKey = ApiKey::CreateAcls;
    const VERSIONS: RangeInclusive<i16> = 1..=3;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for CreateAclsRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl CreateAclsRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { creations: r.array("creations", AclCreation::read), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("creations", &self.creations, AclCreation::write);
        s.tags(&self.unknown_tags);
    }
}

impl Request for CreateAclsRequest {
    type Response = CreateAclsResponse;
}

setters! {
    CreateAclsRequest {
        with_creations(creations: Vec<AclCreation>);
    }
}

/// One rule to add.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AclCreation {
    /// Kind of the resource: 2 a topic, 3 a group, 4 the cluster, 5 a transactional id, 6 a delegation
    /// token, 7 a user.
    pub resource_type: i8,
    /// Name of the resource; `*` for all of the kind.
    pub resource_name: Str,
    /// Whether the rule holds for this name alone (3, the default) or for all names that begin with it (4).
    /// Default `3`.
    pub resource_pattern_type: i8,
    /// Whom the rule is about, such as `User:alice`.
    pub principal: Str,
    /// Address of the clients that it is about; `*` for all.
    pub host: Str,
    /// What may be done: 2 all, 3 read, 4 write, 5 create, 6 delete, 7 alter, 8 describe, 9 act on the
    /// cluster, 10 describe and 11 alter configuration, 12 write idempotently, 13 create and 14 describe
    /// tokens, 15 commit in two phases. In a filter 1 matches any.
    pub operation: i8,
    /// Whether it is denied (2) or allowed (3). In a filter 1 matches either.
    pub permission_type: i8,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for AclCreation {
    fn default() -> Self {
        Self {
            resource_type: 0,
            resource_name: Str::EMPTY,
            resource_pattern_type: 3,
            principal: Str::EMPTY,
            host: Str::EMPTY,
            operation: 0,
            permission_type: 0,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl AclCreation {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            resource_type: r.i8("resource_type"),
            resource_name: r.string("resource_name"),
            resource_pattern_type: r.i8("resource_pattern_type"),
            principal: r.string("principal"),
            host: r.string("host"),
            operation: r.i8("operation"),
            permission_type: r.i8("permission_type"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i8(self.resource_type);
        s.string("resource_name", &self.resource_name);
        s.i8(self.resource_pattern_type);
        s.string("principal", &self.principal);
        s.string("host", &self.host);
        s.i8(self.operation);
        s.i8(self.permission_type);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AclCreation {
        with_resource_type(resource_type: i8);
        with_resource_name(resource_name: impl Into<Str>);
        with_resource_pattern_type(resource_pattern_type: i8);
        with_principal(principal: impl Into<Str>);
        with_host(host: impl Into<Str>);
        with_operation(operation: i8);
        with_permission_type(permission_type: i8);
    }
}

/// What became of each rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateAclsResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// The rules of the request, in its order.
    pub results: Vec<AclCreationResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for CreateAclsResponse {
    const API_KEY: ApiKey = ApiKey::CreateAcls;
    const VERSIONS: RangeInclusive<i16> = 1..=3;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for CreateAclsResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl CreateAclsResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            results: r.array("results", AclCreationResult::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.array("results", &self.results, AclCreationResult::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    CreateAclsResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_results(results: Vec<AclCreationResult>);
    }
}

/// What became of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AclCreationResult {
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for AclCreationResult {
    fn default() -> Self {
        Self {
            error_code: ErrorCode::NONE,
            error_message: Some(Str::EMPTY),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl AclCreationResult {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AclCreationResult {
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
    }
}
