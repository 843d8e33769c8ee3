// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `FindCoordinator` out of random bytes.

use ottla_protocol::messages::find_coordinator;

use crate::source::Source;

pub(crate) fn find_coordinator_request(
    s: &mut Source<'_>,
    version: i16,
) -> find_coordinator::FindCoordinatorRequest {
    let mut value = find_coordinator::FindCoordinatorRequest::default();
    if version <= 3 {
        value.key = s.string("key");
    }
    if version >= 1 {
        value.key_type = s.int8("key_type");
    }
    if version >= 4 {
        value.coordinator_keys = s.array(|s| s.string("coordinator_keys"));
    }
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn find_coordinator_response(
    s: &mut Source<'_>,
    version: i16,
) -> find_coordinator::FindCoordinatorResponse {
    let mut value = find_coordinator::FindCoordinatorResponse::default();
    if version >= 1 {
        value.throttle_time_ms = s.int32("throttle_time_ms");
    }
    if version <= 3 {
        value.error_code = s.error_code("error_code");
    }
    if (1..=3).contains(&version) {
        value.error_message = s.nullable(true, |s| s.string("error_message"));
    }
    if version <= 3 {
        value.node_id = s.int32("node_id");
    }
    if version <= 3 {
        value.host = s.string("host");
    }
    if version <= 3 {
        value.port = s.int32("port");
    }
    if version >= 4 {
        value.coordinators = s.array(|s| coordinator(s, version));
    }
    value.unknown_tags = s.tags();
    value
}

fn coordinator(s: &mut Source<'_>, _version: i16) -> find_coordinator::Coordinator {
    let mut value = find_coordinator::Coordinator::default();
    value.key = s.string("key");
    value.node_id = s.int32("node_id");
    value.host = s.string("host");
    value.port = s.int32("port");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.unknown_tags = s.tags();
    value
}
