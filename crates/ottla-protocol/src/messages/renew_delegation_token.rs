// Generated from schema/renew_delegation_token.txt by `cargo xtask codegen`: change that file and run it again.
//! `RenewDelegationToken` (API key 39): lets a delegation token live longer (KIP-48).
//!
//! v1 is the oldest version left; v2 is the first flexible version.

use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, TaggedFields};

/// The token to renew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RenewDelegationTokenRequest {
    /// Secret of the token.
    pub hmac: Bytes,
    /// How long it is to live from now on, in milliseconds.
    pub renew_period_ms: i64,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for RenewDelegationTokenRequest {
    const API_KEY: ApiKey = ApiKey::RenewDelegationToken;
    const VERSIONS: RangeInclusive<i16> = 1..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for RenewDelegationTokenRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl RenewDelegationTokenRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { hmac: r.bytes("hmac"), renew_period_ms: r.i64("renew_period_ms"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.bytes("hmac", &self.hmac);
        s.i64(self.renew_period_ms);
        s.tags(&self.unknown_tags);
    }
}

impl Request for RenewDelegationTokenRequest {
    type Response = RenewDelegationTokenResponse;
}

setters! {
    RenewDelegationTokenRequest {
        with_hmac(hmac: impl Into<Bytes>);
        with_renew_period_ms(renew_period_ms: i64);
    }
}

/// Until when it lives now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RenewDelegationTokenResponse {
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

impl Message for RenewDelegationTokenResponse {
    const API_KEY: ApiKey = ApiKey::RenewDelegationToken;
    const VERSIONS: RangeInclusive<i16> = 1..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for RenewDelegationTokenResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl RenewDelegationTokenResponse {
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
    RenewDelegationTokenResponse {
        with_error_code(error_code: ErrorCode);
        with_expiry_timestamp_ms(expiry_timestamp_ms: i64);
        with_throttle_time_ms(throttle_time_ms: i32);
    }
}
