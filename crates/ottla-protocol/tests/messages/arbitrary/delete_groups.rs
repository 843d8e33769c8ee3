// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `DeleteGroups` out of random bytes.

use ottla_protocol::messages::delete_groups;

use crate::source::Source;

pub(crate) fn delete_groups_request(s: &mut Source<'_>, _version: i16) -> delete_groups::DeleteGroupsRequest {
    let mut value = delete_groups::DeleteGroupsRequest::default();
    value.groups_names = s.array(|s| s.string("groups_names"));
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn delete_groups_response(
    s: &mut Source<'_>,
    version: i16,
) -> delete_groups::DeleteGroupsResponse {
    let mut value = delete_groups::DeleteGroupsResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.results = s.array(|s| deletable_group_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn deletable_group_result(s: &mut Source<'_>, _version: i16) -> delete_groups::DeletableGroupResult {
    let mut value = delete_groups::DeletableGroupResult::default();
    value.group_id = s.string("group_id");
    value.error_code = s.error_code("error_code");
    value.unknown_tags = s.tags();
    value
}
