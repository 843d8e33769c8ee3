//! `ShareGroupHeartbeat` (key 76): a member of a share group says that it is there, and is told its partitions.
//!
//! What is answered is decided in [`crate::groups::share`].

use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::share_group_heartbeat::{
    ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse,
};
use ottla_protocol::wire::Str;
use ottla_storage::FileRange;

use super::Handling;
use crate::broker::Core;
use crate::coordinator::kept;
use crate::coordinator::shard::now;
use crate::groups::classic::Caller;
use crate::groups::machine::Answer;
use crate::groups::share::Heartbeat;
use crate::share::session::MEMBER_ID_LENGTH_MAX;

/// Hears a member.
pub(crate) fn handle(core: &Arc<Core>, caller: &Caller, request: &ShareGroupHeartbeatRequest) -> Handling {
    if core.features.share_version() < 1 {
        return Handling::respond(refused(ErrorCode::UNSUPPORTED_VERSION, None));
    }
    if let Some(words) = wrong(request) {
        return Handling::respond(refused(ErrorCode::INVALID_REQUEST, Some(Str::from_static(words))));
    }
    let names = request.subscribed_topic_names.as_ref();
    let request = &ShareGroupHeartbeatRequest::default()
        .with_group_id(kept(&request.group_id))
        .with_member_id(kept(&request.member_id))
        .with_member_epoch(request.member_epoch)
        .with_rack_id(request.rack_id.as_ref().map(kept))
        .with_subscribed_topic_names(names.map(|names| names.iter().map(kept).collect()));
    let caller = &caller.kept();
    let settings = core.groups.settings();
    let beat = Heartbeat {
        now: now(),
        now_ms: core.env.now_ms(),
        caller,
        config: core.configs.group(&request.group_id).share.member,
        size_max: settings.share_size_max,
        retry_interval: settings.share_retry_interval,
        request,
    };
    let waiting = core.groups.shard(&request.group_id).and_then(|shard| {
        shard.begin(|groups, token| groups.share_heartbeat(token, &beat, core.directory.as_ref()))
    });
    match waiting {
        Err(code) => Handling::respond(refused(code, None)),
        Ok(waiting) => Handling::later(async move {
            match waiting.outcome().await {
                Ok(Answer::ShareHeartbeat(response)) => ResponseBody::ShareGroupHeartbeat(response),
                Ok(_) => refused(ErrorCode::UNKNOWN_SERVER_ERROR, None),
                Err(code) => refused(code, None),
            }
        }),
    }
}

/// What is wrong with a request by itself, in the words of Kafka.
fn wrong(request: &ShareGroupHeartbeatRequest) -> Option<&'static str> {
    let topics = request.subscribed_topic_names.as_ref();
    if request.member_id.trim().is_empty() {
        Some("MemberId can't be empty.")
    } else if request.group_id.trim().is_empty() {
        Some("GroupId can't be empty.")
    } else if request.rack_id.as_ref().is_some_and(|rack| rack.trim().is_empty()) {
        Some("RackId can't be empty.")
    } else if request.member_id.len() > MEMBER_ID_LENGTH_MAX {
        Some("MemberId can't be longer than 36 characters.")
    } else if request.member_epoch < -1 {
        Some("MemberEpoch is invalid.")
    } else if request.member_epoch == 0 && topics.is_none_or(Vec::is_empty) {
        Some("SubscribedTopicNames must be set in first request.")
    } else {
        None
    }
}

fn refused(code: ErrorCode, message: Option<Str>) -> ResponseBody<FileRange> {
    let mut response = ShareGroupHeartbeatResponse::default();
    response.error_code = code;
    response.error_message = message.or_else(|| Some(code.message().into()));
    ResponseBody::ShareGroupHeartbeat(response)
}
