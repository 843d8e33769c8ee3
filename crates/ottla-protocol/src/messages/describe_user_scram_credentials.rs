// Generated from schema/describe_user_scram_credentials.txt by `cargo xtask codegen`: change that file and run it again.
//! `DescribeUserScramCredentials` (API key 50): which users have SCRAM credentials (KIP-554).
//!
//! There is one version, which is flexible.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Asks for the credentials of some users.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeUserScramCredentialsRequest {
    /// The users; null or empty for all.
    pub users: Option<Vec<UserName>>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for DescribeUserScramCredentialsRequest {
    fn default() -> Self {
        Self { users: Some(Vec::new()), unknown_tags: TaggedFields::new() }
    }
}

impl Message for DescribeUserScramCredentialsRequest {
    const API_KEY: ApiKey = ApiKey::DescribeUserScramCredentials;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for DescribeUserScramCredentialsRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DescribeUserScramCredentialsRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { users: r.nullable_array("users", UserName::read), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.nullable_array("users", self.users.as_deref(), UserName::write);
        s.tags(&self.unknown_tags);
    }
}

impl Request for DescribeUserScramCredentialsRequest {
    type Response = DescribeUserScramCredentialsResponse;
}

setters! {
    DescribeUserScramCredentialsRequest {
        with_users(users: Option<Vec<UserName>>);
    }
}

/// One user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserName {
    /// Name of the user.
    pub name: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl UserName {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { name: r.string("name"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    UserName {
        with_name(name: impl Into<Str>);
    }
}

/// The credentials, without their secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeUserScramCredentialsResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// The users.
    pub results: Vec<DescribeUserScramCredentialsResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for DescribeUserScramCredentialsResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: ErrorCode::NONE,
            error_message: Some(Str::EMPTY),
            results: Vec::new(),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for DescribeUserScramCredentialsResponse {
    const API_KEY: ApiKey = ApiKey::DescribeUserScramCredentials;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for DescribeUserScramCredentialsResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DescribeUserScramCredentialsResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            results: r.array("results", DescribeUserScramCredentialsResult::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.array("results", &self.results, DescribeUserScramCredentialsResult::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeUserScramCredentialsResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_results(results: Vec<DescribeUserScramCredentialsResult>);
    }
}

/// Credentials of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeUserScramCredentialsResult {
    /// Name of the user.
    pub user: Str,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// The credentials of the user, one a mechanism.
    pub credential_infos: Vec<CredentialInfo>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for DescribeUserScramCredentialsResult {
    fn default() -> Self {
        Self {
            user: Str::EMPTY,
            error_code: ErrorCode::NONE,
            error_message: Some(Str::EMPTY),
            credential_infos: Vec::new(),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl DescribeUserScramCredentialsResult {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            user: r.string("user"),
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            credential_infos: r.array("credential_infos", CredentialInfo::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("user", &self.user);
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.array("credential_infos", &self.credential_infos, CredentialInfo::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeUserScramCredentialsResult {
        with_user(user: impl Into<Str>);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_credential_infos(credential_infos: Vec<CredentialInfo>);
    }
}

/// A credential of one mechanism.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CredentialInfo {
    /// SCRAM mechanism: 1 `SCRAM-SHA-256`, 2 `SCRAM-SHA-512`.
    pub mechanism: i8,
    /// How often the hash is applied.
    pub iterations: i32,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl CredentialInfo {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { mechanism: r.i8("mechanism"), iterations: r.i32("iterations"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i8(self.mechanism);
        s.i32(self.iterations);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    CredentialInfo {
        with_mechanism(mechanism: i8);
        with_iterations(iterations: i32);
    }
}
