// Generated from schema/find_coordinator.txt by `cargo xtask codegen`: change that file and run it again.
//! `FindCoordinator` (API key 10): which broker coordinates a group, a transactional id or a share
//! group.
//!
//! v1 adds the kind of key; v3 is the first flexible version; v4 asks for several keys at once
//! (KIP-699); v6 adds share groups (KIP-932).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Asks for the coordinator of one key or several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FindCoordinatorRequest {
    /// Group id or transactional id. Until v3.
    pub key: Str,
    /// What the keys are: 0 group ids, 1 transactional ids, 2 share groups as `group:topic id:partition`.
    /// v1+.
    pub key_type: i8,
    /// The keys, all of the same kind. v4+.
    pub coordinator_keys: Vec<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for FindCoordinatorRequest {
    const API_KEY: ApiKey = ApiKey::FindCoordinator;
    const VERSIONS: RangeInclusive<i16> = 0..=6;
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for FindCoordinatorRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl FindCoordinatorRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            key: match r.version {
                ..=3 => r.string("key"),
                _ => Str::EMPTY,
            },
            key_type: match r.version {
                1.. => r.i8("key_type"),
                _ => 0,
            },
            coordinator_keys: match r.version {
                4.. => r.array("coordinator_keys", |r| r.string("coordinator_keys")),
                _ => Vec::new(),
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        if s.version <= 3 {
            s.string("key", &self.key);
        } else if !self.key.is_empty() {
            s.not_in_version("key");
        }
        if s.version >= 1 {
            s.i8(self.key_type);
        } else if self.key_type != 0 {
            s.not_in_version("key_type");
        }
        if s.version >= 4 {
            s.array("coordinator_keys", &self.coordinator_keys, |value, s| {
                s.string("coordinator_keys", value)
            });
        } else if !self.coordinator_keys.is_empty() {
            s.not_in_version("coordinator_keys");
        }
        s.tags(&self.unknown_tags);
    }
}

impl Request for FindCoordinatorRequest {
    type Response = FindCoordinatorResponse;
}

setters! {
    FindCoordinatorRequest {
        with_key(key: impl Into<Str>);
        with_key_type(key_type: i8);
        with_coordinator_keys(coordinator_keys: Vec<Str>);
    }
}

/// The coordinators; before v4 a single one, in the fields of the response itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FindCoordinatorResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not. v1+.
    pub throttle_time_ms: i32,
    /// What went wrong; `NONE` if nothing did. Until v3.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all. v1 to v3.
    pub error_message: Option<Str>,
    /// Id of the coordinator; -1 if there is none. Until v3.
    pub node_id: i32,
    /// Host name or address under which clients reach the broker. Until v3.
    pub host: Str,
    /// Port under which clients reach the broker. Until v3.
    pub port: i32,
    /// A coordinator for each key. v4+.
    pub coordinators: Vec<Coordinator>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for FindCoordinatorResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: ErrorCode::NONE,
            error_message: Some(Str::EMPTY),
            node_id: 0,
            host: Str::EMPTY,
            port: 0,
            coordinators: Vec::new(),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for FindCoordinatorResponse {
    const API_KEY: ApiKey = ApiKey::FindCoordinator;
    const VERSIONS: RangeInclusive<i16> = 0..=6;
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for FindCoordinatorResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl FindCoordinatorResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: match r.version {
                1.. => r.i32("throttle_time_ms"),
                _ => 0,
            },
            error_code: match r.version {
                ..=3 => r.error_code("error_code"),
                _ => ErrorCode::NONE,
            },
            error_message: match r.version {
                1..=3 => r.nullable_string("error_message"),
                _ => Some(Str::EMPTY),
            },
            node_id: match r.version {
                ..=3 => r.i32("node_id"),
                _ => 0,
            },
            host: match r.version {
                ..=3 => r.string("host"),
                _ => Str::EMPTY,
            },
            port: match r.version {
                ..=3 => r.i32("port"),
                _ => 0,
            },
            coordinators: match r.version {
                4.. => r.array("coordinators", Coordinator::read),
                _ => Vec::new(),
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        if s.version >= 1 {
            s.i32(self.throttle_time_ms);
        }
        if s.version <= 3 {
            s.error_code(self.error_code);
        } else if self.error_code.is_err() {
            s.not_in_version("error_code");
        }
        if (1..=3).contains(&s.version) {
            s.nullable_string("error_message", self.error_message.as_ref());
        }
        if s.version <= 3 {
            s.i32(self.node_id);
        } else if self.node_id != 0 {
            s.not_in_version("node_id");
        }
        if s.version <= 3 {
            s.string("host", &self.host);
        } else if !self.host.is_empty() {
            s.not_in_version("host");
        }
        if s.version <= 3 {
            s.i32(self.port);
        } else if self.port != 0 {
            s.not_in_version("port");
        }
        if s.version >= 4 {
            s.array("coordinators", &self.coordinators, Coordinator::write);
        } else if !self.coordinators.is_empty() {
            s.not_in_version("coordinators");
        }
        s.tags(&self.unknown_tags);
    }
}

setters! {
    FindCoordinatorResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_node_id(node_id: i32);
        with_host(host: impl Into<Str>);
        with_port(port: i32);
        with_coordinators(coordinators: Vec<Coordinator>);
    }
}

/// The coordinator of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Coordinator {
    /// The key.
    pub key: Str,
    /// Id of the coordinator; -1 if there is none.
    pub node_id: i32,
    /// Host name or address under which clients reach the broker.
    pub host: Str,
    /// Port under which clients reach the broker.
    pub port: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for Coordinator {
    fn default() -> Self {
        Self {
            key: Str::EMPTY,
            node_id: 0,
            host: Str::EMPTY,
            port: 0,
            error_code: ErrorCode::NONE,
            error_message: Some(Str::EMPTY),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Coordinator {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            key: r.string("key"),
            node_id: r.i32("node_id"),
            host: r.string("host"),
            port: r.i32("port"),
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("key", &self.key);
        s.i32(self.node_id);
        s.string("host", &self.host);
        s.i32(self.port);
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.tags(&self.unknown_tags);
    }
}

setters! {
    Coordinator {
        with_key(key: impl Into<Str>);
        with_node_id(node_id: i32);
        with_host(host: impl Into<Str>);
        with_port(port: i32);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
    }
}
