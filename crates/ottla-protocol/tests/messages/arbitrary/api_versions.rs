// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `ApiVersions` out of random bytes.

use ottla_protocol::messages::api_versions;

use crate::source::Source;

pub(crate) fn api_versions_request(s: &mut Source<'_>, version: i16) -> api_versions::ApiVersionsRequest {
    let mut value = api_versions::ApiVersionsRequest::default();
    if version >= 3 {
        value.client_software_name = s.string("client_software_name");
    }
    if version >= 3 {
        value.client_software_version = s.string("client_software_version");
    }
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn api_versions_response(s: &mut Source<'_>, version: i16) -> api_versions::ApiVersionsResponse {
    let mut value = api_versions::ApiVersionsResponse::default();
    value.error_code = s.error_code("error_code");
    value.api_keys = s.array(|s| api_version(s, version));
    if version >= 1 {
        value.throttle_time_ms = s.int32("throttle_time_ms");
    }
    if version >= 3 {
        value.supported_features = s.array(|s| supported_feature_key(s, version));
    }
    if version >= 3 {
        value.finalized_features_epoch = s.int64("finalized_features_epoch");
    }
    if version >= 3 {
        value.finalized_features = s.array(|s| finalized_feature_key(s, version));
    }
    if version >= 3 {
        value.zk_migration_ready = s.bool("zk_migration_ready");
    }
    value.unknown_tags = s.tags();
    value
}

fn api_version(s: &mut Source<'_>, _version: i16) -> api_versions::ApiVersion {
    let mut value = api_versions::ApiVersion::default();
    value.api_key = s.int16("api_key");
    value.min_version = s.int16("min_version");
    value.max_version = s.int16("max_version");
    value.unknown_tags = s.tags();
    value
}

fn supported_feature_key(s: &mut Source<'_>, _version: i16) -> api_versions::SupportedFeatureKey {
    let mut value = api_versions::SupportedFeatureKey::default();
    value.name = s.string("name");
    value.min_version = s.int16("min_version");
    value.max_version = s.int16("max_version");
    value.unknown_tags = s.tags();
    value
}

fn finalized_feature_key(s: &mut Source<'_>, _version: i16) -> api_versions::FinalizedFeatureKey {
    let mut value = api_versions::FinalizedFeatureKey::default();
    value.name = s.string("name");
    value.max_version_level = s.int16("max_version_level");
    value.min_version_level = s.int16("min_version_level");
    value.unknown_tags = s.tags();
    value
}
