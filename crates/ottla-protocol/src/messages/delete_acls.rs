// Generated from schema/delete_acls.txt by `cargo xtask codegen`: change that file and run it again.
//! `DeleteAcls` (API key 31): removes the access rules that match filters (KIP-140).
//!
//! v1 is the oldest version left, with patterns (KIP-290); v2 is the first flexible version; v3 knows
//! rules for users (KIP-373).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Filters of the rules to remove.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteAclsRequest {
    /// The filters.
    pub filters: Vec<DeleteAclsFilter>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for DeleteAclsRequest {
    const API_KEY: ApiKey = ApiKey::DeleteAcls;
    const VERSIONS: RangeInclusive<i16> = 1..=3;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for DeleteAclsRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DeleteAclsRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { filters: r.array("filters", DeleteAclsFilter::read), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("filters", &self.filters, DeleteAclsFilter::write);
        s.tags(&self.unknown_tags);
    }
}

impl Request for DeleteAclsRequest {
    type Response = DeleteAclsResponse;
}

setters! {
    DeleteAclsRequest {
        with_filters(filters: Vec<DeleteAclsFilter>);
    }
}

/// One filter.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteAclsFilter {
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

impl Default for DeleteAclsFilter {
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

impl DeleteAclsFilter {
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

setters! {
    DeleteAclsFilter {
        with_resource_type_filter(resource_type_filter: i8);
        with_resource_name_filter(resource_name_filter: Option<Str>);
        with_pattern_type_filter(pattern_type_filter: i8);
        with_principal_filter(principal_filter: Option<Str>);
        with_host_filter(host_filter: Option<Str>);
        with_operation(operation: i8);
        with_permission_type(permission_type: i8);
    }
}

/// What was removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteAclsResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// The filters of the request, in its order.
    pub filter_results: Vec<DeleteAclsFilterResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for DeleteAclsResponse {
    const API_KEY: ApiKey = ApiKey::DeleteAcls;
    const VERSIONS: RangeInclusive<i16> = 1..=3;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for DeleteAclsResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DeleteAclsResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            filter_results: r.array("filter_results", DeleteAclsFilterResult::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.array("filter_results", &self.filter_results, DeleteAclsFilterResult::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DeleteAclsResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_filter_results(filter_results: Vec<DeleteAclsFilterResult>);
    }
}

/// What one filter removed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteAclsFilterResult {
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// The rules that matched.
    pub matching_acls: Vec<DeleteAclsMatchingAcl>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for DeleteAclsFilterResult {
    fn default() -> Self {
        Self {
            error_code: ErrorCode::NONE,
            error_message: Some(Str::EMPTY),
            matching_acls: Vec::new(),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl DeleteAclsFilterResult {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            matching_acls: r.array("matching_acls", DeleteAclsMatchingAcl::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.array("matching_acls", &self.matching_acls, DeleteAclsMatchingAcl::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DeleteAclsFilterResult {
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_matching_acls(matching_acls: Vec<DeleteAclsMatchingAcl>);
    }
}

/// A rule that matched.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteAclsMatchingAcl {
    /// Why the rule was not removed; `NONE` if it was.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// Kind of the resource: 2 a topic, 3 a group, 4 the cluster, 5 a transactional id, 6 a delegation
    /// token, 7 a user.
    pub resource_type: i8,
    /// Name of the resource; `*` for all of the kind.
    pub resource_name: Str,
    /// Whether the rule holds for this name alone (3, the default) or for all names that begin with it (4).
    /// Default `3`.
    pub pattern_type: i8,
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

impl Default for DeleteAclsMatchingAcl {
    fn default() -> Self {
        Self {
            error_code: ErrorCode::NONE,
            error_message: Some(Str::EMPTY),
            resource_type: 0,
            resource_name: Str::EMPTY,
            pattern_type: 3,
            principal: Str::EMPTY,
            host: Str::EMPTY,
            operation: 0,
            permission_type: 0,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl DeleteAclsMatchingAcl {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            resource_type: r.i8("resource_type"),
            resource_name: r.string("resource_name"),
            pattern_type: r.i8("pattern_type"),
            principal: r.string("principal"),
            host: r.string("host"),
            operation: r.i8("operation"),
            permission_type: r.i8("permission_type"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.i8(self.resource_type);
        s.string("resource_name", &self.resource_name);
        s.i8(self.pattern_type);
        s.string("principal", &self.principal);
        s.string("host", &self.host);
        s.i8(self.operation);
        s.i8(self.permission_type);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DeleteAclsMatchingAcl {
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_resource_type(resource_type: i8);
        with_resource_name(resource_name: impl Into<Str>);
        with_pattern_type(pattern_type: i8);
        with_principal(principal: impl Into<Str>);
        with_host(host: impl Into<Str>);
        with_operation(operation: i8);
        with_permission_type(permission_type: i8);
    }
}
