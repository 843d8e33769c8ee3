// Generated from schema/describe_acls.txt by `cargo xtask codegen`: change that file and run it again.
//! `DescribeAcls` (API key 29): the access rules that match a filter (KIP-140).
//!
//! v1 is the oldest version left, with patterns (KIP-290); v2 is the first flexible version; v3 knows
//! rules for users (KIP-373).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Asks for the rules that match.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeAclsRequest {
    /// Only rules for this kind of resource, numbered as in the answer; 1 for any.
    pub resource_type_filter: i8,
    /// Only rules for resources of this name; null for any.
    pub resource_name_filter: Option<Str>,
    /// Only rules with patterns of this type; 1 for any, 2 for all that hold for the name. Default `3`.
    pub pattern_type_filter: i8,
    /// Only rules about this principal; null for any.
    pub principal_filter: Option<Str>,
    /// Only rules about clients from this address; null for any.
    pub host_filter: Option<Str>,
    /// What may be done: 2 all, 3 read, 4 write, 5 create, 6 delete, 7 alter, 8 describe, 9 act on the
    /// cluster, 10 describe and 11 alter configuration, 12 write idempotently, 13 create and 14 describe
    /// tokens, 15 commit in two phases. In a filter 1 matches any.
    pub operation: i8,
    /// Whether it is denied (2) or allowed (3). In a filter 1 matches either.
    pub permission_type: i8,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for DescribeAclsRequest {
    fn default() -> Self {
        Self {
            resource_type_filter: 0,
            resource_name_filter: Some(Str::EMPTY),
            pattern_type_filter: 3,
            principal_filter: Some(Str::EMPTY),
            host_filter: Some(Str::EMPTY),
            operation: 0,
            permission_type: 0,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for DescribeAclsRequest {
    const API_KEY: ApiKey = ApiKey::DescribeAcls;
    const VERSIONS: RangeInclusive<i16> = 1..=3;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for DescribeAclsRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DescribeAclsRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            resource_type_filter: r.i8("resource_type_filter"),
            resource_name_filter: r.nullable_string("resource_name_filter"),
            pattern_type_filter: r.i8("pattern_type_filter"),
            principal_filter: r.nullable_string("principal_filter"),
            host_filter: r.nullable_string("host_filter"),
            operation: r.i8("operation"),
            permission_type: r.i8("permission_type"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i8(self.resource_type_filter);
        s.nullable_string("resource_name_filter", self.resource_name_filter.as_ref());
        s.i8(self.pattern_type_filter);
        s.nullable_string("principal_filter", self.principal_filter.as_ref());
        s.nullable_string("host_filter", self.host_filter.as_ref());
        s.i8(self.operation);
        s.i8(self.permission_type);
        s.tags(&self.unknown_tags);
    }
}

impl Request for DescribeAclsRequest {
    type Response = DescribeAclsResponse;
}

setters! {
    DescribeAclsRequest {
        with_resource_type_filter(resource_type_filter: i8);
        with_resource_name_filter(resource_name_filter: Option<Str>);
        with_pattern_type_filter(pattern_type_filter: i8);
        with_principal_filter(principal_filter: Option<Str>);
        with_host_filter(host_filter: Option<Str>);
        with_operation(operation: i8);
        with_permission_type(permission_type: i8);
    }
}

/// The rules that match.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeAclsResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// The resources that have such rules.
    pub resources: Vec<DescribeAclsResource>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for DescribeAclsResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: ErrorCode::NONE,
            error_message: Some(Str::EMPTY),
            resources: Vec::new(),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for DescribeAclsResponse {
    const API_KEY: ApiKey = ApiKey::DescribeAcls;
    const VERSIONS: RangeInclusive<i16> = 1..=3;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for DescribeAclsResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DescribeAclsResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            resources: r.array("resources", DescribeAclsResource::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.array("resources", &self.resources, DescribeAclsResource::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeAclsResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_resources(resources: Vec<DescribeAclsResource>);
    }
}

/// Rules for one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeAclsResource {
    /// Kind of the resource: 2 a topic, 3 a group, 4 the cluster, 5 a transactional id, 6 a delegation
    /// token, 7 a user.
    pub resource_type: i8,
    /// Name of the resource; `*` for all of the kind.
    pub resource_name: Str,
    /// Whether the rule holds for this name alone (3, the default) or for all names that begin with it (4).
    /// Default `3`.
    pub pattern_type: i8,
    /// The rules.
    pub acls: Vec<AclDescription>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for DescribeAclsResource {
    fn default() -> Self {
        Self {
            resource_type: 0,
            resource_name: Str::EMPTY,
            pattern_type: 3,
            acls: Vec::new(),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl DescribeAclsResource {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            resource_type: r.i8("resource_type"),
            resource_name: r.string("resource_name"),
            pattern_type: r.i8("pattern_type"),
            acls: r.array("acls", AclDescription::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i8(self.resource_type);
        s.string("resource_name", &self.resource_name);
        s.i8(self.pattern_type);
        s.array("acls", &self.acls, AclDescription::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeAclsResource {
        with_resource_type(resource_type: i8);
        with_resource_name(resource_name: impl Into<Str>);
        with_pattern_type(pattern_type: i8);
        with_acls(acls: Vec<AclDescription>);
    }
}

/// One rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AclDescription {
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

impl AclDescription {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            principal: r.string("principal"),
            host: r.string("host"),
            operation: r.i8("operation"),
            permission_type: r.i8("permission_type"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("principal", &self.principal);
        s.string("host", &self.host);
        s.i8(self.operation);
        s.i8(self.permission_type);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AclDescription {
        with_principal(principal: impl Into<Str>);
        with_host(host: impl Into<Str>);
        with_operation(operation: i8);
        with_permission_type(permission_type: i8);
    }
}
