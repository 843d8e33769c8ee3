//! `ConsumerGroupHeartbeat` (key 68): a member of a consumer group (KIP-848) says that it is there, and is told its
//! partitions.
//!
//! What is answered is decided in [`crate::groups::consumer`].

use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::consumer_group_heartbeat::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse,
};
use ottla_protocol::wire::{Str, Uuid};
use ottla_storage::FileRange;

use super::Handling;
use crate::broker::Core;
use crate::coordinator::kept;
use crate::coordinator::shard::now;
use crate::groups::classic::Caller;
use crate::groups::consumer::heartbeat::{Heartbeat, wrong};
use crate::groups::machine::Answer;

/// Hears a member.
pub(crate) fn handle(
    core: &Arc<Core>,
    caller: &Caller,
    version: i16,
    mut request: ConsumerGroupHeartbeatRequest,
) -> Handling {
    if core.features.group_version() < 1 || !core.groups.settings().serves_consumer {
        return Handling::respond(refused(ErrorCode::UNSUPPORTED_VERSION, None));
    }
    if let Some((code, words)) = wrong(&request, version, &core.groups.settings().consumer.assignors) {
        return Handling::respond(refused(code, Some(words.into())));
    }
    if request.member_id.is_empty() {
        // Only before v1, where the coordinator chooses the ids.
        let mut random = Uuid::ZERO;
        core.env.rng().fill(&mut random.0);
        request.member_id = random.to_string().into();
    }
    let request = kept_whole(&request);
    let caller = &caller.kept();
    let beat = Heartbeat {
        now: now(),
        now_ms: core.env.now_ms(),
        caller,
        config: core.configs.group(&request.group_id).consumer,
        size_max: core.groups.settings().consumer_size_max,
        request: &request,
        classic: None,
    };
    let waiting = core.groups.shard(&request.group_id).and_then(|shard| {
        shard.begin(|groups, token| groups.consumer_heartbeat(token, &beat, core.directory.as_ref()))
    });
    match waiting {
        Err(code) => Handling::respond(refused(code, None)),
        Ok(waiting) => Handling::later(async move {
            match waiting.outcome().await {
                Ok(Answer::ConsumerHeartbeat(response)) => ResponseBody::ConsumerGroupHeartbeat(response),
                Ok(_) => refused(ErrorCode::UNKNOWN_SERVER_ERROR, None),
                Err(code) => refused(code, None),
            }
        }),
    }
}

/// The request with texts of its own: what a group keeps of it would keep its whole frame.
fn kept_whole(request: &ConsumerGroupHeartbeatRequest) -> ConsumerGroupHeartbeatRequest {
    let names = request.subscribed_topic_names.as_ref();
    let mut own = ConsumerGroupHeartbeatRequest::default()
        .with_group_id(kept(&request.group_id))
        .with_member_id(kept(&request.member_id))
        .with_instance_id(request.instance_id.as_ref().map(kept))
        .with_rack_id(request.rack_id.as_ref().map(kept))
        .with_subscribed_topic_names(names.map(|names| names.iter().map(kept).collect()))
        .with_subscribed_topic_regex(request.subscribed_topic_regex.as_ref().map(kept))
        .with_server_assignor(request.server_assignor.as_ref().map(kept));
    own.member_epoch = request.member_epoch;
    own.rebalance_timeout_ms = request.rebalance_timeout_ms;
    own.topic_partitions.clone_from(&request.topic_partitions);
    own
}

fn refused(code: ErrorCode, message: Option<Str>) -> ResponseBody<FileRange> {
    let mut response = ConsumerGroupHeartbeatResponse::default();
    response.error_code = code;
    response.error_message = message.or_else(|| Some(code.message().into()));
    ResponseBody::ConsumerGroupHeartbeat(response)
}
