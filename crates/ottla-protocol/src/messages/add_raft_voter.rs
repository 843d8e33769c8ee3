// Generated from schema/add_raft_voter.txt by `cargo xtask codegen`: change that file and run it again.
//! `AddRaftVoter` (API key 80): adds a controller to those that vote (KIP-853).
//!
//! Flexible from the first version. v1 can answer before the change is committed (KIP-1186).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields, Uuid};

/// The controller to add.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AddRaftVoterRequest {
    /// Id of the cluster, checked if it is given.
    pub cluster_id: Option<Str>,
    /// How long to wait until it is added, in milliseconds.
    pub timeout_ms: i32,
    /// Node id of the controller.
    pub voter_id: i32,
    /// Id of the folder in which the controller keeps the quorum's log.
    pub voter_directory_id: Uuid,
    /// Where the controller is reached.
    pub listeners: Vec<Listener>,
    /// Whether to answer when the change is committed; otherwise once the leader has written it. v1+.
    /// Default `true`.
    pub ack_when_committed: bool,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for AddRaftVoterRequest {
    fn default() -> Self {
        Self {
            cluster_id: Some(Str::EMPTY),
            timeout_ms: 0,
            voter_id: 0,
            voter_directory_id: Uuid::ZERO,
            listeners: Vec::new(),
            ack_when_committed: true,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for AddRaftVoterRequest {
    const API_KEY: ApiKey = ApiKey::AddRaftVoter;
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for AddRaftVoterRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl AddRaftVoterRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            cluster_id: r.nullable_string("cluster_id"),
            timeout_ms: r.i32("timeout_ms"),
            voter_id: r.i32("voter_id"),
            voter_directory_id: r.uuid("voter_directory_id"),
            listeners: r.array("listeners", Listener::read),
            ack_when_committed: match r.version {
                1.. => r.bool("ack_when_committed"),
                _ => true,
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.nullable_string("cluster_id", self.cluster_id.as_ref());
        s.i32(self.timeout_ms);
        s.i32(self.voter_id);
        s.uuid(self.voter_directory_id);
        s.array("listeners", &self.listeners, Listener::write);
        if s.version >= 1 {
            s.bool(self.ack_when_committed);
        } else if !self.ack_when_committed {
            s.not_in_version("ack_when_committed");
        }
        s.tags(&self.unknown_tags);
    }
}

impl Request for AddRaftVoterRequest {
    type Response = AddRaftVoterResponse;
}

setters! {
    AddRaftVoterRequest {
        with_cluster_id(cluster_id: Option<Str>);
        with_timeout_ms(timeout_ms: i32);
        with_voter_id(voter_id: i32);
        with_voter_directory_id(voter_directory_id: Uuid);
        with_listeners(listeners: Vec<Listener>);
        with_ack_when_committed(ack_when_committed: bool);
    }
}

/// One listener of the controller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listener {
    /// Name of the listener.
    pub name: Str,
    /// Host name or address of the listener.
    pub host: Str,
    /// Port of the listener.
    pub port: u16,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Listener {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { name: r.string("name"), host: r.string("host"), port: r.u16("port"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.string("host", &self.host);
        s.u16(self.port);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    Listener {
        with_name(name: impl Into<Str>);
        with_host(host: impl Into<Str>);
        with_port(port: u16);
    }
}

/// Whether it was added.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AddRaftVoterResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for AddRaftVoterResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: ErrorCode::NONE,
            error_message: Some(Str::EMPTY),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for AddRaftVoterResponse {
    const API_KEY: ApiKey = ApiKey::AddRaftVoter;
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for AddRaftVoterResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl AddRaftVoterResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AddRaftVoterResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
    }
}
