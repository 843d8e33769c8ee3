// Generated from schema/remove_raft_voter.txt by `cargo xtask codegen`: change that file and run it again.
//! `RemoveRaftVoter` (API key 81): removes a controller from those that vote (KIP-853).
//!
//! There is one version, which is flexible.

use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields, Uuid};

/// The controller to remove.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RemoveRaftVoterRequest {
    /// Id of the cluster, checked if it is given.
    pub cluster_id: Option<Str>,
    /// Node id of the controller.
    pub voter_id: i32,
    /// Id of the folder in which the controller keeps the quorum's log.
    pub voter_directory_id: Uuid,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for RemoveRaftVoterRequest {
    fn default() -> Self {
        Self {
            cluster_id: Some(Str::EMPTY),
            voter_id: 0,
            voter_directory_id: Uuid::ZERO,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for RemoveRaftVoterRequest {
    const API_KEY: ApiKey = ApiKey::RemoveRaftVoter;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for RemoveRaftVoterRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl RemoveRaftVoterRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            cluster_id: r.nullable_string("cluster_id"),
            voter_id: r.i32("voter_id"),
            voter_directory_id: r.uuid("voter_directory_id"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.nullable_string("cluster_id", self.cluster_id.as_ref());
        s.i32(self.voter_id);
        s.uuid(self.voter_directory_id);
        s.tags(&self.unknown_tags);
    }
}

impl Request for RemoveRaftVoterRequest {
    type Response = RemoveRaftVoterResponse;
}

setters! {
    RemoveRaftVoterRequest {
        with_cluster_id(cluster_id: Option<Str>);
        with_voter_id(voter_id: i32);
        with_voter_directory_id(voter_directory_id: Uuid);
    }
}

/// Whether it was removed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RemoveRaftVoterResponse {
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

impl Default for RemoveRaftVoterResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: ErrorCode::NONE,
            error_message: Some(Str::EMPTY),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for RemoveRaftVoterResponse {
    const API_KEY: ApiKey = ApiKey::RemoveRaftVoter;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for RemoveRaftVoterResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl RemoveRaftVoterResponse {
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
    RemoveRaftVoterResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
    }
}
