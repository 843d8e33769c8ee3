//! `FindCoordinator` (key 10): which node coordinates a group, a transaction or a share group.
//!
//! This node coordinates every group, every transaction and every partition of a share group. Who first
//! asks for a coordinator has its topic created, and is answered when it exists; Kafka answers
//! `COORDINATOR_NOT_AVAILABLE` meanwhile.

use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::find_coordinator::{
    Coordinator, FindCoordinatorRequest, FindCoordinatorResponse,
};
use ottla_protocol::wire::{Str, Uuid};
use ottla_storage::FileRange;

use super::{Handling, create_topics, told};
use crate::aside;
use crate::broker::{Core, Session};

const GROUP: i8 = 0;
const TRANSACTION: i8 = 1;
const SHARE: i8 = 2;

/// Answers which node coordinates what.
pub(crate) fn handle(
    core: &Arc<Core>,
    session: &Session,
    version: i16,
    request: FindCoordinatorRequest,
) -> Handling {
    let is_there = match request.key_type {
        GROUP => core.groups.has_started(),
        TRANSACTION => core.transactions.has_started(),
        SHARE => core.share.has_started() || !names_share_partitions(version, &request),
        _ => true,
    };
    if is_there {
        return Handling::respond(answer(core, session, version, request));
    }
    let session = session.clone();
    aside::handle(core, move |core| create_and_answer(core, &session, version, request))
}

/// Answers once there is the coordinator's topic.
fn create_and_answer(
    core: &Arc<Core>,
    session: &Session,
    version: i16,
    request: FindCoordinatorRequest,
) -> Handling {
    let created = create_topics::create_internal(core, |id| match request.key_type {
        TRANSACTION => core.transactions.topic(id),
        SHARE => core.share.topic(id),
        _ => core.groups.topic(id),
    });
    match created {
        Ok(end) if !core.journal.is_published(end) => {
            let (core, session) = (Arc::clone(core), session.clone());
            Handling::later(async move {
                if let Err(code) = core.journal.published(end).await {
                    tracing::warn!(%code, "a coordinator's topic could not be created");
                }
                answer(&core, &session, version, request)
            })
        }
        Ok(_) => Handling::respond(answer(core, session, version, request)),
        Err(code) => {
            tracing::warn!(%code, "a coordinator's topic could not be created");
            Handling::respond(answer(core, session, version, request))
        }
    }
}

fn answer(
    core: &Core,
    session: &Session,
    version: i16,
    request: FindCoordinatorRequest,
) -> ResponseBody<FileRange> {
    let mut response = FindCoordinatorResponse::default();
    if version < 4 {
        let found = find(core, session, version, request.key_type, request.key);
        response.error_code = found.error_code;
        // Kafka says so in words, but only here.
        response.error_message = match found.error_code {
            ErrorCode::NONE => Some(Str::from_static("NONE")),
            code => {
                found.error_message.filter(|words| !words.is_empty()).or_else(|| Some(code.message().into()))
            }
        };
        response.node_id = found.node_id;
        response.host = found.host;
        response.port = found.port;
    } else {
        let keys = request.coordinator_keys.into_iter();
        response.coordinators = keys.map(|key| find(core, session, version, request.key_type, key)).collect();
    }
    ResponseBody::FindCoordinator(response)
}

fn find(core: &Core, session: &Session, version: i16, key_type: i8, key: Str) -> Coordinator {
    let mut coordinator = Coordinator::default();
    match coordinates(core, version, key_type, &key) {
        Ok(()) => match core.advertised(session) {
            Some(endpoint) => {
                coordinator.node_id = core.node_id;
                coordinator.host = endpoint.host;
                coordinator.port = i32::from(endpoint.port);
            }
            None => refuse(&mut coordinator, ErrorCode::COORDINATOR_NOT_AVAILABLE, String::new()),
        },
        Err((code, message)) => refuse(&mut coordinator, code, message),
    }
    coordinator.key = key;
    coordinator
}

fn refuse(coordinator: &mut Coordinator, code: ErrorCode, message: String) {
    coordinator.node_id = -1;
    coordinator.port = -1;
    coordinator.error_code = code;
    coordinator.error_message = Some(told(message));
}

/// Whether this node coordinates what the key names, or why it does not.
fn coordinates(core: &Core, version: i16, key_type: i8, key: &str) -> Result<(), (ErrorCode, String)> {
    match key_type {
        GROUP => match core.groups.shard(key) {
            Ok(shard) if !shard.has_failed() => Ok(()),
            _ => Err((ErrorCode::COORDINATOR_NOT_AVAILABLE, String::new())),
        },
        TRANSACTION => match core.transactions.shard(key) {
            Ok(shard) if !shard.has_failed() => Ok(()),
            _ => Err((ErrorCode::COORDINATOR_NOT_AVAILABLE, String::new())),
        },
        // A share coordinator is looked for by group, topic id and partition, from v6 on.
        SHARE if version >= 6 && is_share_partition(key) => match core.share.shard(key) {
            Ok(shard) if !shard.has_failed() => Ok(()),
            _ => Err((ErrorCode::COORDINATOR_NOT_AVAILABLE, String::new())),
        },
        SHARE => Err((
            ErrorCode::INVALID_REQUEST,
            "A share coordinator is found by GROUP:TOPIC-ID:PARTITION from version 6 on.".into(),
        )),
        other => Err((ErrorCode::INVALID_REQUEST, format!("Unknown coordinator type {other}."))),
    }
}

/// Whether what is looked for can be found.
fn names_share_partitions(version: i16, request: &FindCoordinatorRequest) -> bool {
    version >= 6 && request.coordinator_keys.iter().any(|key| is_share_partition(key))
}

/// Whether a key is a group, the id of a topic and the number of a partition; the group may hold colons.
fn is_share_partition(key: &str) -> bool {
    let mut parts = key.rsplitn(3, ':');
    let partition = parts.next().is_some_and(|partition| partition.parse::<i32>().is_ok());
    let topic_id = parts.next().is_some_and(|id| id.parse::<Uuid>().is_ok());
    partition && topic_id && parts.next().is_some_and(|group| !group.is_empty())
}
