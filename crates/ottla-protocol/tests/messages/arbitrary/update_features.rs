// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `UpdateFeatures` out of random bytes.

use ottla_protocol::messages::update_features;

use crate::source::Source;

pub(crate) fn update_features_request(
    s: &mut Source<'_>,
    version: i16,
) -> update_features::UpdateFeaturesRequest {
    let mut value = update_features::UpdateFeaturesRequest::default();
    value.timeout_ms = s.int32("timeout_ms");
    value.feature_updates = s.array(|s| feature_update_key(s, version));
    if version >= 1 {
        value.validate_only = s.bool("validate_only");
    }
    value.unknown_tags = s.tags();
    value
}

fn feature_update_key(s: &mut Source<'_>, version: i16) -> update_features::FeatureUpdateKey {
    let mut value = update_features::FeatureUpdateKey::default();
    value.feature = s.string("feature");
    value.max_version_level = s.int16("max_version_level");
    if version <= 0 {
        value.allow_downgrade = s.bool("allow_downgrade");
    }
    if version >= 1 {
        value.upgrade_type = s.int8("upgrade_type");
    }
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn update_features_response(
    s: &mut Source<'_>,
    version: i16,
) -> update_features::UpdateFeaturesResponse {
    let mut value = update_features::UpdateFeaturesResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    if version <= 1 {
        value.results = s.array(|s| updatable_feature_result(s, version));
    }
    value.unknown_tags = s.tags();
    value
}

fn updatable_feature_result(s: &mut Source<'_>, _version: i16) -> update_features::UpdatableFeatureResult {
    let mut value = update_features::UpdatableFeatureResult::default();
    value.feature = s.string("feature");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.unknown_tags = s.tags();
    value
}
