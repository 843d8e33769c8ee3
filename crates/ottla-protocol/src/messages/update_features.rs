// Generated from schema/update_features.txt by `cargo xtask codegen`: change that file and run it again.
//! `UpdateFeatures` (API key 57): changes the features that the cluster has agreed on (KIP-584).
//!
//! Flexible from the first version. v1 can only check, and says how a level may go down (KIP-778); v2
//! answers without a result for each feature.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Features that are to have another level.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UpdateFeaturesRequest {
    /// How long to wait until the change is made, in milliseconds. Default `60000`.
    pub timeout_ms: i32,
    /// The features.
    pub feature_updates: Vec<FeatureUpdateKey>,
    /// Whether only to check the request, and change nothing. v1+.
    pub validate_only: bool,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for UpdateFeaturesRequest {
    fn default() -> Self {
        Self {
            timeout_ms: 60000,
            feature_updates: Vec::new(),
            validate_only: false,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for UpdateFeaturesRequest {
    const API_KEY: ApiKey = ApiKey::UpdateFeatures;
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for UpdateFeaturesRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl UpdateFeaturesRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            timeout_ms: r.i32("timeout_ms"),
            feature_updates: r.array("feature_updates", FeatureUpdateKey::read),
            validate_only: match r.version {
                1.. => r.bool("validate_only"),
                _ => false,
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.timeout_ms);
        s.array("feature_updates", &self.feature_updates, FeatureUpdateKey::write);
        if s.version >= 1 {
            s.bool(self.validate_only);
        } else if self.validate_only {
            s.not_in_version("validate_only");
        }
        s.tags(&self.unknown_tags);
    }
}

impl Request for UpdateFeaturesRequest {
    type Response = UpdateFeaturesResponse;
}

setters! {
    UpdateFeaturesRequest {
        with_timeout_ms(timeout_ms: i32);
        with_feature_updates(feature_updates: Vec<FeatureUpdateKey>);
        with_validate_only(validate_only: bool);
    }
}

/// One feature.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FeatureUpdateKey {
    /// Name of the feature.
    pub feature: Str,
    /// Its new level; below 1 the feature is no longer used.
    pub max_version_level: i16,
    /// Whether the level may go down. Until v0.
    pub allow_downgrade: bool,
    /// Where the level may go: 1 only up, 2 down if nothing is lost, 3 down in any case. v1+. Default `1`.
    pub upgrade_type: i8,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for FeatureUpdateKey {
    fn default() -> Self {
        Self {
            feature: Str::EMPTY,
            max_version_level: 0,
            allow_downgrade: false,
            upgrade_type: 1,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl FeatureUpdateKey {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            feature: r.string("feature"),
            max_version_level: r.i16("max_version_level"),
            allow_downgrade: match r.version {
                ..=0 => r.bool("allow_downgrade"),
                _ => false,
            },
            upgrade_type: match r.version {
                1.. => r.i8("upgrade_type"),
                _ => 1,
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("feature", &self.feature);
        s.i16(self.max_version_level);
        if s.version <= 0 {
            s.bool(self.allow_downgrade);
        } else if self.allow_downgrade {
            s.not_in_version("allow_downgrade");
        }
        if s.version >= 1 {
            s.i8(self.upgrade_type);
        } else if self.upgrade_type != 1 {
            s.not_in_version("upgrade_type");
        }
        s.tags(&self.unknown_tags);
    }
}

setters! {
    FeatureUpdateKey {
        with_feature(feature: impl Into<Str>);
        with_max_version_level(max_version_level: i16);
        with_allow_downgrade(allow_downgrade: bool);
        with_upgrade_type(upgrade_type: i8);
    }
}

/// What became of the features.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UpdateFeaturesResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// The features of the request. Until v1.
    pub results: Vec<UpdatableFeatureResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for UpdateFeaturesResponse {
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

impl Message for UpdateFeaturesResponse {
    const API_KEY: ApiKey = ApiKey::UpdateFeatures;
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for UpdateFeaturesResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl UpdateFeaturesResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            results: match r.version {
                ..=1 => r.array("results", UpdatableFeatureResult::read),
                _ => Vec::new(),
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        if s.version <= 1 {
            s.array("results", &self.results, UpdatableFeatureResult::write);
        }
        s.tags(&self.unknown_tags);
    }
}

setters! {
    UpdateFeaturesResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_results(results: Vec<UpdatableFeatureResult>);
    }
}

/// What became of one feature.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UpdatableFeatureResult {
    /// Name of the feature.
    pub feature: Str,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for UpdatableFeatureResult {
    fn default() -> Self {
        Self {
            feature: Str::EMPTY,
            error_code: ErrorCode::NONE,
            error_message: Some(Str::EMPTY),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl UpdatableFeatureResult {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            feature: r.string("feature"),
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("feature", &self.feature);
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.tags(&self.unknown_tags);
    }
}

setters! {
    UpdatableFeatureResult {
        with_feature(feature: impl Into<Str>);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
    }
}
