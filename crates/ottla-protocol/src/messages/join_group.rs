// Generated from schema/join_group.txt by `cargo xtask codegen`: change that file and run it again.
//! `JoinGroup` (API key 11): a member joins a classic group, and waits for the others.
//!
//! v1 adds the rebalance timeout; v4 refuses a new member once, to give it its id (KIP-394); v5 adds
//! static members (KIP-345); v6 is the first flexible version; v7 answers with the protocol type
//! (KIP-559); v8 adds reasons (KIP-800); v9 lets a leader that comes back keep the assignment
//! (KIP-814).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Asks to be a member of the next generation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JoinGroupRequest {
    /// Id of the group.
    pub group_id: Str,
    /// After how long without a heartbeat the member counts as dead, in milliseconds.
    pub session_timeout_ms: i32,
    /// How long the others wait for this member to join again in a rebalance, in milliseconds; -1, as from
    /// v0, for the session timeout. v1+. Default `-1`.
    pub rebalance_timeout_ms: i32,
    /// Id that the coordinator gave the member; empty from a new one.
    pub member_id: Str,
    /// Name of a static member, which stays the same when the member starts anew; null for a dynamic one
    /// (KIP-345). v5+.
    pub group_instance_id: Option<Str>,
    /// What the group is for: `consumer` of consumers, `connect` of Kafka Connect.
    pub protocol_type: Str,
    /// The protocols that the member can follow, the one that it likes best first.
    pub protocols: Vec<JoinGroupRequestProtocol>,
    /// Why the member joins, for logs. v8+.
    pub reason: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for JoinGroupRequest {
    fn default() -> Self {
        Self {
            group_id: Str::EMPTY,
            session_timeout_ms: 0,
            rebalance_timeout_ms: -1,
            member_id: Str::EMPTY,
            group_instance_id: None,
            protocol_type: Str::EMPTY,
            protocols: Vec::new(),
            reason: None,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for JoinGroupRequest {
    const API_KEY: ApiKey = ApiKey::JoinGroup;
    const VERSIONS: RangeInclusive<i16> = 0..=9;
    const FLEXIBLE_FROM: Option<i16> = Some(6);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for JoinGroupRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl JoinGroupRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            group_id: r.string("group_id"),
            session_timeout_ms: r.i32("session_timeout_ms"),
            rebalance_timeout_ms: match r.version {
                1.. => r.i32("rebalance_timeout_ms"),
                _ => -1,
            },
            member_id: r.string("member_id"),
            group_instance_id: match r.version {
                5.. => r.nullable_string("group_instance_id"),
                _ => None,
            },
            protocol_type: r.string("protocol_type"),
            protocols: r.array("protocols", JoinGroupRequestProtocol::read),
            reason: match r.version {
                8.. => r.nullable_string("reason"),
                _ => None,
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        s.i32(self.session_timeout_ms);
        if s.version >= 1 {
            s.i32(self.rebalance_timeout_ms);
        }
        s.string("member_id", &self.member_id);
        if s.version >= 5 {
            s.nullable_string("group_instance_id", self.group_instance_id.as_ref());
        } else if self.group_instance_id.is_some() {
            s.not_in_version("group_instance_id");
        }
        s.string("protocol_type", &self.protocol_type);
        s.array("protocols", &self.protocols, JoinGroupRequestProtocol::write);
        if s.version >= 8 {
            s.nullable_string("reason", self.reason.as_ref());
        }
        s.tags(&self.unknown_tags);
    }
}

impl Request for JoinGroupRequest {
    type Response = JoinGroupResponse;
}

setters! {
    JoinGroupRequest {
        with_group_id(group_id: impl Into<Str>);
        with_session_timeout_ms(session_timeout_ms: i32);
        with_rebalance_timeout_ms(rebalance_timeout_ms: i32);
        with_member_id(member_id: impl Into<Str>);
        with_group_instance_id(group_instance_id: Option<Str>);
        with_protocol_type(protocol_type: impl Into<Str>);
        with_protocols(protocols: Vec<JoinGroupRequestProtocol>);
        with_reason(reason: Option<Str>);
    }
}

/// One protocol, and what the member says in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct JoinGroupRequestProtocol {
    /// Name of the protocol, such as an assignor.
    pub name: Str,
    /// What the member tells the leader, in the form of the protocol: a consumer's subscription.
    pub metadata: Bytes,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl JoinGroupRequestProtocol {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { name: r.string("name"), metadata: r.bytes("metadata"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.bytes("metadata", &self.metadata);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    JoinGroupRequestProtocol {
        with_name(name: impl Into<Str>);
        with_metadata(metadata: impl Into<Bytes>);
    }
}

/// The new generation; its leader learns the members.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JoinGroupResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not. v2+.
    pub throttle_time_ms: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Generation that the member is part of; -1 if it is in none. Default `-1`.
    pub generation_id: i32,
    /// What the group is for: `consumer` of consumers, `connect` of Kafka Connect. v7+.
    pub protocol_type: Option<Str>,
    /// The protocol that the coordinator chose, one that all members can follow; null or empty if it chose
    /// none. Null from v7 on.
    pub protocol_name: Option<Str>,
    /// Member id of the leader, who assigns the partitions.
    pub leader: Str,
    /// Whether the leader leaves the assignment as it is, and only reads the members (KIP-814). v9+.
    pub skip_assignment: bool,
    /// Id of the member that asked, newly given to one that had none.
    pub member_id: Str,
    /// All members; empty unless the leader is answered.
    pub members: Vec<JoinGroupResponseMember>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for JoinGroupResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: ErrorCode::NONE,
            generation_id: -1,
            protocol_type: None,
            protocol_name: Some(Str::EMPTY),
            leader: Str::EMPTY,
            skip_assignment: false,
            member_id: Str::EMPTY,
            members: Vec::new(),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for JoinGroupResponse {
    const API_KEY: ApiKey = ApiKey::JoinGroup;
    const VERSIONS: RangeInclusive<i16> = 0..=9;
    const FLEXIBLE_FROM: Option<i16> = Some(6);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for JoinGroupResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl JoinGroupResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: match r.version {
                2.. => r.i32("throttle_time_ms"),
                _ => 0,
            },
            error_code: r.error_code("error_code"),
            generation_id: r.i32("generation_id"),
            protocol_type: match r.version {
                7.. => r.nullable_string("protocol_type"),
                _ => None,
            },
            protocol_name: match r.version {
                7.. => r.nullable_string("protocol_name"),
                _ => Some(r.string("protocol_name")),
            },
            leader: r.string("leader"),
            skip_assignment: match r.version {
                9.. => r.bool("skip_assignment"),
                _ => false,
            },
            member_id: r.string("member_id"),
            members: r.array("members", JoinGroupResponseMember::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        if s.version >= 2 {
            s.i32(self.throttle_time_ms);
        }
        s.error_code(self.error_code);
        s.i32(self.generation_id);
        if s.version >= 7 {
            s.nullable_string("protocol_type", self.protocol_type.as_ref());
        }
        if s.version >= 7 {
            s.nullable_string("protocol_name", self.protocol_name.as_ref());
        } else {
            s.required("protocol_name", self.protocol_name.as_ref(), LeanSink::string);
        }
        s.string("leader", &self.leader);
        if s.version >= 9 {
            s.bool(self.skip_assignment);
        } else if self.skip_assignment {
            s.not_in_version("skip_assignment");
        }
        s.string("member_id", &self.member_id);
        s.array("members", &self.members, JoinGroupResponseMember::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    JoinGroupResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
        with_generation_id(generation_id: i32);
        with_protocol_type(protocol_type: Option<Str>);
        with_protocol_name(protocol_name: Option<Str>);
        with_leader(leader: impl Into<Str>);
        with_skip_assignment(skip_assignment: bool);
        with_member_id(member_id: impl Into<Str>);
        with_members(members: Vec<JoinGroupResponseMember>);
    }
}

/// One member, as the leader sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct JoinGroupResponseMember {
    /// Id of the member in its group.
    pub member_id: Str,
    /// Name of a static member, which stays the same when the member starts anew; null for a dynamic one
    /// (KIP-345). v5+.
    pub group_instance_id: Option<Str>,
    /// What the member said in the chosen protocol.
    pub metadata: Bytes,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl JoinGroupResponseMember {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            member_id: r.string("member_id"),
            group_instance_id: match r.version {
                5.. => r.nullable_string("group_instance_id"),
                _ => None,
            },
            metadata: r.bytes("metadata"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("member_id", &self.member_id);
        if s.version >= 5 {
            s.nullable_string("group_instance_id", self.group_instance_id.as_ref());
        }
        s.bytes("metadata", &self.metadata);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    JoinGroupResponseMember {
        with_member_id(member_id: impl Into<Str>);
        with_group_instance_id(group_instance_id: Option<Str>);
        with_metadata(metadata: impl Into<Bytes>);
    }
}
