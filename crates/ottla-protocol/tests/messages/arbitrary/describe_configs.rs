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
    value.include_synonyms = s.bool("include_synonyms");
    if version >= 3 {
        value.include_documentation = s.bool("include_documentation");
    }
    value.unknown_tags = s.tags();
    value
}

fn describe_configs_resource(s: &mut Source<'_>, _version: i16) -> describe_configs::DescribeConfigsResource {
    let mut value = describe_configs::DescribeConfigsResource::default();
    value.resource_type = s.int8("resource_type");
    value.resource_name = s.string("resource_name");
    value.configuration_keys = s.nullable(true, |s| s.array(|s| s.string("configuration_keys")));
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn describe_configs_response(
    s: &mut Source<'_>,
    version: i16,
) -> describe_configs::DescribeConfigsResponse {
    let mut value = describe_configs::DescribeConfigsResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.results = s.array(|s| describe_configs_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn describe_configs_result(s: &mut Source<'_>, version: i16) -> describe_configs::DescribeConfigsResult {
    let mut value = describe_configs::DescribeConfigsResult::default();
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.resource_type = s.int8("resource_type");
    value.resource_name = s.string("resource_name");
    value.configs = s.array(|s| describe_configs_resource_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn describe_configs_resource_result(
    s: &mut Source<'_>,
    version: i16,
) -> describe_configs::DescribeConfigsResourceResult {
    let mut value = describe_configs::DescribeConfigsResourceResult::default();
    value.name = s.string("name");
    value.value = s.nullable(true, |s| s.string("value"));
    value.read_only = s.bool("read_only");
    value.config_source = s.int8("config_source");
    value.is_sensitive = s.bool("is_sensitive");
    value.synonyms = s.array(|s| describe_configs_synonym(s, version));
    if version >= 3 {
        value.config_type = s.int8("config_type");
    }
    if version >= 3 {
        value.documentation = s.nullable(true, |s| s.string("documentation"));
    }
    value.unknown_tags = s.tags();
    value
}

fn describe_configs_synonym(s: &mut Source<'_>, _version: i16) -> describe_configs::DescribeConfigsSynonym {
    let mut value = describe_configs::DescribeConfigsSynonym::default();
    value.name = s.string("name");
    value.value = s.nullable(true, |s| s.string("value"));
    value.source = s.int8("source");
    value.unknown_tags = s.tags();
    value
}
