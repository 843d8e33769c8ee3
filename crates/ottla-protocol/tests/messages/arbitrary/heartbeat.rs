// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `Heartbeat` out of random bytes.

use ottla_protocol::messages::heartbeat;

use crate::source::Source;

pub(crate) fn heartbeat_request(s: &mut Source<'_>, version: i16) -> heartbeat::HeartbeatRequest {
    let mut value = heartbeat::HeartbeatRequest::default();
    value.group_id = s.string("group_id");
    value.generation_id = s.int32("generation_id");
    value.member_id = s.string("member_id");
    if version >= 3 {
        value.group_instance_id = s.nullable(true, |s| s.string("group_instance_id"));
    }
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn heartbeat_response(s: &mut Source<'_>, version: i16) -> heartbeat::HeartbeatResponse {
    let mut value = heartbeat::HeartbeatResponse::default();
    if version >= 1 {
        value.throttle_time_ms = s.int32("throttle_time_ms");
    }
    value.error_code = s.error_code("error_code");
    value.unknown_tags = s.tags();
    value
}
