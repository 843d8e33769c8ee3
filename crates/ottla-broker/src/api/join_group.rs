//! `JoinGroup` (key 11): a member comes to its group, and waits until the others have come too.
//!
//! What is answered, and when, is decided in [`crate::groups::classic`]. A request that is dropped while it waits
//! takes nothing back: the member has joined, and is missed when its session ends.

use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::join_group::{JoinGroupRequest, JoinGroupResponse};
use ottla_protocol::wire::{Str, Uuid};
use ottla_storage::FileRange;

use super::Handling;
use crate::broker::Core;
use crate::coordinator::shard::{self, Outcome};
use crate::groups::classic::Caller;
use crate::groups::consumer::classic::ClassicJoin;
use crate::groups::machine::{Answer, Groups};

/// The first version that can say that no protocol was chosen.
const FIRST_WITH_NULL_PROTOCOL: i16 = 7;

/// Lets a member join.
pub(crate) fn handle(
    core: &Arc<Core>,
    caller: &Caller,
    version: i16,
    request: &JoinGroupRequest,
) -> Handling {
    let (now, now_ms, random) = (shard::now(), core.env.now_ms(), random(core));
    let waiting = core.groups.shard(&request.group_id).and_then(|shard| {
        let size_max = core.groups.settings().consumer_size_max;
        let join = ClassicJoin { now, now_ms, caller, version, size_max, request, random };
        shard.begin(|groups, token| groups.classic_join(token, &join, core.directory.as_ref()))
    });
    match waiting {
        Err(code) => Handling::respond(response(version, Err(code))),
        Ok(mut waiting) => match waiting.now() {
            Some(outcome) => Handling::respond(response(version, outcome)),
            None => Handling::later(async move { response(version, waiting.outcome().await) }),
        },
    }
}

fn response(version: i16, outcome: Outcome<Groups>) -> ResponseBody<FileRange> {
    let refused = |code| {
        let mut response = JoinGroupResponse::default();
        response.error_code = code;
        response.protocol_name = (version < FIRST_WITH_NULL_PROTOCOL).then_some(Str::EMPTY);
        response
    };
    ResponseBody::JoinGroup(match outcome {
        Ok(Answer::Join(response)) => response,
        Ok(_) => refused(ErrorCode::UNKNOWN_SERVER_ERROR),
        Err(code) => refused(code),
    })
}

/// What makes the id of a new member one that no other has.
fn random(core: &Core) -> Uuid {
    let mut random = Uuid::ZERO;
    core.env.rng().fill(&mut random.0);
    random
}
