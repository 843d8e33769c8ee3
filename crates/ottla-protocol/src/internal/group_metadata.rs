// Generated from schema/data/group_metadata.txt by `cargo xtask codegen`: change that file and run it again.
//! `GroupMetadata` (record type 2 of the group coordinator): a classic group, as its coordinator last
//! knew it.
//!
//! Written when a generation gets its assignment and when the group becomes empty; deleted with the
//! group. v1 adds rebalance timeouts; v2 says when the state changed; v3 adds static members (KIP-345);
//! v4 is the first flexible version (KIP-915).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::message::{Data, Encode, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Which group it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GroupMetadataKey {
    /// Id of the group.
    pub group: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl GroupMetadataKey {
    /// Type of the record, which stands where other structures have their version.
    pub const RECORD_TYPE: i16 = 2;
}

impl Data for GroupMetadataKey {
    const NAME: &'static str = "GroupMetadataKey";
    const VERSIONS: RangeInclusive<i16> = 2..=2;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for GroupMetadataKey {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl GroupMetadataKey {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { group: r.string("group"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group", &self.group);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    GroupMetadataKey {
        with_group(group: impl Into<Str>);
    }
}

/// The group, with the members of its generation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GroupMetadataValue {
    /// What the group is for, such as `consumer`; empty if it is not known.
    pub protocol_type: Str,
    /// Number of the generation.
    pub generation: i32,
    /// The protocol that the group chose, such as an assignor; null if it chose none.
    pub protocol: Option<Str>,
    /// Member id of the leader; null if there is none.
    pub leader: Option<Str>,
    /// When the group came into its state, in Unix milliseconds; -1 if it is not known. v2+. Default `-1`.
    pub current_state_timestamp: i64,
    /// The members; none where the group is empty.
    pub members: Vec<MemberMetadata>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for GroupMetadataValue {
    fn default() -> Self {
        Self {
            protocol_type: Str::EMPTY,
            generation: 0,
            protocol: Some(Str::EMPTY),
            leader: Some(Str::EMPTY),
            current_state_timestamp: -1,
            members: Vec::new(),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Data for GroupMetadataValue {
    const NAME: &'static str = "GroupMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=4;
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for GroupMetadataValue {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl GroupMetadataValue {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            protocol_type: r.string("protocol_type"),
            generation: r.i32("generation"),
            protocol: r.nullable_string("protocol"),
            leader: r.nullable_string("leader"),
            current_state_timestamp: match r.version {
                2.. => r.i64("current_state_timestamp"),
                _ => -1,
            },
            members: r.array("members", MemberMetadata::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("protocol_type", &self.protocol_type);
        s.i32(self.generation);
        s.nullable_string("protocol", self.protocol.as_ref());
        s.nullable_string("leader", self.leader.as_ref());
        if s.version >= 2 {
            s.i64(self.current_state_timestamp);
        }
        s.array("members", &self.members, MemberMetadata::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    GroupMetadataValue {
        with_protocol_type(protocol_type: impl Into<Str>);
        with_generation(generation: i32);
        with_protocol(protocol: Option<Str>);
        with_leader(leader: Option<Str>);
        with_current_state_timestamp(current_state_timestamp: i64);
        with_members(members: Vec<MemberMetadata>);
    }
}

/// One member.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemberMetadata {
    /// Id of the member in its group.
    pub member_id: Str,
    /// Name of a static member, which stays the same when the member starts anew; null for a dynamic one
    /// (KIP-345). v3+.
    pub group_instance_id: Option<Str>,
    /// Name that the client gave itself when it joined.
    pub client_id: Str,
    /// Address from which the client is connected.
    pub client_host: Str,
    /// How long the others wait for this member to join again, in milliseconds; -1 if it is not known. v1+.
    /// Default `-1`.
    pub rebalance_timeout: i32,
    /// After how long without a heartbeat the member counts as dead, in milliseconds.
    pub session_timeout: i32,
    /// What the member said in the chosen protocol.
    pub subscription: Bytes,
    /// What the member is assigned, in the form of the protocol.
    pub assignment: Bytes,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for MemberMetadata {
    fn default() -> Self {
        Self {
            member_id: Str::EMPTY,
            group_instance_id: None,
            client_id: Str::EMPTY,
            client_host: Str::EMPTY,
            rebalance_timeout: -1,
            session_timeout: 0,
            subscription: Bytes::new(),
            assignment: Bytes::new(),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl MemberMetadata {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            member_id: r.string("member_id"),
            group_instance_id: match r.version {
                3.. => r.nullable_string("group_instance_id"),
                _ => None,
            },
            client_id: r.string("client_id"),
            client_host: r.string("client_host"),
            rebalance_timeout: match r.version {
                1.. => r.i32("rebalance_timeout"),
                _ => -1,
            },
            session_timeout: r.i32("session_timeout"),
            subscription: r.bytes("subscription"),
            assignment: r.bytes("assignment"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("member_id", &self.member_id);
        if s.version >= 3 {
            s.nullable_string("group_instance_id", self.group_instance_id.as_ref());
        }
        s.string("client_id", &self.client_id);
        s.string("client_host", &self.client_host);
        if s.version >= 1 {
            s.i32(self.rebalance_timeout);
        }
        s.i32(self.session_timeout);
        s.bytes("subscription", &self.subscription);
        s.bytes("assignment", &self.assignment);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    MemberMetadata {
        with_member_id(member_id: impl Into<Str>);
        with_group_instance_id(group_instance_id: Option<Str>);
        with_client_id(client_id: impl Into<Str>);
        with_client_host(client_host: impl Into<Str>);
        with_rebalance_timeout(rebalance_timeout: i32);
        with_session_timeout(session_timeout: i32);
        with_subscription(subscription: impl Into<Bytes>);
        with_assignment(assignment: impl Into<Bytes>);
    }
}
