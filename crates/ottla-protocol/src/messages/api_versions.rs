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
use crate::wire::{DecodeError, EncodeError, Reader, Sink, Str, TaggedFields};

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
        Ok(Self {
            client_software_name: match version {
                3.. => r.string("client_software_name")?,
                _ => Str::EMPTY,
            },
            client_software_version: match version {
                3.. => r.string("client_software_version")?,
                _ => Str::EMPTY,
            },
            unknown_tags: r.tags()?,
        })
    }
}

impl<F> Encode<F> for ApiVersionsRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        if version >= 3 {
            s.string("client_software_name", &self.client_software_name)?;
        }
        if version >= 3 {
            s.string("client_software_version", &self.client_software_version)?;
        }
        s.tags(&self.unknown_tags, version)
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
        let mut message = Self {
            error_code: r.error_code("error_code")?,
            api_keys: r.array("api_keys", ApiVersion::decode)?,
            throttle_time_ms: match version {
                1.. => r.i32("throttle_time_ms")?,
                _ => 0,
            },
            supported_features: Vec::new(),
            finalized_features_epoch: -1,
            finalized_features: Vec::new(),
            zk_migration_ready: false,
            unknown_tags: TaggedFields::new(),
        };
        message.unknown_tags = r.known_tags(|r, tag| {
            match tag {
                0 if version >= 3 => {
                    message.supported_features = r.array("supported_features", SupportedFeatureKey::decode)?
                }
                1 if version >= 3 => message.finalized_features_epoch = r.i64("finalized_features_epoch")?,
                2 if version >= 3 => {
                    message.finalized_features = r.array("finalized_features", FinalizedFeatureKey::decode)?
                }
                3 if version >= 3 => message.zk_migration_ready = r.bool("zk_migration_ready")?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(message)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for ApiVersionsResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.error_code(self.error_code);
        s.array("api_keys", &self.api_keys, |s, value| value.encode(s, version))?;
        if version >= 1 {
            s.i32(self.throttle_time_ms);
        }
        let mut known = TaggedFields::new();
        if version >= 3 && !self.supported_features.is_empty() {
            known.push_known(0, |s| {
                s.array("supported_features", &self.supported_features, |s, value| value.encode(s, version))
            })?;
        }
        if version >= 3 && self.finalized_features_epoch != -1 {
            known.push_known(1, |s| {
                s.i64(self.finalized_features_epoch);
                Ok(())
            })?;
        }
        if version >= 3 && !self.finalized_features.is_empty() {
            known.push_known(2, |s| {
                s.array("finalized_features", &self.finalized_features, |s, value| value.encode(s, version))
            })?;
        }
        if version >= 3 && self.zk_migration_ready {
            known.push_known(3, |s| {
                s.bool(self.zk_migration_ready);
                Ok(())
            })?;
        }
        s.known_tags(&known, &self.unknown_tags, version)
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
    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            api_key: r.i16("api_key")?,
            min_version: r.i16("min_version")?,
            max_version: r.i16("max_version")?,
            unknown_tags: r.tags()?,
        })
    }

    fn encode<F, S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        s.i16(self.api_key);
        s.i16(self.min_version);
        s.i16(self.max_version);
        s.tags(&self.unknown_tags, version)
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
    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            name: r.string("name")?,
            min_version: r.i16("min_version")?,
            max_version: r.i16("max_version")?,
            unknown_tags: r.tags()?,
        })
    }

    fn encode<F, S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        s.string("name", &self.name)?;
        s.i16(self.min_version);
        s.i16(self.max_version);
        s.tags(&self.unknown_tags, version)
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
    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            name: r.string("name")?,
            max_version_level: r.i16("max_version_level")?,
            min_version_level: r.i16("min_version_level")?,
            unknown_tags: r.tags()?,
        })
    }

    fn encode<F, S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        s.string("name", &self.name)?;
        s.i16(self.max_version_level);
        s.i16(self.min_version_level);
        s.tags(&self.unknown_tags, version)
    }
}

setters! {
    FinalizedFeatureKey {
        with_name(name: impl Into<Str>);
        with_max_version_level(max_version_level: i16);
        with_min_version_level(min_version_level: i16);
    }
}
