//! `DeleteRecords` (key 21): removes the oldest records of partitions, up to an offset (KIP-107).
//!
//! The answer says where each partition starts afterwards, and that holds whatever happens. The files follow by and by.

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::delete_records::{
    DeleteRecordsPartitionResult, DeleteRecordsRequest, DeleteRecordsResponse, DeleteRecordsTopicResult,
};
use ottla_protocol::wire::Str;
use ottla_storage::CleanupPolicy;

use super::Handling;
use crate::broker::Core;
use crate::partition::BoxFuture;
use crate::topic_name::is_internal;

/// What stands for the high watermark.
const HIGH_WATERMARK: i64 = -1;

/// What is answered for where a partition starts, when its records were not deleted.
const UNKNOWN: i64 = -1;

/// Deletes what is asked of each partition, which counts once: the last time that it is named.
pub(crate) fn handle(core: &Core, request: DeleteRecordsRequest) -> Handling {
    let mut asked: BTreeMap<Str, BTreeMap<i32, i64>> = BTreeMap::new();
    for topic in request.topics {
        for partition in topic.partitions {
            asked.entry(topic.name.clone()).or_default().insert(partition.partition_index, partition.offset);
        }
    }
    let started: Vec<(Str, Vec<_>)> = asked
        .into_iter()
        .map(|(name, partitions)| {
            let each = partitions.into_iter();
            let each = each.map(|(index, before)| (index, delete(core, &name, index, before))).collect();
            (name, each)
        })
        .collect();
    Handling::later(async move {
        let mut response = DeleteRecordsResponse::default();
        // All at once, so that they share one write of where they start.
        let mut waiting = Vec::new();
        for (name, partitions) in started {
            let mut topic = DeleteRecordsTopicResult::default();
            topic.name = name;
            for (index, deleting) in partitions {
                let mut answer = DeleteRecordsPartitionResult::default();
                answer.partition_index = index;
                answer.low_watermark = UNKNOWN;
                match deleting {
                    Ok(deleting) => waiting.push((response.topics.len(), topic.partitions.len(), deleting)),
                    Err(code) => answer.error_code = code,
                }
                topic.partitions.push(answer);
            }
            response.topics.push(topic);
        }
        let places: Vec<_> = waiting.iter().map(|(topic, partition, _)| (*topic, *partition)).collect();
        let deleted = crate::waiting::all(waiting.into_iter().map(|(_, _, deleting)| deleting)).await;
        for ((topic, partition), deleted) in places.into_iter().zip(deleted) {
            let answer = &mut response.topics[topic].partitions[partition];
            match deleted {
                Ok(start) => answer.low_watermark = start,
                Err(code) => answer.error_code = code,
            }
        }
        ResponseBody::DeleteRecords(response)
    })
}

fn delete(
    core: &Core,
    name: &Str,
    index: i32,
    before: i64,
) -> Result<BoxFuture<Result<i64, ErrorCode>>, ErrorCode> {
    let topic = core.directory.by_name(name);
    let partition = topic.as_ref().and_then(|topic| topic.partition(index));
    let (Some(topic), Some(partition)) = (&topic, partition) else {
        return Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    };
    if is_internal(name) {
        return Err(ErrorCode::INVALID_TOPIC_EXCEPTION);
    }
    let partition = Arc::clone(partition.ok_or(ErrorCode::KAFKA_STORAGE_ERROR)?);
    if topic.settings.cleanup_policy == CleanupPolicy::COMPACT {
        return Err(ErrorCode::POLICY_VIOLATION);
    }
    Ok(partition.delete_records((before != HIGH_WATERMARK).then_some(before)))
}
