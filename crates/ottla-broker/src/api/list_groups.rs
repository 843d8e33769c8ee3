//! `ListGroups` (key 16): the groups of this node, by state and type if asked.

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::list_groups::{ListGroupsRequest, ListGroupsResponse, ListedGroup};
use ottla_protocol::wire::Str;

use super::Handling;
use crate::broker::Core;

/// Lists groups; while one shard is loaded that is said instead, as in Kafka.
pub(crate) fn handle(core: &Core, request: &ListGroupsRequest) -> Handling {
    let mut response = ListGroupsResponse::default();
    match list(core, request) {
        Ok(groups) => response.groups = groups,
        Err(code) => response.error_code = code,
    }
    Handling::respond(ResponseBody::ListGroups(response))
}

fn list(core: &Core, request: &ListGroupsRequest) -> Result<Vec<ListedGroup>, ErrorCode> {
    let is_wanted = |wanted: &[Str], what: &str| {
        wanted.is_empty() || wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(what))
    };
    let mut groups = Vec::new();
    for shard in core.groups.shards() {
        match shard.enter() {
            Ok(locked) => {
                let machine = locked.machine();
                let all = machine.classic.list().chain(machine.consumer.list()).chain(machine.share.list());
                groups.extend(all.filter(|group| {
                    is_wanted(&request.states_filter, &group.group_state)
                        && is_wanted(&request.types_filter, &group.group_type)
                }));
            }
            Err(ErrorCode::NOT_COORDINATOR) => {} // its groups are no one's
            Err(code) => return Err(code),
        }
    }
    Ok(groups)
}
