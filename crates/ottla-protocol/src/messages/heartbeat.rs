// Generated from schema/heartbeat.txt by `cargo xtask codegen`: change that file and run it again.
//! `Heartbeat` (API key 12): a member tells its coordinator that it is alive.
//!
//! v3 adds static members (KIP-345); v4 is the first flexible version.

use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Asks the coordinator to keep one member in its group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeartbeatRequest {
    /// Id of the group.
    pub group_id: Str,
    /// Generation that the member last joined; an older one is answered `ILLEGAL_GENERATION`.
    pub generation_id: i32,
    /// Id of the member in its group.
    pub member_id: Str,
    /// Name of a static member, which stays the same when the member starts anew; null for a dynamic one
    /// (KIP-345). v3+.
    pub group_instance_id: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for HeartbeatRequest {
    const API_KEY: ApiKey = ApiKey::Heartbeat;
    const VERSIONS: RangeInclusive<i16> = 0..=4;
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for HeartbeatRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl HeartbeatRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            group_id: r.string("group_id"),
            generation_id: r.i32("generation_id"),
            member_id: r.string("member_id"),
            group_instance_id: match r.version {
                3.. => r.nullable_string("group_instance_id"),
                _ => None,
            },
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
        s.tags(&self.unknown_tags);
    }
}

impl Request for HeartbeatRequest {
    type Response = HeartbeatResponse;
}

setters! {
    HeartbeatRequest {
        with_group_id(group_id: impl Into<Str>);
        with_generation_id(generation_id: i32);
        with_member_id(member_id: impl Into<Str>);
        with_group_instance_id(group_instance_id: Option<Str>);
    }
}

/// Whether the member is still in; `REBALANCE_IN_PROGRESS` tells it to join again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeartbeatResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not. v1+.
    pub throttle_time_ms: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for HeartbeatResponse {
    const API_KEY: ApiKey = ApiKey::Heartbeat;
    const VERSIONS: RangeInclusive<i16> = 0..=4;
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for HeartbeatResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl HeartbeatResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: match r.version {
                1.. => r.i32("throttle_time_ms"),
                _ => 0,
            },
            error_code: r.error_code("error_code"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        if s.version >= 1 {
            s.i32(self.throttle_time_ms);
        }
        s.error_code(self.error_code);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    HeartbeatResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
    }
}
