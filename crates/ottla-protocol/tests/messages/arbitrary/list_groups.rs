// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `ListGroups` out of random bytes.

use ottla_protocol::messages::list_groups;

use crate::source::Source;

pub(crate) fn list_groups_request(s: &mut Source<'_>, version: i16) -> list_groups::ListGroupsRequest {
    let mut value = list_groups::ListGroupsRequest::default();
    if version >= 4 {
        value.states_filter = s.array(|s| s.string("states_filter"));
    }
    if version >= 5 {
        value.types_filter = s.array(|s| s.string("types_filter"));
    }
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn list_groups_response(s: &mut Source<'_>, version: i16) -> list_groups::ListGroupsResponse {
    let mut value = list_groups::ListGroupsResponse::default();
    if version >= 1 {
        value.throttle_time_ms = s.int32("throttle_time_ms");
    }
    value.error_code = s.error_code("error_code");
    value.groups = s.array(|s| listed_group(s, version));
    value.unknown_tags = s.tags();
    value
}

fn listed_group(s: &mut Source<'_>, version: i16) -> list_groups::ListedGroup {
    let mut value = list_groups::ListedGroup::default();
    value.group_id = s.string("group_id");
    value.protocol_type = s.string("protocol_type");
    if version >= 4 {
        value.group_state = s.string("group_state");
    }
    if version >= 5 {
        value.group_type = s.string("group_type");
    }
    value.unknown_tags = s.tags();
    value
}
