// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `LeaveGroup` out of random bytes.

use ottla_protocol::messages::leave_group;

use crate::source::Source;

pub(crate) fn leave_group_request(s: &mut Source<'_>, version: i16) -> leave_group::LeaveGroupRequest {
    let mut value = leave_group::LeaveGroupRequest::default();
    value.group_id = s.string("group_id");
    if version <= 2 {
        value.member_id = s.string("member_id");
    }
    if version >= 3 {
        value.members = s.array(|s| member_identity(s, version));
    }
    value.unknown_tags = s.tags();
    value
}

fn member_identity(s: &mut Source<'_>, version: i16) -> leave_group::MemberIdentity {
    let mut value = leave_group::MemberIdentity::default();
    value.member_id = s.string("member_id");
    value.group_instance_id = s.nullable(true, |s| s.string("group_instance_id"));
    if version >= 5 {
        value.reason = s.nullable(true, |s| s.string("reason"));
    }
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn leave_group_response(s: &mut Source<'_>, version: i16) -> leave_group::LeaveGroupResponse {
    let mut value = leave_group::LeaveGroupResponse::default();
    if version >= 1 {
        value.throttle_time_ms = s.int32("throttle_time_ms");
    }
    value.error_code = s.error_code("error_code");
    if version >= 3 {
        value.members = s.array(|s| member_response(s, version));
    }
    value.unknown_tags = s.tags();
    value
}

fn member_response(s: &mut Source<'_>, _version: i16) -> leave_group::MemberResponse {
    let mut value = leave_group::MemberResponse::default();
    value.member_id = s.string("member_id");
    value.group_instance_id = s.nullable(true, |s| s.string("group_instance_id"));
    value.error_code = s.error_code("error_code");
    value.unknown_tags = s.tags();
    value
}
