//! `AlterPartitionReassignments` (key 45): moves of replicas (KIP-455), of which one node has none.
//!
//! A partition can only be placed where it is, and that is done at once. So there is never a move that could be
//! called off, or listed: [`super::list_partition_reassignments`].

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::alter_partition_reassignments::{
    AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse, ReassignablePartition,
    ReassignablePartitionResponse, ReassignableTopicResponse,
};
use ottla_protocol::wire::Str;

use super::create_topics::{Refusal, check_replicas};
use super::{Handling, told};
use crate::broker::Core;

/// Says of each partition whether it is where it is to be.
pub(crate) fn handle(core: &Core, request: AlterPartitionReassignmentsRequest) -> Handling {
    let mut response = AlterPartitionReassignmentsResponse::default();
    let is_empty = request.topics.is_empty();
    let is_late = request.timeout_ms <= 0 && !is_empty;
    // What does not say anything, or comes too late, is not read any further.
    response.allow_replication_factor_change = is_empty || is_late || request.allow_replication_factor_change;
    if is_late {
        response.error_code = ErrorCode::REQUEST_TIMED_OUT;
    }
    response.error_message = is_empty.then_some(Str::EMPTY);
    response.responses = request
        .topics
        .into_iter()
        .map(|topic| {
            let mut answer = ReassignableTopicResponse::default();
            let partitions = topic.partitions.iter().map(|partition| {
                let placed = match is_late {
                    true => Err(Refusal(ErrorCode::REQUEST_TIMED_OUT, String::new())),
                    false => place(core, &topic.name, partition),
                };
                let mut answer = ReassignablePartitionResponse::default();
                answer.partition_index = partition.partition_index;
                answer.error_message = None;
                if let Err(Refusal(code, words)) = placed {
                    answer.error_code = code;
                    answer.error_message = (!words.is_empty()).then(|| told(words));
                }
                answer
            });
            answer.partitions = partitions.collect();
            answer.name = topic.name;
            answer
        })
        .collect();
    Handling::respond(ResponseBody::AlterPartitionReassignments(response))
}

fn place(core: &Core, name: &str, partition: &ReassignablePartition) -> Result<(), Refusal> {
    let unknown = |words| Refusal(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, words);
    let topic = core.directory.by_name(name);
    let topic = topic.ok_or_else(|| unknown(format!("Unable to find a topic named {name}.")))?;
    let index = partition.partition_index;
    topic.partition(index).ok_or_else(|| unknown(format!("Unable to find partition {name}:{index}.")))?;
    match &partition.replicas {
        Some(replicas) => check_replicas(core, replicas),
        None => Err(Refusal(ErrorCode::NO_REASSIGNMENT_IN_PROGRESS, String::new())),
    }
}
