// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `AlterClientQuotas` out of random bytes.

use ottla_protocol::messages::alter_client_quotas;

use crate::source::Source;

pub(crate) fn alter_client_quotas_request(
    s: &mut Source<'_>,
    version: i16,
) -> alter_client_quotas::AlterClientQuotasRequest {
    let mut value = alter_client_quotas::AlterClientQuotasRequest::default();
    value.entries = s.array(|s| entry_data(s, version));
    value.validate_only = s.bool("validate_only");
    value.unknown_tags = s.tags();
    value
}

fn entry_data(s: &mut Source<'_>, version: i16) -> alter_client_quotas::EntryData {
    let mut value = alter_client_quotas::EntryData::default();
    value.entity = s.array(|s| entity_data(s, version));
    value.ops = s.array(|s| op_data(s, version));
    value.unknown_tags = s.tags();
    value
}

fn entity_data(s: &mut Source<'_>, _version: i16) -> alter_client_quotas::EntityData {
    let mut value = alter_client_quotas::EntityData::default();
    value.entity_type = s.string("entity_type");
    value.entity_name = s.nullable(true, |s| s.string("entity_name"));
    value.unknown_tags = s.tags();
    value
}

fn op_data(s: &mut Source<'_>, _version: i16) -> alter_client_quotas::OpData {
    let mut value = alter_client_quotas::OpData::default();
    value.key = s.string("key");
    value.value = s.float64("value");
    value.remove = s.bool("remove");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn alter_client_quotas_response(
    s: &mut Source<'_>,
    version: i16,
) -> alter_client_quotas::AlterClientQuotasResponse {
    let mut value = alter_client_quotas::AlterClientQuotasResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.entries = s.array(|s| entry_data_response(s, version));
    value.unknown_tags = s.tags();
    value
}

fn entry_data_response(s: &mut Source<'_>, version: i16) -> alter_client_quotas::EntryDataResponse {
    let mut value = alter_client_quotas::EntryDataResponse::default();
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.entity = s.array(|s| entity_data(s, version));
    value.unknown_tags = s.tags();
    value
}
