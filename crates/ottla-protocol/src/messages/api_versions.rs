// Generated from schema/api_versions.txt by `cargo xtask codegen`: change that file and run it again.
//! `ApiVersions` (API key 18): which versions of which APIs a broker serves.
//!
//! A client sends this first on each connection, before it knows anything of the broker, so the
//! response header never has tagged fields, and a version that the broker does not know is answered in
//! the form of version 0 with `UNSUPPORTED_VERSION` and the range that it does know (KIP-511). v1 adds
//! `throttle_time_ms`; v3 is the first flexible version, with the client's name and the features of the
//! cluster; v4 lets the minimum of a feature be 0.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Asks for the served versions, and says who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiVersionsRequest {
    /// Name of the client library, such as `ottla-client` (KIP-511). v3+.
    pub client_software_name: Str,
    /// Version of the client library. v3+.
    pub client_software_version: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for ApiVersionsRequest {
    const API_KEY: ApiKey = ApiKey::ApiVersions;
    const VERSIONS: RangeInclusive<i16> = 0..=4;
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ApiVersionsRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ApiVersionsRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            client_software_name: match r.version {
                3.. => r.string("client_software_name"),
                _ => Str::EMPTY,
            },
            client_software_version: match r.version {
                3.. => r.string("client_software_version"),
                _ => Str::EMPTY,
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        if s.version >= 3 {
            s.string("client_software_name", &self.client_software_name);
        }
        if s.version >= 3 {
            s.string("client_software_version", &self.client_software_version);
        }
        s.tags(&self.unknown_tags);
    }
}

impl Request for ApiVersionsRequest {
    type Response = ApiVersionsResponse;
}

setters! {
    ApiVersionsRequest {
        with_client_software_name(client_software_name: impl Into<Str>);
        with_client_software_version(client_software_version: impl Into<Str>);
    }
}

/// The APIs of a broker, and the features of its cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiVersionsResponse {
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Every API that is served, with its versions.
    pub api_keys: Vec<ApiVersion>,
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not. v1+.
    pub throttle_time_ms: i32,
    /// Features that this broker could serve (KIP-584). v3+.
    pub supported_features: Vec<SupportedFeatureKey>,
    /// Number of the last change to the finalized features; -1 if it is not known. v3+. Default `-1`.
    pub finalized_features_epoch: i64,
    /// Features that the whole cluster has agreed to use; says something only if their epoch is known. v3+.
    pub finalized_features: Vec<FinalizedFeatureKey>,
    /// Whether a migration from ZooKeeper could start; of no use since Kafka 4.0. v3+.
    pub zk_migration_ready: bool,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for ApiVersionsResponse {
    fn default() -> Self {
        Self {
            error_code: ErrorCode::NONE,
            api_keys: Vec::new(),
            throttle_time_ms: 0,
            supported_features: Vec::new(),
            finalized_features_epoch: -1,
            finalized_features: Vec::new(),
            zk_migration_ready: false,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for ApiVersionsResponse {
    const API_KEY: ApiKey = ApiKey::ApiVersions;
    const VERSIONS: RangeInclusive<i16> = 0..=4;
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for ApiVersionsResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ApiVersionsResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        let mut message = Self {
            error_code: r.error_code("error_code"),
            api_keys: r.array("api_keys", ApiVersion::read),
            throttle_time_ms: match r.version {
                1.. => r.i32("throttle_time_ms"),
                _ => 0,
            },
            supported_features: Vec::new(),
            finalized_features_epoch: -1,
            finalized_features: Vec::new(),
            zk_migration_ready: false,
            unknown_tags: TaggedFields::new(),
        };
        message.unknown_tags = r.known_tags(&mut |r, tag| {
            match tag {
                0 if r.version >= 3 => {
                    message.supported_features = r.array("supported_features", SupportedFeatureKey::read)
                }
                1 if r.version >= 3 => message.finalized_features_epoch = r.i64("finalized_features_epoch"),
                2 if r.version >= 3 => {
                    message.finalized_features = r.array("finalized_features", FinalizedFeatureKey::read)
                }
                3 if r.version >= 3 => message.zk_migration_ready = r.bool("zk_migration_ready"),
                _ => return false,
            }
            true
        });
        message
    }

    fn write(&self, s: &mut LeanSink) {
        s.error_code(self.error_code);
        s.array("api_keys", &self.api_keys, ApiVersion::write);
        if s.version >= 1 {
            s.i32(self.throttle_time_ms);
        }
        let mut known = TaggedFields::new();
        if s.version >= 3 && !self.supported_features.is_empty() {
            s.tag(&mut known, 0, &mut |s| {
                s.array("supported_features", &self.supported_features, SupportedFeatureKey::write);
            });
        }
        if s.version >= 3 && self.finalized_features_epoch != -1 {
            s.tag(&mut known, 1, &mut |s| {
                s.i64(self.finalized_features_epoch);
            });
        }
        if s.version >= 3 && !self.finalized_features.is_empty() {
            s.tag(&mut known, 2, &mut |s| {
                s.array("finalized_features", &self.finalized_features, FinalizedFeatureKey::write);
            });
        }
        if s.version >= 3 && self.zk_migration_ready {
            s.tag(&mut known, 3, &mut |s| {
                s.bool(self.zk_migration_ready);
            });
        }
        s.known_tags(&known, &self.unknown_tags);
    }
}

setters! {
    ApiVersionsResponse {
        with_error_code(error_code: ErrorCode);
        with_api_keys(api_keys: Vec<ApiVersion>);
        with_throttle_time_ms(throttle_time_ms: i32);
        with_supported_features(supported_features: Vec<SupportedFeatureKey>);
        with_finalized_features_epoch(finalized_features_epoch: i64);
        with_finalized_features(finalized_features: Vec<FinalizedFeatureKey>);
        with_zk_migration_ready(zk_migration_ready: bool);
    }
}

/// One API and the versions of it that are served.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiVersion {
    /// Key of the API.
    pub api_key: i16,
    /// Lowest version that is served.
    pub min_version: i16,
    /// Highest version that is served.
    pub max_version: i16,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ApiVersion {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            api_key: r.i16("api_key"),
            min_version: r.i16("min_version"),
            max_version: r.i16("max_version"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i16(self.api_key);
        s.i16(self.min_version);
        s.i16(self.max_version);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ApiVersion {
        with_api_key(api_key: i16);
        with_min_version(min_version: i16);
        with_max_version(max_version: i16);
    }
}

/// A feature, and the levels of it that this broker could serve.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SupportedFeatureKey {
    /// Name of the feature.
    pub name: Str,
    /// Lowest level.
    pub min_version: i16,
    /// Highest level.
    pub max_version: i16,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl SupportedFeatureKey {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            min_version: r.i16("min_version"),
            max_version: r.i16("max_version"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.i16(self.min_version);
        s.i16(self.max_version);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    SupportedFeatureKey {
        with_name(name: impl Into<Str>);
        with_min_version(min_version: i16);
        with_max_version(max_version: i16);
    }
}

/// A feature, and the levels of it that the cluster has agreed on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FinalizedFeatureKey {
    /// Name of the feature.
    pub name: Str,
    /// Highest level in use.
    pub max_version_level: i16,
    /// Lowest level in use.
    pub min_version_level: i16,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl FinalizedFeatureKey {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            max_version_level: r.i16("max_version_level"),
            min_version_level: r.i16("min_version_level"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.i16(self.max_version_level);
        s.i16(self.min_version_level);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    FinalizedFeatureKey {
        with_name(name: impl Into<Str>);
        with_max_version_level(max_version_level: i16);
        with_min_version_level(min_version_level: i16);
    }
}
