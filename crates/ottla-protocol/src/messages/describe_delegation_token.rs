// Generated from schema/describe_delegation_token.txt by `cargo xtask codegen`: change that file and run it again.
//! `DescribeDelegationToken` (API key 41): the delegation tokens that the client may see (KIP-48).
//!
//! v1 is the oldest version left; v2 is the first flexible version; v3 says who asked for a token
//! (KIP-373).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Asks for the tokens of some owners.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeDelegationTokenRequest {
    /// The owners; null for all.
    pub owners: Option<Vec<DescribeDelegationTokenOwner>>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for DescribeDelegationTokenRequest {
    fn default() -> Self {
        Self { owners: Some(Vec::new()), unknown_tags: TaggedFields::new() }
    }
}

impl Message for DescribeDelegationTokenRequest {
    const API_KEY: ApiKey = ApiKey::DescribeDelegationToken;
    const VERSIONS: RangeInclusive<i16> = 1..=3;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for DescribeDelegationTokenRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DescribeDelegationTokenRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            owners: r.nullable_array("owners", DescribeDelegationTokenOwner::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.nullable_array("owners", self.owners.as_deref(), DescribeDelegationTokenOwner::write);
        s.tags(&self.unknown_tags);
    }
}

impl Request for DescribeDelegationTokenRequest {
    type Response = DescribeDelegationTokenResponse;
}

setters! {
    DescribeDelegationTokenRequest {
        with_owners(owners: Option<Vec<DescribeDelegationTokenOwner>>);
    }
}

/// One owner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeDelegationTokenOwner {
    /// Kind of the principal, such as `User`.
    pub principal_type: Str,
    /// Name of the principal.
    pub principal_name: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl DescribeDelegationTokenOwner {
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
    DescribeDelegationTokenOwner {
        with_principal_type(principal_type: impl Into<Str>);
        with_principal_name(principal_name: impl Into<Str>);
    }
}

/// The tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeDelegationTokenResponse {
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// The tokens of these owners.
    pub tokens: Vec<DescribedDelegationToken>,
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for DescribeDelegationTokenResponse {
    const API_KEY: ApiKey = ApiKey::DescribeDelegationToken;
    const VERSIONS: RangeInclusive<i16> = 1..=3;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for DescribeDelegationTokenResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DescribeDelegationTokenResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            error_code: r.error_code("error_code"),
            tokens: r.array("tokens", DescribedDelegationToken::read),
            throttle_time_ms: r.i32("throttle_time_ms"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.error_code(self.error_code);
        s.array("tokens", &self.tokens, DescribedDelegationToken::write);
        s.i32(self.throttle_time_ms);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeDelegationTokenResponse {
        with_error_code(error_code: ErrorCode);
        with_tokens(tokens: Vec<DescribedDelegationToken>);
        with_throttle_time_ms(throttle_time_ms: i32);
    }
}

/// One token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribedDelegationToken {
    /// Kind of the principal that the token stands for.
    pub principal_type: Str,
    /// Name of the principal that the token stands for.
    pub principal_name: Str,
    /// Kind of the principal that asked for the token. v3+.
    pub token_requester_principal_type: Str,
    /// Name of the principal that asked for the token. v3+.
    pub token_requester_principal_name: Str,
    /// When the token was made, in Unix milliseconds.
    pub issue_timestamp: i64,
    /// When it expires, in Unix milliseconds.
    pub expiry_timestamp: i64,
    /// Until when it can be renewed at most, in Unix milliseconds.
    pub max_timestamp: i64,
    /// Id of the token, its user name in SCRAM.
    pub token_id: Str,
    /// Secret of the token, its password in SCRAM.
    pub hmac: Bytes,
    /// Who else may renew the token.
    pub renewers: Vec<DescribedDelegationTokenRenewer>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl DescribedDelegationToken {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
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
            issue_timestamp: r.i64("issue_timestamp"),
            expiry_timestamp: r.i64("expiry_timestamp"),
            max_timestamp: r.i64("max_timestamp"),
            token_id: r.string("token_id"),
            hmac: r.bytes("hmac"),
            renewers: r.array("renewers", DescribedDelegationTokenRenewer::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
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
        s.i64(self.issue_timestamp);
        s.i64(self.expiry_timestamp);
        s.i64(self.max_timestamp);
        s.string("token_id", &self.token_id);
        s.bytes("hmac", &self.hmac);
        s.array("renewers", &self.renewers, DescribedDelegationTokenRenewer::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribedDelegationToken {
        with_principal_type(principal_type: impl Into<Str>);
        with_principal_name(principal_name: impl Into<Str>);
        with_token_requester_principal_type(token_requester_principal_type: impl Into<Str>);
        with_token_requester_principal_name(token_requester_principal_name: impl Into<Str>);
        with_issue_timestamp(issue_timestamp: i64);
        with_expiry_timestamp(expiry_timestamp: i64);
        with_max_timestamp(max_timestamp: i64);
        with_token_id(token_id: impl Into<Str>);
        with_hmac(hmac: impl Into<Bytes>);
        with_renewers(renewers: Vec<DescribedDelegationTokenRenewer>);
    }
}

/// A principal that may renew the token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribedDelegationTokenRenewer {
    /// Kind of the principal, such as `User`.
    pub principal_type: Str,
    /// Name of the principal.
    pub principal_name: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl DescribedDelegationTokenRenewer {
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
    DescribedDelegationTokenRenewer {
        with_principal_type(principal_type: impl Into<Str>);
        with_principal_name(principal_name: impl Into<Str>);
    }
}
