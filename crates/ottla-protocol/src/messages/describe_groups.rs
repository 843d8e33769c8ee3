// Generated from schema/describe_groups.txt by `cargo xtask codegen`: change that file and run it again.
//! `DescribeGroups` (API key 15): classic groups with their members.
//!
//! v3 says what the client may do (KIP-430); v4 adds static members (KIP-345); v5 is the first flexible
//! version; v6 answers `GROUP_ID_NOT_FOUND` for a group that there is not (KIP-1043).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Groups to describe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeGroupsRequest {
    /// Ids of the groups.
    pub groups: Vec<Str>,
    /// Whether to say what the client may do to each of them. v3+.
    pub include_authorized_operations: bool,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for DescribeGroupsRequest {
    const API_KEY: ApiKey = ApiKey::DescribeGroups;
    const VERSIONS: RangeInclusive<i16> = 0..=6;
    const FLEXIBLE_FROM: Option<i16> = Some(5);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for DescribeGroupsRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DescribeGroupsRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            groups: r.array("groups", |r| r.string("groups")),
            include_authorized_operations: match r.version {
                3.. => r.bool("include_authorized_operations"),
                _ => false,
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("groups", &self.groups, |value, s| s.string("groups", value));
        if s.version >= 3 {
            s.bool(self.include_authorized_operations);
        } else if self.include_authorized_operations {
            s.not_in_version("include_authorized_operations");
        }
        s.tags(&self.unknown_tags);
    }
}

impl Request for DescribeGroupsRequest {
    type Response = DescribeGroupsResponse;
}

setters! {
    DescribeGroupsRequest {
        with_groups(groups: Vec<Str>);
        with_include_authorized_operations(include_authorized_operations: bool);
    }
}

/// The groups, as they are at the moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeGroupsResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not. v1+.
    pub throttle_time_ms: i32,
    /// The groups of the request.
    pub groups: Vec<DescribedGroup>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for DescribeGroupsResponse {
    const API_KEY: ApiKey = ApiKey::DescribeGroups;
    const VERSIONS: RangeInclusive<i16> = 0..=6;
    const FLEXIBLE_FROM: Option<i16> = Some(5);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for DescribeGroupsResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DescribeGroupsResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: match r.version {
                1.. => r.i32("throttle_time_ms"),
                _ => 0,
            },
            groups: r.array("groups", DescribedGroup::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        if s.version >= 1 {
            s.i32(self.throttle_time_ms);
        }
        s.array("groups", &self.groups, DescribedGroup::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeGroupsResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_groups(groups: Vec<DescribedGroup>);
    }
}

/// One group.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribedGroup {
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all. v6+.
    pub error_message: Option<Str>,
    /// Id of the group.
    pub group_id: Str,
    /// State of the group: `PreparingRebalance`, `CompletingRebalance`, `Stable`, `Empty` or `Dead`.
    pub group_state: Str,
    /// What the group is for, such as `consumer`; empty if it is not known.
    pub protocol_type: Str,
    /// The protocol that the group chose, such as an assignor; empty unless it is stable.
    pub protocol_data: Str,
    /// The members of the group.
    pub members: Vec<DescribedGroupMember>,
    /// What the client may do to it, a bit an operation; the default stands for "not asked". v3+. Default
    /// `i32::MIN`.
    pub authorized_operations: i32,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for DescribedGroup {
    fn default() -> Self {
        Self {
            error_code: ErrorCode::NONE,
            error_message: None,
            group_id: Str::EMPTY,
            group_state: Str::EMPTY,
            protocol_type: Str::EMPTY,
            protocol_data: Str::EMPTY,
            members: Vec::new(),
            authorized_operations: i32::MIN,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl DescribedGroup {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            error_code: r.error_code("error_code"),
            error_message: match r.version {
                6.. => r.nullable_string("error_message"),
                _ => None,
            },
            group_id: r.string("group_id"),
            group_state: r.string("group_state"),
            protocol_type: r.string("protocol_type"),
            protocol_data: r.string("protocol_data"),
            members: r.array("members", DescribedGroupMember::read),
            authorized_operations: match r.version {
                3.. => r.i32("authorized_operations"),
                _ => i32::MIN,
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.error_code(self.error_code);
        if s.version >= 6 {
            s.nullable_string("error_message", self.error_message.as_ref());
        } else if self.error_message.is_some() {
            s.not_in_version("error_message");
        }
        s.string("group_id", &self.group_id);
        s.string("group_state", &self.group_state);
        s.string("protocol_type", &self.protocol_type);
        s.string("protocol_data", &self.protocol_data);
        s.array("members", &self.members, DescribedGroupMember::write);
        if s.version >= 3 {
            s.i32(self.authorized_operations);
        } else if self.authorized_operations != i32::MIN {
            s.not_in_version("authorized_operations");
        }
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribedGroup {
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_group_id(group_id: impl Into<Str>);
        with_group_state(group_state: impl Into<Str>);
        with_protocol_type(protocol_type: impl Into<Str>);
        with_protocol_data(protocol_data: impl Into<Str>);
        with_members(members: Vec<DescribedGroupMember>);
        with_authorized_operations(authorized_operations: i32);
    }
}

/// One member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribedGroupMember {
    /// Id of the member in its group.
    pub member_id: Str,
    /// Name of a static member, which stays the same when the member starts anew; null for a dynamic one
    /// (KIP-345). v4+.
    pub group_instance_id: Option<Str>,
    /// Name that the client gave itself when it joined.
    pub client_id: Str,
    /// Address from which the client is connected.
    pub client_host: Str,
    /// What the member said in the chosen protocol; empty unless the group is stable.
    pub member_metadata: Bytes,
    /// What the member is assigned, in the form of the protocol; empty unless the group is stable.
    pub member_assignment: Bytes,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl DescribedGroupMember {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            member_id: r.string("member_id"),
            group_instance_id: match r.version {
                4.. => r.nullable_string("group_instance_id"),
                _ => None,
            },
            client_id: r.string("client_id"),
            client_host: r.string("client_host"),
            member_metadata: r.bytes("member_metadata"),
            member_assignment: r.bytes("member_assignment"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("member_id", &self.member_id);
        if s.version >= 4 {
            s.nullable_string("group_instance_id", self.group_instance_id.as_ref());
        }
        s.string("client_id", &self.client_id);
        s.string("client_host", &self.client_host);
        s.bytes("member_metadata", &self.member_metadata);
        s.bytes("member_assignment", &self.member_assignment);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribedGroupMember {
        with_member_id(member_id: impl Into<Str>);
        with_group_instance_id(group_instance_id: Option<Str>);
        with_client_id(client_id: impl Into<Str>);
        with_client_host(client_host: impl Into<Str>);
        with_member_metadata(member_metadata: impl Into<Bytes>);
        with_member_assignment(member_assignment: impl Into<Bytes>);
    }
}
