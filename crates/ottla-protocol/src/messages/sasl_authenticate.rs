// Generated from schema/sasl_authenticate.txt by `cargo xtask codegen`: change that file and run it again.
//! `SaslAuthenticate` (API key 36): carries the tokens of the chosen SASL mechanism (KIP-152).
//!
//! v1 says how long the session lives (KIP-368); v2 is the first flexible version.

use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// A token of the client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SaslAuthenticateRequest {
    /// The token, in the form of the mechanism.
    pub auth_bytes: Bytes,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for SaslAuthenticateRequest {
    const API_KEY: ApiKey = ApiKey::SaslAuthenticate;
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for SaslAuthenticateRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl SaslAuthenticateRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { auth_bytes: r.bytes("auth_bytes"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.bytes("auth_bytes", &self.auth_bytes);
        s.tags(&self.unknown_tags);
    }
}

impl Request for SaslAuthenticateRequest {
    type Response = SaslAuthenticateResponse;
}

setters! {
    SaslAuthenticateRequest {
        with_auth_bytes(auth_bytes: impl Into<Bytes>);
    }
}

/// A token of the broker, or why the client is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SaslAuthenticateResponse {
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// The token, in the form of the mechanism.
    pub auth_bytes: Bytes,
    /// After how long the client must authenticate anew on this connection, in milliseconds; 0 for never.
    /// v1+.
    pub session_lifetime_ms: i64,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for SaslAuthenticateResponse {
    fn default() -> Self {
        Self {
            error_code: ErrorCode::NONE,
            error_message: Some(Str::EMPTY),
            auth_bytes: Bytes::new(),
            session_lifetime_ms: 0,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for SaslAuthenticateResponse {
    const API_KEY: ApiKey = ApiKey::SaslAuthenticate;
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for SaslAuthenticateResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl SaslAuthenticateResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            auth_bytes: r.bytes("auth_bytes"),
            session_lifetime_ms: match r.version {
                1.. => r.i64("session_lifetime_ms"),
                _ => 0,
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.bytes("auth_bytes", &self.auth_bytes);
        if s.version >= 1 {
            s.i64(self.session_lifetime_ms);
        }
        s.tags(&self.unknown_tags);
    }
}

setters! {
    SaslAuthenticateResponse {
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_auth_bytes(auth_bytes: impl Into<Bytes>);
        with_session_lifetime_ms(session_lifetime_ms: i64);
    }
}
