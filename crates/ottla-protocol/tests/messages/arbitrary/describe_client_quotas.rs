// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `DescribeClientQuotas` out of random bytes.

use ottla_protocol::messages::describe_client_quotas;

use crate::source::Source;

pub(crate) fn describe_client_quotas_request(
    s: &mut Source<'_>,
    version: i16,
) -> describe_client_quotas::DescribeClientQuotasRequest {
    let mut value = describe_client_quotas::DescribeClientQuotasRequest::default();
    value.components = s.array(|s| component_data(s, version));
    value.strict = s.bool("strict");
    value.unknown_tags = s.tags();
    value
}

fn component_data(s: &mut Source<'_>, _version: i16) -> describe_client_quotas::ComponentData {
    let mut value = describe_client_quotas::ComponentData::default();
    value.entity_type = s.string("entity_type");
    value.match_type = s.int8("match_type");
    value.match_ = s.nullable(true, |s| s.string("match"));
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn describe_client_quotas_response(
    s: &mut Source<'_>,
    version: i16,
) -> describe_client_quotas::DescribeClientQuotasResponse {
    let mut value = describe_client_quotas::DescribeClientQuotasResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.entries = s.nullable(true, |s| s.array(|s| entry_data(s, version)));
    value.unknown_tags = s.tags();
    value
}

fn entry_data(s: &mut Source<'_>, version: i16) -> describe_client_quotas::EntryData {
    let mut value = describe_client_quotas::EntryData::default();
    value.entity = s.array(|s| entity_data(s, version));
    value.values = s.array(|s| value_data(s, version));
    value.unknown_tags = s.tags();
    value
}

fn entity_data(s: &mut Source<'_>, _version: i16) -> describe_client_quotas::EntityData {
    let mut value = describe_client_quotas::EntityData::default();
    value.entity_type = s.string("entity_type");
    value.entity_name = s.nullable(true, |s| s.string("entity_name"));
    value.unknown_tags = s.tags();
    value
}

fn value_data(s: &mut Source<'_>, _version: i16) -> describe_client_quotas::ValueData {
    let mut value = describe_client_quotas::ValueData::default();
    value.key = s.string("key");
    value.value = s.float64("value");
    value.unknown_tags = s.tags();
    value
}
