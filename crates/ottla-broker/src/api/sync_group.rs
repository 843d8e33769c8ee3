//! `SyncGroup` (key 14): a member asks what it is assigned; the leader says so for all.
//!
//! What is answered, and when, is decided in [`crate::groups::classic`].

use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::sync_group::{SyncGroupRequest, SyncGroupResponse};
use ottla_storage::FileRange;

use super::Handling;
use crate::broker::Core;
use crate::coordinator::shard::{self, Outcome};
use crate::groups::machine::{Answer, Groups};

/// The first version in which a member has to say which protocol it takes part in (KIP-559).
const FIRST_WITH_PROTOCOL: i16 = 5;

/// Lets a member ask for its assignment.
pub(crate) fn handle(core: &Arc<Core>, version: i16, request: &SyncGroupRequest) -> Handling {
    if version >= FIRST_WITH_PROTOCOL && (request.protocol_type.is_none() || request.protocol_name.is_none())
    {
        return Handling::respond(response(Err(ErrorCode::INCONSISTENT_GROUP_PROTOCOL)));
    }
    let (now, now_ms) = (shard::now(), core.env.now_ms());
    let waiting = core.groups.shard(&request.group_id).and_then(|shard| {
        shard.begin(|groups, token| groups.classic_sync(now, now_ms, token, version, request))
    });
    match waiting {
        Err(code) => Handling::respond(response(Err(code))),
        Ok(mut waiting) => match waiting.now() {
            Some(outcome) => Handling::respond(response(outcome)),
            None => Handling::later(async move { response(waiting.outcome().await) }),
        },
    }
}

fn response(outcome: Outcome<Groups>) -> ResponseBody<FileRange> {
    let refused = |code| {
        let mut response = SyncGroupResponse::default();
        response.error_code = code;
        response
    };
    ResponseBody::SyncGroup(match outcome {
        Ok(Answer::Sync(response)) => response,
        Ok(_) => refused(ErrorCode::UNKNOWN_SERVER_ERROR),
        Err(code) => refused(code),
    })
}
