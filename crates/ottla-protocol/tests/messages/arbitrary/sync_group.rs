// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `SyncGroup` out of random bytes.

use ottla_protocol::messages::sync_group;

use crate::source::Source;

pub(crate) fn sync_group_request(s: &mut Source<'_>, version: i16) -> sync_group::SyncGroupRequest {
    let mut value = sync_group::SyncGroupRequest::default();
    value.group_id = s.string("group_id");
    value.generation_id = s.int32("generation_id");
    value.member_id = s.string("member_id");
    if version >= 3 {
        value.group_instance_id = s.nullable(true, |s| s.string("group_instance_id"));
    }
    if version >= 5 {
        value.protocol_type = s.nullable(true, |s| s.string("protocol_type"));
    }
    if version >= 5 {
        value.protocol_name = s.nullable(true, |s| s.string("protocol_name"));
    }
    value.assignments = s.array(|s| sync_group_request_assignment(s, version));
    value.unknown_tags = s.tags();
    value
}

fn sync_group_request_assignment(
    s: &mut Source<'_>,
    _version: i16,
) -> sync_group::SyncGroupRequestAssignment {
    let mut value = sync_group::SyncGroupRequestAssignment::default();
    value.member_id = s.string("member_id");
    value.assignment = s.bytes("assignment");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn sync_group_response(s: &mut Source<'_>, version: i16) -> sync_group::SyncGroupResponse {
    let mut value = sync_group::SyncGroupResponse::default();
    if version >= 1 {
        value.throttle_time_ms = s.int32("throttle_time_ms");
    }
    value.error_code = s.error_code("error_code");
    if version >= 5 {
        value.protocol_type = s.nullable(true, |s| s.string("protocol_type"));
    }
    if version >= 5 {
        value.protocol_name = s.nullable(true, |s| s.string("protocol_name"));
    }
    value.assignment = s.bytes("assignment");
    value.unknown_tags = s.tags();
    value
}
