// Generated from schema/list_groups.txt by `cargo xtask codegen`: change that file and run it again.
//! `ListGroups` (API key 16): the groups that a broker coordinates.
//!
//! v3 is the first flexible version; v4 adds states (KIP-518); v5 adds types (KIP-848).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Asks for all groups, or those in some states or of some types.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListGroupsRequest {
    /// Only groups in these states; empty for any. v4+.
    pub states_filter: Vec<Str>,
    /// Only groups of these types, such as `classic` or `consumer`; empty for any. v5+.
    pub types_filter: Vec<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for ListGroupsRequest {
    const API_KEY: ApiKey = ApiKey::ListGroups;
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ListGroupsRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ListGroupsRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            states_filter: match r.version {
                4.. => r.array("states_filter", |r| r.string("states_filter")),
                _ => Vec::new(),
            },
            types_filter: match r.version {
                5.. => r.array("types_filter", |r| r.string("types_filter")),
                _ => Vec::new(),
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        if s.version >= 4 {
            s.array("states_filter", &self.states_filter, |value, s| s.string("states_filter", value));
        } else if !self.states_filter.is_empty() {
            s.not_in_version("states_filter");
        }
        if s.version >= 5 {
            s.array("types_filter", &self.types_filter, |value, s| s.string("types_filter", value));
        } else if !self.types_filter.is_empty() {
            s.not_in_version("types_filter");
        }
        s.tags(&self.unknown_tags);
    }
}

impl Request for ListGroupsRequest {
    type Response = ListGroupsResponse;
}

setters! {
    ListGroupsRequest {
        with_states_filter(states_filter: Vec<Str>);
        with_types_filter(types_filter: Vec<Str>);
    }
}

/// The groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListGroupsResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not. v1+.
    pub throttle_time_ms: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// The groups that this broker coordinates.
    pub groups: Vec<ListedGroup>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for ListGroupsResponse {
    const API_KEY: ApiKey = ApiKey::ListGroups;
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for ListGroupsResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ListGroupsResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: match r.version {
                1.. => r.i32("throttle_time_ms"),
                _ => 0,
            },
            error_code: r.error_code("error_code"),
            groups: r.array("groups", ListedGroup::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        if s.version >= 1 {
            s.i32(self.throttle_time_ms);
        }
        s.error_code(self.error_code);
        s.array("groups", &self.groups, ListedGroup::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ListGroupsResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
        with_groups(groups: Vec<ListedGroup>);
    }
}

/// One group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListedGroup {
    /// Id of the group.
    pub group_id: Str,
    /// What the group is for: `consumer` of consumers, `connect` of Kafka Connect.
    pub protocol_type: Str,
    /// State of the group, such as `Stable` or `Empty`. v4+.
    pub group_state: Str,
    /// Type of the group, such as `classic` or `consumer`. v5+.
    pub group_type: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ListedGroup {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            group_id: r.string("group_id"),
            protocol_type: r.string("protocol_type"),
            group_state: match r.version {
                4.. => r.string("group_state"),
                _ => Str::EMPTY,
            },
            group_type: match r.version {
                5.. => r.string("group_type"),
                _ => Str::EMPTY,
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        s.string("protocol_type", &self.protocol_type);
        if s.version >= 4 {
            s.string("group_state", &self.group_state);
        }
        if s.version >= 5 {
            s.string("group_type", &self.group_type);
        }
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ListedGroup {
        with_group_id(group_id: impl Into<Str>);
        with_protocol_type(protocol_type: impl Into<Str>);
        with_group_state(group_state: impl Into<Str>);
        with_group_type(group_type: impl Into<Str>);
    }
}
