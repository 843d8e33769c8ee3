// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `ListConfigResources` out of random bytes.

use ottla_protocol::messages::list_config_resources;

use crate::source::Source;

pub(crate) fn list_config_resources_request(
    s: &mut Source<'_>,
    version: i16,
) -> list_config_resources::ListConfigResourcesRequest {
    let mut value = list_config_resources::ListConfigResourcesRequest::default();
    if version >= 1 {
        value.resource_types = s.array(|s| s.int8("resource_types"));
    }
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn list_config_resources_response(
    s: &mut Source<'_>,
    version: i16,
) -> list_config_resources::ListConfigResourcesResponse {
    let mut value = list_config_resources::ListConfigResourcesResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.error_code = s.error_code("error_code");
    value.config_resources = s.array(|s| config_resource(s, version));
    value.unknown_tags = s.tags();
    value
}

fn config_resource(s: &mut Source<'_>, version: i16) -> list_config_resources::ConfigResource {
    let mut value = list_config_resources::ConfigResource::default();
    value.resource_name = s.string("resource_name");
    if version >= 1 {
        value.resource_type = s.int8("resource_type");
    }
    value.unknown_tags = s.tags();
    value
}
