//! `DescribeGroups` (key 15): groups and their members, as they are at the moment.

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::describe_groups::{
    DescribeGroupsRequest, DescribeGroupsResponse, DescribedGroup,
};
use ottla_protocol::wire::Str;

use super::{Handling, told};
use crate::broker::Core;

/// What may be done with a group, as a bit set: everything, while there is no access control.
const GROUP_OPERATIONS: i32 = 3400;
/// The first version in which a group that does not exist is an error (KIP-1043).
const FIRST_WITH_NOT_FOUND: i16 = 6;

/// Describes each group.
pub(crate) fn handle(core: &Core, version: i16, request: DescribeGroupsRequest) -> Handling {
    let describe = |group: Str| match described(core, version, &group) {
        Ok(mut answer) => {
            if request.include_authorized_operations && answer.error_code.is_none() {
                answer.authorized_operations = GROUP_OPERATIONS;
            }
            answer
        }
        Err(code) => {
            let mut answer = DescribedGroup::default();
            answer.group_id = group;
            answer.error_code = code;
            answer
        }
    };
    let mut response = DescribeGroupsResponse::default();
    response.groups = request.groups.into_iter().map(describe).collect();
    Handling::respond(ResponseBody::DescribeGroups(response))
}

fn described(core: &Core, version: i16, group: &Str) -> Result<DescribedGroup, ErrorCode> {
    let locked = core.groups.shard(group)?.enter()?;
    Ok(locked.machine().classic.describe(group).unwrap_or_else(|| {
        let mut answer = DescribedGroup::default();
        answer.group_id = group.clone();
        answer.group_state = Str::from_static("Dead");
        if version >= FIRST_WITH_NOT_FOUND {
            answer.error_code = ErrorCode::GROUP_ID_NOT_FOUND;
            let is_other =
                locked.machine().consumer.contains(group) || locked.machine().share.contains(group);
            let what = if is_other { "is not a classic group" } else { "not found" };
            answer.error_message = Some(told(format!("Group {group} {what}.")));
        }
        answer
    }))
}
