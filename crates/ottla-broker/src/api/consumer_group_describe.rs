//! `ConsumerGroupDescribe` (key 69): consumer groups (KIP-848) and their members, as they are at the moment.

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::consumer_group_describe::{
    ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, DescribedGroup,
};
use ottla_protocol::wire::Str;

use super::{Handling, told};
use crate::broker::Core;

/// What may be done with a group, as a bit set: everything, while there is no access control.
const GROUP_OPERATIONS: i32 = 3400;

/// Describes each group.
pub(crate) fn handle(core: &Core, request: ConsumerGroupDescribeRequest) -> Handling {
    let describe = |group: Str| {
        let mut answer = match described(core, &group) {
            Ok(answer) => answer,
            Err((code, message)) => {
                let mut answer = DescribedGroup::default();
                answer.error_code = code;
                answer.error_message = message.map(told);
                answer.group_id = group;
                answer
            }
        };
        if request.include_authorized_operations && answer.error_code.is_none() {
            answer.authorized_operations = GROUP_OPERATIONS;
        }
        answer
    };
    let mut response = ConsumerGroupDescribeResponse::default();
    response.groups = request.group_ids.into_iter().map(describe).collect();
    Handling::respond(ResponseBody::ConsumerGroupDescribe(response))
}

fn described(core: &Core, group: &Str) -> Result<DescribedGroup, (ErrorCode, Option<String>)> {
    if core.features.group_version() < 1 || !core.groups.settings().serves_consumer {
        return Err((ErrorCode::UNSUPPORTED_VERSION, None));
    }
    if group.trim().is_empty() {
        return Err((ErrorCode::INVALID_GROUP_ID, None));
    }
    let shard = core.groups.shard(group).map_err(|code| (code, None))?;
    let locked = shard.enter().map_err(|code| (code, None))?;
    let described = locked.machine().consumer.describe(group, core.directory.as_ref());
    described.ok_or_else(|| {
        let machine = locked.machine();
        let is_other = machine.classic.describe(group).is_some() || machine.share.contains(group);
        let what = if is_other { "is not a consumer group" } else { "not found" };
        (ErrorCode::GROUP_ID_NOT_FOUND, Some(format!("Group {group} {what}.")))
    })
}
