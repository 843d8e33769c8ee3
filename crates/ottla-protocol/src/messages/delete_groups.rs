// Generated from schema/delete_groups.txt by `cargo xtask codegen`: change that file and run it again.
//! `DeleteGroups` (API key 42): removes groups that have no members, with their offsets.
//!
//! v2 is the first flexible version.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Groups to delete.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteGroupsRequest {
    /// Ids of the groups.
    pub groups_names: Vec<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for DeleteGroupsRequest {
    const API_KEY: ApiKey = ApiKey::DeleteGroups;
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for DeleteGroupsRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DeleteGroupsRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { groups_names: r.array("groups_names", |r| r.string("groups_names")), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("groups_names", &self.groups_names, |value, s| s.string("groups_names", value));
        s.tags(&self.unknown_tags);
    }
}

impl Request for DeleteGroupsRequest {
    type Response = DeleteGroupsResponse;
}

setters! {
    DeleteGroupsRequest {
        with_groups_names(groups_names: Vec<Str>);
    }
}

/// What became of each group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteGroupsResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// The groups of the request.
    pub results: Vec<DeletableGroupResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for DeleteGroupsResponse {
    const API_KEY: ApiKey = ApiKey::DeleteGroups;
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for DeleteGroupsResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DeleteGroupsResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            results: r.array("results", DeletableGroupResult::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.array("results", &self.results, DeletableGroupResult::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DeleteGroupsResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_results(results: Vec<DeletableGroupResult>);
    }
}

/// What became of one group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeletableGroupResult {
    /// Id of the group.
    pub group_id: Str,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl DeletableGroupResult {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            group_id: r.string("group_id"),
            error_code: r.error_code("error_code"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        s.error_code(self.error_code);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DeletableGroupResult {
        with_group_id(group_id: impl Into<Str>);
        with_error_code(error_code: ErrorCode);
    }
}
