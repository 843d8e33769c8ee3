//! `Heartbeat` (key 12): a member says that it is alive, and learns whether its group rebalances.

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::heartbeat::{HeartbeatRequest, HeartbeatResponse};

use super::Handling;
use crate::broker::Core;
use crate::coordinator::shard;

/// Keeps a member in its group.
pub(crate) fn handle(core: &Core, request: &HeartbeatRequest) -> Handling {
    let response = core.groups.shard(&request.group_id).and_then(|shard| {
        let mut locked = shard.enter()?;
        Ok(locked.machine_mut().classic_heartbeat(shard::now(), request))
    });
    Handling::respond(ResponseBody::Heartbeat(response.unwrap_or_else(|code| {
        let mut response = HeartbeatResponse::default();
        // As in Kafka: who is alive need not worry while the group is loaded.
        response.error_code = match code {
            ErrorCode::COORDINATOR_LOAD_IN_PROGRESS => ErrorCode::NONE,
            code => code,
        };
        response
    })))
}
