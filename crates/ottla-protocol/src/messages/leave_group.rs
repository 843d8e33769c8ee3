// Generated from schema/leave_group.txt by `cargo xtask codegen`: change that file and run it again.
//! `LeaveGroup` (API key 13): members leave a classic group.
//!
//! v3 names several members, and static ones (KIP-345); v4 is the first flexible version; v5 adds
//! reasons (KIP-800).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Members to take out of their group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeaveGroupRequest {
    /// Id of the group.
    pub group_id: Str,
    /// Id of the member in its group. Until v2.
    pub member_id: Str,
    /// The members that leave. v3+.
    pub members: Vec<MemberIdentity>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for LeaveGroupRequest {
    const API_KEY: ApiKey = ApiKey::LeaveGroup;
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for LeaveGroupRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl LeaveGroupRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            group_id: r.string("group_id"),
            member_id: match r.version {
                ..=2 => r.string("member_id"),
                _ => Str::EMPTY,
            },
            members: match r.version {
                3.. => r.array("members", MemberIdentity::read),
                _ => Vec::new(),
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        if s.version <= 2 {
            s.string("member_id", &self.member_id);
        } else if !self.member_id.is_empty() {
            s.not_in_version("member_id");
        }
        if s.version >= 3 {
            s.array("members", &self.members, MemberIdentity::write);
        } else if !self.members.is_empty() {
            s.not_in_version("members");
        }
        s.tags(&self.unknown_tags);
    }
}

impl Request for LeaveGroupRequest {
    type Response = LeaveGroupResponse;
}

setters! {
    LeaveGroupRequest {
        with_group_id(group_id: impl Into<Str>);
        with_member_id(member_id: impl Into<Str>);
        with_members(members: Vec<MemberIdentity>);
    }
}

/// One member that leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemberIdentity {
    /// Id of the member; may be empty for a static one.
    pub member_id: Str,
    /// Name of a static member, which stays the same when the member starts anew; null for a dynamic one
    /// (KIP-345).
    pub group_instance_id: Option<Str>,
    /// Why the member leaves, for logs. v5+.
    pub reason: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl MemberIdentity {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            member_id: r.string("member_id"),
            group_instance_id: r.nullable_string("group_instance_id"),
            reason: match r.version {
                5.. => r.nullable_string("reason"),
                _ => None,
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("member_id", &self.member_id);
        s.nullable_string("group_instance_id", self.group_instance_id.as_ref());
        if s.version >= 5 {
            s.nullable_string("reason", self.reason.as_ref());
        }
        s.tags(&self.unknown_tags);
    }
}

setters! {
    MemberIdentity {
        with_member_id(member_id: impl Into<Str>);
        with_group_instance_id(group_instance_id: Option<Str>);
        with_reason(reason: Option<Str>);
    }
}

/// What became of each of them; before v3 of the one, in the code of the response itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeaveGroupResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not. v1+.
    pub throttle_time_ms: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// The members of the request. v3+.
    pub members: Vec<MemberResponse>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for LeaveGroupResponse {
    const API_KEY: ApiKey = ApiKey::LeaveGroup;
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for LeaveGroupResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl LeaveGroupResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: match r.version {
                1.. => r.i32("throttle_time_ms"),
                _ => 0,
            },
            error_code: r.error_code("error_code"),
            members: match r.version {
                3.. => r.array("members", MemberResponse::read),
                _ => Vec::new(),
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        if s.version >= 1 {
            s.i32(self.throttle_time_ms);
        }
        s.error_code(self.error_code);
        if s.version >= 3 {
            s.array("members", &self.members, MemberResponse::write);
        } else if !self.members.is_empty() {
            s.not_in_version("members");
        }
        s.tags(&self.unknown_tags);
    }
}

setters! {
    LeaveGroupResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
        with_members(members: Vec<MemberResponse>);
    }
}

/// What became of one member.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemberResponse {
    /// Id of the member in its group.
    pub member_id: Str,
    /// Name of a static member, which stays the same when the member starts anew; null for a dynamic one
    /// (KIP-345).
    pub group_instance_id: Option<Str>,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for MemberResponse {
    fn default() -> Self {
        Self {
            member_id: Str::EMPTY,
            group_instance_id: Some(Str::EMPTY),
            error_code: ErrorCode::NONE,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl MemberResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            member_id: r.string("member_id"),
            group_instance_id: r.nullable_string("group_instance_id"),
            error_code: r.error_code("error_code"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("member_id", &self.member_id);
        s.nullable_string("group_instance_id", self.group_instance_id.as_ref());
        s.error_code(self.error_code);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    MemberResponse {
        with_member_id(member_id: impl Into<Str>);
        with_group_instance_id(group_instance_id: Option<Str>);
        with_error_code(error_code: ErrorCode);
    }
}
