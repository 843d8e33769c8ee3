//! `LeaveGroup` (key 13): members leave their group, and are missed at once.

use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::leave_group::{LeaveGroupRequest, LeaveGroupResponse};
use ottla_storage::FileRange;

use super::Handling;
use crate::broker::Core;
use crate::coordinator::shard::{self, Stored};

/// Lets members leave.
pub(crate) fn handle(core: &Arc<Core>, version: i16, request: &LeaveGroupRequest) -> Handling {
    match leave(core, version, request) {
        Err(code) => Handling::respond(refused(code)),
        Ok((response, Stored::Now)) => Handling::respond(ResponseBody::LeaveGroup(response)),
        Ok((response, stored)) => {
            let core = Arc::clone(core);
            Handling::later(async move {
                match stored.durable(core.groups.store_timeout()).await {
                    Ok(()) => ResponseBody::LeaveGroup(response),
                    Err(code) => refused(code),
                }
            })
        }
    }
}

fn leave(
    core: &Core,
    version: i16,
    request: &LeaveGroupRequest,
) -> Result<(LeaveGroupResponse, Stored), ErrorCode> {
    let mut locked = core.groups.shard(&request.group_id)?.enter()?;
    let (effects, response) =
        locked.machine_mut().classic_leave(shard::now(), core.env.now_ms(), version, request);
    let stored = locked.perform(effects)?;
    locked.catch_up();
    Ok((response, stored))
}

fn refused(code: ErrorCode) -> ResponseBody<FileRange> {
    let mut response = LeaveGroupResponse::default();
    response.error_code = code;
    ResponseBody::LeaveGroup(response)
}
