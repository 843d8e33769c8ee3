// Generated from schema/sasl_handshake.txt by `cargo xtask codegen`: change that file and run it again.
//! `SaslHandshake` (API key 17): a client chooses how it will authenticate.
//!
//! v1 has what follows wrapped in `SaslAuthenticate`; after v0 bare tokens followed. No version is
//! flexible.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// The mechanism that the client wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SaslHandshakeRequest {
    /// Name of the mechanism, such as `PLAIN` or `SCRAM-SHA-512`.
    pub mechanism: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for SaslHandshakeRequest {
    const API_KEY: ApiKey = ApiKey::SaslHandshake;
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for SaslHandshakeRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl SaslHandshakeRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { mechanism: r.string("mechanism"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("mechanism", &self.mechanism);
        s.tags(&self.unknown_tags);
    }
}

impl Request for SaslHandshakeRequest {
    type Response = SaslHandshakeResponse;
}

setters! {
    SaslHandshakeRequest {
        with_mechanism(mechanism: impl Into<Str>);
    }
}

/// Whether the mechanism is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SaslHandshakeResponse {
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Names of the mechanisms that this listener takes.
    pub mechanisms: Vec<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for SaslHandshakeResponse {
    const API_KEY: ApiKey = ApiKey::SaslHandshake;
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for SaslHandshakeResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl SaslHandshakeResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            error_code: r.error_code("error_code"),
            mechanisms: r.array("mechanisms", |r| r.string("mechanisms")),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.error_code(self.error_code);
        s.array("mechanisms", &self.mechanisms, |value, s| s.string("mechanisms", value));
        s.tags(&self.unknown_tags);
    }
}

setters! {
    SaslHandshakeResponse {
        with_error_code(error_code: ErrorCode);
        with_mechanisms(mechanisms: Vec<Str>);
    }
}
