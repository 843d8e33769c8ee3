//! `ElectLeaders` (key 43): elections of leaders (KIP-183, KIP-460), of which none is ever needed on one node.
//!
//! A partition that is served has its leader; one whose log could not be opened has nobody who could be elected.

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::elect_leaders::{
    ElectLeadersRequest, ElectLeadersResponse, PartitionResult, ReplicaElectionResult,
};

use super::{Handling, told};
use crate::broker::Core;

const PREFERRED: i8 = 0;
const UNCLEAN: i8 = 1;

/// Says of each partition why it needs no election, or cannot have one; of all, no partition needs to be told of.
pub(crate) fn handle(core: &Core, version: i16, request: &ElectLeadersRequest) -> Handling {
    // The first version knows but one type.
    let election = if version == 0 { PREFERRED } else { request.election_type };
    let mut response = ElectLeadersResponse::default();
    let refusal = if request.timeout_ms <= 0 {
        Some((ErrorCode::REQUEST_TIMED_OUT, None))
    } else if !matches!(election, PREFERRED | UNCLEAN) {
        Some((ErrorCode::INVALID_REQUEST, Some(format!("Unknown election type {election}"))))
    } else {
        None
    };
    let asked = request.topic_partitions.as_deref();
    match (asked, &refusal) {
        (Some([]), _) => {}
        // The first version has no place for it.
        (_, Some((code, _))) if version > 0 => response.error_code = *code,
        (None, None) => {
            let topics = core.directory.all().into_iter().map(|topic| {
                let mut answer = ReplicaElectionResult::default();
                answer.topic = topic.name.clone();
                answer
            });
            response.replica_election_results = topics.collect();
        }
        _ => {}
    }
    for topic in asked.unwrap_or_default() {
        let mut answer = ReplicaElectionResult::default();
        answer.topic = topic.topic.clone();
        let results = topic.partitions.iter().map(|index| {
            let (code, message) = match &refusal {
                Some((code, message)) => (*code, message.clone()),
                None => {
                    let (code, message) = elected(core, &topic.topic, *index, election);
                    (code, Some(message))
                }
            };
            let mut result = PartitionResult::default();
            result.partition_id = *index;
            result.error_code = code;
            result.error_message = message.map(told);
            result
        });
        answer.partition_result = results.collect();
        response.replica_election_results.push(answer);
    }
    Handling::respond(ResponseBody::ElectLeaders(response))
}

fn elected(core: &Core, name: &str, index: i32, election: i8) -> (ErrorCode, String) {
    let unknown = |words| (ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, words);
    let Some(topic) = core.directory.by_name(name) else {
        return unknown(format!("No such topic as {name}"));
    };
    match topic.partition(index) {
        None => unknown(format!("No such partition as {name}-{index}")),
        Some(Some(_)) => {
            (ErrorCode::ELECTION_NOT_NEEDED, "Leader election not needed for topic partition.".to_owned())
        }
        Some(None) if election == UNCLEAN => (
            ErrorCode::ELIGIBLE_LEADERS_NOT_AVAILABLE,
            "Eligible topic partition leaders are not available.".to_owned(),
        ),
        Some(None) => {
            (ErrorCode::PREFERRED_LEADER_NOT_AVAILABLE, "The preferred leader was not available.".to_owned())
        }
    }
}
