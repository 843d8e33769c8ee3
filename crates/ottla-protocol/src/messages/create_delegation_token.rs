// Generated from schema/create_delegation_token.txt by `cargo xtask codegen`: change that file and run it again.
//! `CreateDelegationToken` (API key 38): makes a delegation token, which stands for a principal for a
//! while (KIP-48).
//!
//! v1 is the oldest version left; v2 is the first flexible version; v3 makes tokens for others
//! (KIP-373).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Asks for a token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateDelegationTokenRequest {
    /// Kind of the principal that the token stands for; null for the one that asks. v3+.
    pub owner_principal_type: Option<Str>,
    /// Name of the principal that the token stands for; null for the one that asks. v3+.
    pub owner_principal_name: Option<Str>,
    /// Who else may renew the token.
    pub renewers: Vec<CreatableRenewers>,
    /// How long the token may live in all, in milliseconds; -1 for what the broker has configured.
    pub max_lifetime_ms: i64,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for CreateDelegationTokenRequest {
    fn default() -> Self {
        Self {
            owner_principal_type: Some(Str::EMPTY),
            owner_principal_name: Some(Str::EMPTY),
            renewers: Vec::new(),
            max_lifetime_ms: 0,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for CreateDelegationTokenRequest {
    const API_KEY: ApiKey = ApiKey::CreateDelegationToken;
    const VERSIONS: RangeInclusive<i16> = 1..=3;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for CreateDelegationTokenRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl CreateDelegationTokenRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            owner_principal_type: match r.version {
                3.. => r.nullable_string("owner_principal_type"),
                _ => Some(Str::EMPTY),
            },
            owner_principal_name: match r.version {
                3.. => r.nullable_string("owner_principal_name"),
                _ => Some(Str::EMPTY),
            },
            renewers: r.array("renewers", CreatableRenewers::read),
            max_lifetime_ms: r.i64("max_lifetime_ms"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        if s.version >= 3 {
            s.nullable_string("owner_principal_type", self.owner_principal_type.as_ref());
        } else if self.owner_principal_type.as_ref().is_none_or(|value| !value.is_empty()) {
            s.not_in_version("owner_principal_type");
        }
        if s.version >= 3 {
            s.nullable_string("owner_principal_name", self.owner_principal_name.as_ref());
        } else if self.owner_principal_name.as_ref().is_none_or(|value| !value.is_empty()) {
            s.not_in_version("owner_principal_name");
        }
        s.array("renewers", &self.renewers, CreatableRenewers::write);
        s.i64(self.max_lifetime_ms);
        s.tags(&self.unknown_tags);
    }
}

impl Request for CreateDelegationTokenRequest {
    type Response = CreateDelegationTokenResponse;
}

setters! {
    CreateDelegationTokenRequest {
        with_owner_principal_type(owner_principal_type: Option<Str>);
        with_owner_principal_name(owner_principal_name: Option<Str>);
        with_renewers(renewers: Vec<CreatableRenewers>);
        with_max_lifetime_ms(max_lifetime_ms: i64);
    }
}

/// A principal that may renew the token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreatableRenewers {
    /// Kind of the principal, such as `User`.
    pub principal_type: Str,
    /// Name of the principal.
    pub principal_name: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl CreatableRenewers {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            principal_type: r.string("principal_type"),
            principal_name: r.string("principal_name"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("principal_type", &self.principal_type);
        s.string("principal_name", &self.principal_name);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    CreatableRenewers {
        with_principal_type(principal_type: impl Into<Str>);
        with_principal_name(principal_name: impl Into<Str>);
    }
}

/// The new token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateDelegationTokenResponse {
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Kind of the principal that the token stands for.
    pub principal_type: Str,
    /// Name of the principal that the token stands for.
    pub principal_name: Str,
    /// Kind of the principal that asked for the token. v3+.
    pub token_requester_principal_type: Str,
    /// Name of the principal that asked for the token. v3+.
    pub token_requester_principal_name: Str,
    /// When the token was made, in Unix milliseconds.
    pub issue_timestamp_ms: i64,
    /// When the token expires, in Unix milliseconds.
    pub expiry_timestamp_ms: i64,
    /// Until when it can be renewed at most, in Unix milliseconds.
    pub max_timestamp_ms: i64,
    /// Id of the token, its user name in SCRAM.
    pub token_id: Str,
    /// Secret of the token, its password in SCRAM.
    pub hmac: Bytes,
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for CreateDelegationTokenResponse {
    const API_KEY: ApiKey = ApiKey::CreateDelegationToken;
    const VERSIONS: RangeInclusive<i16> = 1..=3;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for CreateDelegationTokenResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl CreateDelegationTokenResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            error_code: r.error_code("error_code"),
            principal_type: r.string("principal_type"),
            principal_name: r.string("principal_name"),
            token_requester_principal_type: match r.version {
                3.. => r.string("token_requester_principal_type"),
                _ => Str::EMPTY,
            },
            token_requester_principal_name: match r.version {
                3.. => r.string("token_requester_principal_name"),
                _ => Str::EMPTY,
            },
            issue_timestamp_ms: r.i64("issue_timestamp_ms"),
            expiry_timestamp_ms: r.i64("expiry_timestamp_ms"),
            max_timestamp_ms: r.i64("max_timestamp_ms"),
            token_id: r.string("token_id"),
            hmac: r.bytes("hmac"),
            throttle_time_ms: r.i32("throttle_time_ms"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.error_code(self.error_code);
        s.string("principal_type", &self.principal_type);
        s.string("principal_name", &self.principal_name);
        if s.version >= 3 {
            s.string("token_requester_principal_type", &self.token_requester_principal_type);
        } else if !self.token_requester_principal_type.is_empty() {
            s.not_in_version("token_requester_principal_type");
        }
        if s.version >= 3 {
            s.string("token_requester_principal_name", &self.token_requester_principal_name);
        } else if !self.token_requester_principal_name.is_empty() {
            s.not_in_version("token_requester_principal_name");
        }
        s.i64(self.issue_timestamp_ms);
        s.i64(self.expiry_timestamp_ms);
        s.i64(self.max_timestamp_ms);
        s.string("token_id", &self.token_id);
        s.bytes("hmac", &self.hmac);
        s.i32(self.throttle_time_ms);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    CreateDelegationTokenResponse {
        with_error_code(error_code: ErrorCode);
        with_principal_type(principal_type: impl Into<Str>);
        with_principal_name(principal_name: impl Into<Str>);
        with_token_requester_principal_type(token_requester_principal_type: impl Into<Str>);
        with_token_requester_principal_name(token_requester_principal_name: impl Into<Str>);
        with_issue_timestamp_ms(issue_timestamp_ms: i64);
        with_expiry_timestamp_ms(expiry_timestamp_ms: i64);
        with_max_timestamp_ms(max_timestamp_ms: i64);
        with_token_id(token_id: impl Into<Str>);
        with_hmac(hmac: impl Into<Bytes>);
        with_throttle_time_ms(throttle_time_ms: i32);
    }
}
