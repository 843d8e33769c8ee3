// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `IncrementalAlterConfigs` out of random bytes.

use ottla_protocol::messages::incremental_alter_configs;

use crate::source::Source;

pub(crate) fn incremental_alter_configs_request(
    s: &mut Source<'_>,
    version: i16,
) -> incremental_alter_configs::IncrementalAlterConfigsRequest {
    let mut value = incremental_alter_configs::IncrementalAlterConfigsRequest::default();
    value.resources = s.array(|s| alter_configs_resource(s, version));
    value.validate_only = s.bool("validate_only");
    value.unknown_tags = s.tags();
    value
}

fn alter_configs_resource(
    s: &mut Source<'_>,
    version: i16,
) -> incremental_alter_configs::AlterConfigsResource {
    let mut value = incremental_alter_configs::AlterConfigsResource::default();
    value.resource_type = s.int8("resource_type");
    value.resource_name = s.string("resource_name");
    value.configs = s.array(|s| alterable_config(s, version));
    value.unknown_tags = s.tags();
    value
}

fn alterable_config(s: &mut Source<'_>, _version: i16) -> incremental_alter_configs::AlterableConfig {
    let mut value = incremental_alter_configs::AlterableConfig::default();
    value.name = s.string("name");
    value.config_operation = s.int8("config_operation");
    value.value = s.nullable(true, |s| s.string("value"));
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn incremental_alter_configs_response(
    s: &mut Source<'_>,
    version: i16,
) -> incremental_alter_configs::IncrementalAlterConfigsResponse {
    let mut value = incremental_alter_configs::IncrementalAlterConfigsResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.responses = s.array(|s| alter_configs_resource_response(s, version));
    value.unknown_tags = s.tags();
    value
}

fn alter_configs_resource_response(
    s: &mut Source<'_>,
    _version: i16,
) -> incremental_alter_configs::AlterConfigsResourceResponse {
    let mut value = incremental_alter_configs::AlterConfigsResourceResponse::default();
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.resource_type = s.int8("resource_type");
    value.resource_name = s.string("resource_name");
    value.unknown_tags = s.tags();
    value
}
