// Generated from schema/expire_delegation_token.txt by `cargo xtask codegen`: change that file and run it again.
//! `ExpireDelegationToken` (API key 40): lets a delegation token end earlier (KIP-48).
//!
//! v1 is the oldest version left; v2 is the first flexible version.

use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, TaggedFields};

/// The token to end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExpireDelegationTokenRequest {
    /// Secret of the token.
    pub hmac: Bytes,
    /// How long it is to live from now on, in milliseconds; below 0 it ends at once.
    pub expiry_time_period_ms: i64,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for ExpireDelegationTokenRequest {
    const API_KEY: ApiKey = ApiKey::ExpireDelegationToken;
    const VERSIONS: RangeInclusive<i16> = 1..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ExpireDelegationTokenRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ExpireDelegationTokenRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            hmac: r.bytes("hmac"),
            expiry_time_period_ms: r.i64("expiry_time_period_ms"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.bytes("hmac", &self.hmac);
        s.i64(self.expiry_time_period_ms);
        s.tags(&self.unknown_tags);
    }
}

impl Request for ExpireDelegationTokenRequest {
    type Response = ExpireDelegationTokenResponse;
}

setters! {
    ExpireDelegationTokenRequest {
        with_hmac(hmac: impl Into<Bytes>);
        with_expiry_time_period_ms(expiry_time_period_ms: i64);
    }
}

/// Until when it lives now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExpireDelegationTokenResponse {
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// When the token expires, in Unix milliseconds.
    pub expiry_timestamp_ms: i64,
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for ExpireDelegationTokenResponse {
    const API_KEY: ApiKey = ApiKey::ExpireDelegationToken;
    const VERSIONS: RangeInclusive<i16> = 1..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for ExpireDelegationTokenResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ExpireDelegationTokenResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            error_code: r.error_code("error_code"),
            expiry_timestamp_ms: r.i64("expiry_timestamp_ms"),
            throttle_time_ms: r.i32("throttle_time_ms"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.error_code(self.error_code);
        s.i64(self.expiry_timestamp_ms);
        s.i32(self.throttle_time_ms);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ExpireDelegationTokenResponse {
        with_error_code(error_code: ErrorCode);
        with_expiry_timestamp_ms(expiry_timestamp_ms: i64);
        with_throttle_time_ms(throttle_time_ms: i32);
    }
}
