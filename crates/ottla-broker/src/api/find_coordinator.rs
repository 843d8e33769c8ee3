//! `FindCoordinator` (key 10): which node coordinates a group, a transaction or a share group.
//!
//! None does: coordinators are not served by this release. Every key that Kafka would look for is answered
//! `COORDINATOR_NOT_AVAILABLE`, which is what Kafka answers while it has no coordinator, with a message that
//! says so.

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::find_coordinator::{
    Coordinator, FindCoordinatorRequest, FindCoordinatorResponse,
};
use ottla_protocol::wire::{Str, Uuid};

use super::{Handling, told};

const GROUP: i8 = 0;
const TRANSACTION: i8 = 1;
const SHARE: i8 = 2;

/// Answers that there is no coordinator.
pub(crate) fn handle(version: i16, request: FindCoordinatorRequest) -> Handling {
    let mut response = FindCoordinatorResponse::default();
    if version < 4 {
        let (code, message) = refusal(version, request.key_type, &request.key);
        response.error_code = code;
        response.error_message = Some(told(message));
        response.node_id = -1;
        response.port = -1;
    } else {
        let answer = |key: Str| {
            let (code, message) = refusal(version, request.key_type, &key);
            let mut coordinator = Coordinator::default();
            coordinator.key = key;
            coordinator.node_id = -1;
            coordinator.port = -1;
            coordinator.error_code = code;
            coordinator.error_message = Some(told(message));
            coordinator
        };
        response.coordinators = request.coordinator_keys.into_iter().map(answer).collect();
    }
    Handling::respond(ResponseBody::FindCoordinator(response))
}

/// Whether a key is a group, the id of a topic and the number of a partition; the group may hold colons.
fn is_share_partition(key: &str) -> bool {
    let mut parts = key.rsplitn(3, ':');
    let partition = parts.next().is_some_and(|partition| partition.parse::<i32>().is_ok());
    let topic_id = parts.next().is_some_and(|id| id.parse::<Uuid>().is_ok());
    partition && topic_id && parts.next().is_some_and(|group| !group.is_empty())
}

fn refusal(version: i16, key_type: i8, key: &str) -> (ErrorCode, String) {
    let unavailable = |what: &str| {
        let message =
            format!("{what} are not served by this release of ottla, so there is no coordinator for them.");
        (ErrorCode::COORDINATOR_NOT_AVAILABLE, message)
    };
    match key_type {
        GROUP => unavailable("Consumer groups"),
        TRANSACTION => unavailable("Transactions"),
        // A share coordinator is looked for by group, topic id and partition, from v6 on.
        SHARE if version >= 6 && is_share_partition(key) => unavailable("Share groups"),
        SHARE => (
            ErrorCode::INVALID_REQUEST,
            "A share coordinator is found by GROUP:TOPIC-ID:PARTITION from version 6 on.".into(),
        ),
        other => (ErrorCode::INVALID_REQUEST, format!("Unknown coordinator type {other}.")),
    }
}
