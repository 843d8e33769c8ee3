// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `JoinGroup` out of random bytes.

use ottla_protocol::messages::join_group;

use crate::source::Source;

pub(crate) fn join_group_request(s: &mut Source<'_>, version: i16) -> join_group::JoinGroupRequest {
    let mut value = join_group::JoinGroupRequest::default();
    value.group_id = s.string("group_id");
    value.session_timeout_ms = s.int32("session_timeout_ms");
    if version >= 1 {
        value.rebalance_timeout_ms = s.int32("rebalance_timeout_ms");
    }
    value.member_id = s.string("member_id");
    if version >= 5 {
        value.group_instance_id = s.nullable(true, |s| s.string("group_instance_id"));
    }
    value.protocol_type = s.string("protocol_type");
    value.protocols = s.array(|s| join_group_request_protocol(s, version));
    if version >= 8 {
        value.reason = s.nullable(true, |s| s.string("reason"));
    }
    value.unknown_tags = s.tags();
    value
}

fn join_group_request_protocol(s: &mut Source<'_>, _version: i16) -> join_group::JoinGroupRequestProtocol {
    let mut value = join_group::JoinGroupRequestProtocol::default();
    value.name = s.string("name");
    value.metadata = s.bytes("metadata");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn join_group_response(s: &mut Source<'_>, version: i16) -> join_group::JoinGroupResponse {
    let mut value = join_group::JoinGroupResponse::default();
    if version >= 2 {
        value.throttle_time_ms = s.int32("throttle_time_ms");
    }
    value.error_code = s.error_code("error_code");
    value.generation_id = s.int32("generation_id");
    if version >= 7 {
        value.protocol_type = s.nullable(true, |s| s.string("protocol_type"));
    }
    value.protocol_name = s.nullable(version >= 7, |s| s.string("protocol_name"));
    value.leader = s.string("leader");
    if version >= 9 {
        value.skip_assignment = s.bool("skip_assignment");
    }
    value.member_id = s.string("member_id");
    value.members = s.array(|s| join_group_response_member(s, version));
    value.unknown_tags = s.tags();
    value
}

fn join_group_response_member(s: &mut Source<'_>, version: i16) -> join_group::JoinGroupResponseMember {
    let mut value = join_group::JoinGroupResponseMember::default();
    value.member_id = s.string("member_id");
    if version >= 5 {
        value.group_instance_id = s.nullable(true, |s| s.string("group_instance_id"));
    }
    value.metadata = s.bytes("metadata");
    value.unknown_tags = s.tags();
    value
}
