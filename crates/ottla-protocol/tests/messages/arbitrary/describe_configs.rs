// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `DescribeConfigs` out of random bytes.

use ottla_protocol::messages::describe_configs;

use crate::source::Source;

pub(crate) fn describe_configs_request(
    s: &mut Source<'_>,
    version: i16,
) -> describe_configs::DescribeConfigsRequest {
    let mut value = describe_configs::DescribeConfigsRequest::default();
    value.resources = s.array(|s| describe_configs_resource(s, version));
    value.include_synonyms = s.bool();
    if version >= 3 {
        value.include_documentation = s.bool();
    }
    value.unknown_tags = s.tags();
    value
}

fn describe_configs_resource(s: &mut Source<'_>, _version: i16) -> describe_configs::DescribeConfigsResource {
    let mut value = describe_configs::DescribeConfigsResource::default();
    value.resource_type = s.int8();
    value.resource_name = s.string();
    value.configuration_keys = s.nullable(true, |s| s.array(|s| s.string()));
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn describe_configs_response(
    s: &mut Source<'_>,
    version: i16,
) -> describe_configs::DescribeConfigsResponse {
    let mut value = describe_configs::DescribeConfigsResponse::default();
    value.throttle_time_ms = s.int32();
    value.results = s.array(|s| describe_configs_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn describe_configs_result(s: &mut Source<'_>, version: i16) -> describe_configs::DescribeConfigsResult {
    let mut value = describe_configs::DescribeConfigsResult::default();
    value.error_code = s.error_code();
    value.error_message = s.nullable(true, |s| s.string());
    value.resource_type = s.int8();
    value.resource_name = s.string();
    value.configs = s.array(|s| describe_configs_resource_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn describe_configs_resource_result(
    s: &mut Source<'_>,
    version: i16,
) -> describe_configs::DescribeConfigsResourceResult {
    let mut value = describe_configs::DescribeConfigsResourceResult::default();
    value.name = s.string();
    value.value = s.nullable(true, |s| s.string());
    value.read_only = s.bool();
    value.config_source = s.int8();
    value.is_sensitive = s.bool();
    value.synonyms = s.array(|s| describe_configs_synonym(s, version));
    if version >= 3 {
        value.config_type = s.int8();
    }
    if version >= 3 {
        value.documentation = s.nullable(true, |s| s.string());
    }
    value.unknown_tags = s.tags();
    value
}

fn describe_configs_synonym(s: &mut Source<'_>, _version: i16) -> describe_configs::DescribeConfigsSynonym {
    let mut value = describe_configs::DescribeConfigsSynonym::default();
    value.name = s.string();
    value.value = s.nullable(true, |s| s.string());
    value.source = s.int8();
    value.unknown_tags = s.tags();
    value
}
