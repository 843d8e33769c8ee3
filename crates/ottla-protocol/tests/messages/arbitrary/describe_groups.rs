// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `DescribeGroups` out of random bytes.

use ottla_protocol::messages::describe_groups;

use crate::source::Source;

pub(crate) fn describe_groups_request(
    s: &mut Source<'_>,
    version: i16,
) -> describe_groups::DescribeGroupsRequest {
    let mut value = describe_groups::DescribeGroupsRequest::default();
    value.groups = s.array(|s| s.string("groups"));
    if version >= 3 {
        value.include_authorized_operations = s.bool("include_authorized_operations");
    }
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn describe_groups_response(
    s: &mut Source<'_>,
    version: i16,
) -> describe_groups::DescribeGroupsResponse {
    let mut value = describe_groups::DescribeGroupsResponse::default();
    if version >= 1 {
        value.throttle_time_ms = s.int32("throttle_time_ms");
    }
    value.groups = s.array(|s| described_group(s, version));
    value.unknown_tags = s.tags();
    value
}

fn described_group(s: &mut Source<'_>, version: i16) -> describe_groups::DescribedGroup {
    let mut value = describe_groups::DescribedGroup::default();
    value.error_code = s.error_code("error_code");
    if version >= 6 {
        value.error_message = s.nullable(true, |s| s.string("error_message"));
    }
    value.group_id = s.string("group_id");
    value.group_state = s.string("group_state");
    value.protocol_type = s.string("protocol_type");
    value.protocol_data = s.string("protocol_data");
    value.members = s.array(|s| described_group_member(s, version));
    if version >= 3 {
        value.authorized_operations = s.int32("authorized_operations");
    }
    value.unknown_tags = s.tags();
    value
}

fn described_group_member(s: &mut Source<'_>, version: i16) -> describe_groups::DescribedGroupMember {
    let mut value = describe_groups::DescribedGroupMember::default();
    value.member_id = s.string("member_id");
    if version >= 4 {
        value.group_instance_id = s.nullable(true, |s| s.string("group_instance_id"));
    }
    value.client_id = s.string("client_id");
    value.client_host = s.string("client_host");
    value.member_metadata = s.bytes("member_metadata");
    value.member_assignment = s.bytes("member_assignment");
    value.unknown_tags = s.tags();
    value
}
