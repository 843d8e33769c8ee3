// Generated from schema/alter_user_scram_credentials.txt by `cargo xtask codegen`: change that file and run it again.
//! `AlterUserScramCredentials` (API key 51): sets and removes SCRAM credentials of users (KIP-554).
//!
//! There is one version, which is flexible.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Credentials to remove and to set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlterUserScramCredentialsRequest {
    /// The credentials to remove.
    pub deletions: Vec<ScramCredentialDeletion>,
    /// The credentials to set.
    pub upsertions: Vec<ScramCredentialUpsertion>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for AlterUserScramCredentialsRequest {
    const API_KEY: ApiKey = ApiKey::AlterUserScramCredentials;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for AlterUserScramCredentialsRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl AlterUserScramCredentialsRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            deletions: r.array("deletions", ScramCredentialDeletion::read),
            upsertions: r.array("upsertions", ScramCredentialUpsertion::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("deletions", &self.deletions, ScramCredentialDeletion::write);
        s.array("upsertions", &self.upsertions, ScramCredentialUpsertion::write);
        s.tags(&self.unknown_tags);
    }
}

impl Request for AlterUserScramCredentialsRequest {
    type Response = AlterUserScramCredentialsResponse;
}

setters! {
    AlterUserScramCredentialsRequest {
        with_deletions(deletions: Vec<ScramCredentialDeletion>);
        with_upsertions(upsertions: Vec<ScramCredentialUpsertion>);
    }
}

/// A credential to remove.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScramCredentialDeletion {
    /// Name of the user.
    pub name: Str,
    /// SCRAM mechanism: 1 `SCRAM-SHA-256`, 2 `SCRAM-SHA-512`.
    pub mechanism: i8,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ScramCredentialDeletion {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { name: r.string("name"), mechanism: r.i8("mechanism"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.i8(self.mechanism);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ScramCredentialDeletion {
        with_name(name: impl Into<Str>);
        with_mechanism(mechanism: i8);
    }
}

/// A credential to set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScramCredentialUpsertion {
    /// Name of the user.
    pub name: Str,
    /// SCRAM mechanism: 1 `SCRAM-SHA-256`, 2 `SCRAM-SHA-512`.
    pub mechanism: i8,
    /// How often the hash is applied.
    pub iterations: i32,
    /// Random bytes that the client chose.
    pub salt: Bytes,
    /// The salted password; the password itself is not sent.
    pub salted_password: Bytes,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ScramCredentialUpsertion {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            mechanism: r.i8("mechanism"),
            iterations: r.i32("iterations"),
            salt: r.bytes("salt"),
            salted_password: r.bytes("salted_password"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.i8(self.mechanism);
        s.i32(self.iterations);
        s.bytes("salt", &self.salt);
        s.bytes("salted_password", &self.salted_password);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ScramCredentialUpsertion {
        with_name(name: impl Into<Str>);
        with_mechanism(mechanism: i8);
        with_iterations(iterations: i32);
        with_salt(salt: impl Into<Bytes>);
        with_salted_password(salted_password: impl Into<Bytes>);
    }
}

/// What became of each user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlterUserScramCredentialsResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// The users of the request.
    pub results: Vec<AlterUserScramCredentialsResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for AlterUserScramCredentialsResponse {
    const API_KEY: ApiKey = ApiKey::AlterUserScramCredentials;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for AlterUserScramCredentialsResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl AlterUserScramCredentialsResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            results: r.array("results", AlterUserScramCredentialsResult::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.array("results", &self.results, AlterUserScramCredentialsResult::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AlterUserScramCredentialsResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_results(results: Vec<AlterUserScramCredentialsResult>);
    }
}

/// What became of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlterUserScramCredentialsResult {
    /// Name of the user.
    pub user: Str,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for AlterUserScramCredentialsResult {
    fn default() -> Self {
        Self {
            user: Str::EMPTY,
            error_code: ErrorCode::NONE,
            error_message: Some(Str::EMPTY),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl AlterUserScramCredentialsResult {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            user: r.string("user"),
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("user", &self.user);
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AlterUserScramCredentialsResult {
        with_user(user: impl Into<Str>);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
    }
}
