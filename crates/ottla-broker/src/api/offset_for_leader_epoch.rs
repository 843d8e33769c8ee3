//! `OffsetForLeaderEpoch` (key 23): where an epoch of a partition ends, by which a consumer finds out whether the
//! records it has read are still there (KIP-320).

use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::offset_for_leader_epoch::{
    EpochEndOffset, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse, OffsetForLeaderPartition,
    OffsetForLeaderTopicResult,
};

use super::Handling;
use super::fetch::check_leader_epoch;
use crate::broker::Core;
use crate::partition::Partition;

/// What stands for no epoch, and for an epoch that is not known.
const UNDEFINED: i32 = -1;

/// Answers where the epochs end; each partition as often as it is asked for.
pub(crate) fn handle(core: &Core, request: OffsetForLeaderEpochRequest) -> Handling {
    let mut response = OffsetForLeaderEpochResponse::default();
    for asked in request.topics {
        let topic = core.directory.by_name(&asked.topic);
        let mut answer = OffsetForLeaderTopicResult::default();
        answer.partitions = asked
            .partitions
            .iter()
            .map(|asked| {
                let partition = topic.as_ref().and_then(|topic| topic.partition(asked.partition));
                let mut answer = EpochEndOffset::default();
                answer.partition = asked.partition;
                match end_of(partition, asked) {
                    Ok(Some((epoch, end))) => (answer.leader_epoch, answer.end_offset) = (epoch, end),
                    Ok(None) => {}
                    Err(code) => answer.error_code = code,
                }
                answer
            })
            .collect();
        answer.topic = asked.topic;
        response.topics.push(answer);
    }
    Handling::respond(ResponseBody::OffsetForLeaderEpoch(response))
}

fn end_of(
    partition: Option<Option<&Arc<dyn Partition>>>,
    asked: &OffsetForLeaderPartition,
) -> Result<Option<(i32, i64)>, ErrorCode> {
    let partition = partition.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
    let partition = partition.ok_or(ErrorCode::KAFKA_STORAGE_ERROR)?;
    if asked.current_leader_epoch < UNDEFINED {
        return Err(ErrorCode::FENCED_LEADER_EPOCH);
    }
    check_leader_epoch(asked.current_leader_epoch, partition.leader_epoch())?;
    Ok(match asked.leader_epoch {
        UNDEFINED => None,
        epoch => partition.epoch_end_offset(epoch),
    })
}
