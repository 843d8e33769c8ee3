// Generated from schema/sync_group.txt by `cargo xtask codegen`: change that file and run it again.
//! `SyncGroup` (API key 14): the leader hands out the assignment of a new generation, and each member
//! takes its own.
//!
//! v3 adds static members (KIP-345); v4 is the first flexible version; v5 says protocol type and name
//! on both sides (KIP-559).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Asks for the assignment of one member; the leader brings those of all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyncGroupRequest {
    /// Id of the group.
    pub group_id: Str,
    /// Generation that the member joined.
    pub generation_id: i32,
    /// Id of the member in its group.
    pub member_id: Str,
    /// Name of a static member, which stays the same when the member starts anew; null for a dynamic one
    /// (KIP-345). v3+.
    pub group_instance_id: Option<Str>,
    /// What the group is for: `consumer` of consumers, `connect` of Kafka Connect. v5+.
    pub protocol_type: Option<Str>,
    /// The protocol that the group chose, such as an assignor. v5+.
    pub protocol_name: Option<Str>,
    /// What each member is assigned; empty unless the leader asks.
    pub assignments: Vec<SyncGroupRequestAssignment>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for SyncGroupRequest {
    const API_KEY: ApiKey = ApiKey::SyncGroup;
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for SyncGroupRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl SyncGroupRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            group_id: r.string("group_id"),
            generation_id: r.i32("generation_id"),
            member_id: r.string("member_id"),
            group_instance_id: match r.version {
                3.. => r.nullable_string("group_instance_id"),
                _ => None,
            },
            protocol_type: match r.version {
                5.. => r.nullable_string("protocol_type"),
                _ => None,
            },
            protocol_name: match r.version {
                5.. => r.nullable_string("protocol_name"),
                _ => None,
            },
            assignments: r.array("assignments", SyncGroupRequestAssignment::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        s.i32(self.generation_id);
        s.string("member_id", &self.member_id);
        if s.version >= 3 {
            s.nullable_string("group_instance_id", self.group_instance_id.as_ref());
        } else if self.group_instance_id.is_some() {
            s.not_in_version("group_instance_id");
        }
        if s.version >= 5 {
            s.nullable_string("protocol_type", self.protocol_type.as_ref());
        }
        if s.version >= 5 {
            s.nullable_string("protocol_name", self.protocol_name.as_ref());
        }
        s.array("assignments", &self.assignments, SyncGroupRequestAssignment::write);
        s.tags(&self.unknown_tags);
    }
}

impl Request for SyncGroupRequest {
    type Response = SyncGroupResponse;
}

setters! {
    SyncGroupRequest {
        with_group_id(group_id: impl Into<Str>);
        with_generation_id(generation_id: i32);
        with_member_id(member_id: impl Into<Str>);
        with_group_instance_id(group_instance_id: Option<Str>);
        with_protocol_type(protocol_type: Option<Str>);
        with_protocol_name(protocol_name: Option<Str>);
        with_assignments(assignments: Vec<SyncGroupRequestAssignment>);
    }
}

/// What one member is assigned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyncGroupRequestAssignment {
    /// Id of the member in its group.
    pub member_id: Str,
    /// The assignment, in the form of the protocol.
    pub assignment: Bytes,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl SyncGroupRequestAssignment {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { member_id: r.string("member_id"), assignment: r.bytes("assignment"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("member_id", &self.member_id);
        s.bytes("assignment", &self.assignment);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    SyncGroupRequestAssignment {
        with_member_id(member_id: impl Into<Str>);
        with_assignment(assignment: impl Into<Bytes>);
    }
}

/// What the member is assigned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyncGroupResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not. v1+.
    pub throttle_time_ms: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What the group is for: `consumer` of consumers, `connect` of Kafka Connect. v5+.
    pub protocol_type: Option<Str>,
    /// The protocol that the group chose, such as an assignor. v5+.
    pub protocol_name: Option<Str>,
    /// The assignment, in the form of the protocol; empty if the leader gave the member none.
    pub assignment: Bytes,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for SyncGroupResponse {
    const API_KEY: ApiKey = ApiKey::SyncGroup;
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for SyncGroupResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl SyncGroupResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: match r.version {
                1.. => r.i32("throttle_time_ms"),
                _ => 0,
            },
            error_code: r.error_code("error_code"),
            protocol_type: match r.version {
                5.. => r.nullable_string("protocol_type"),
                _ => None,
            },
            protocol_name: match r.version {
                5.. => r.nullable_string("protocol_name"),
                _ => None,
            },
            assignment: r.bytes("assignment"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        if s.version >= 1 {
            s.i32(self.throttle_time_ms);
        }
        s.error_code(self.error_code);
        if s.version >= 5 {
            s.nullable_string("protocol_type", self.protocol_type.as_ref());
        }
        if s.version >= 5 {
            s.nullable_string("protocol_name", self.protocol_name.as_ref());
        }
        s.bytes("assignment", &self.assignment);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    SyncGroupResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
        with_protocol_type(protocol_type: Option<Str>);
        with_protocol_name(protocol_name: Option<Str>);
        with_assignment(assignment: impl Into<Bytes>);
    }
}
