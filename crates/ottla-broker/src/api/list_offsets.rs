//! `ListOffsets` (key 2): where a partition begins and ends, and where a time falls.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsPartitionResponse, ListOffsetsRequest, ListOffsetsResponse,
    ListOffsetsTopic, ListOffsetsTopicResponse,
};

use super::Handling;
use super::fetch::check_leader_epoch;
use crate::broker::Core;
use crate::partition::{BoxFuture, Offsets, Partition, TimedOffset};

/// Timestamps that are not times. The later ones came with a version, before which they are not understood.
const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
const MAX_TIMESTAMP: i64 = -3;
const EARLIEST_LOCAL: i64 = -4;
const LATEST_TIERED: i64 = -5;
const EARLIEST_PENDING_UPLOAD: i64 = -6;

const READ_COMMITTED: i8 = 1;
const ISOLATION_LEVELS: [i8; 2] = [0, READ_COMMITTED];

type Found = Result<Option<TimedOffset>, ErrorCode>;

/// What a partition is answered: at once, or after a search in its log.
enum Lookup {
    Now(Found),
    Later(BoxFuture<Found>),
}

/// Answers what is asked of each partition.
pub(crate) fn handle(core: &Core, version: i16, request: ListOffsetsRequest) -> Handling {
    let mut response = ListOffsetsResponse::default();
    let mut searches: Vec<(usize, usize, BoxFuture<Found>)> = Vec::new();
    for asked in merged(request.topics) {
        if asked.partitions.is_empty() && ISOLATION_LEVELS.contains(&request.isolation_level) {
            continue; // not answered, as in Kafka
        }
        let topic = core.directory.by_name(&asked.name);
        let mut answer = ListOffsetsTopicResponse::default();
        let repeated = repeated(&asked.partitions);
        let mut seen = BTreeSet::new();
        for partition in asked.partitions {
            if !seen.insert(partition.partition_index) {
                continue;
            }
            let log = topic.as_ref().and_then(|topic| topic.partition(partition.partition_index));
            let lookup = match log {
                _ if !ISOLATION_LEVELS.contains(&request.isolation_level) => {
                    Err(ErrorCode::UNKNOWN_SERVER_ERROR) // of everything, whatever else is wrong
                }
                _ if repeated.contains(&partition.partition_index) => Err(ErrorCode::INVALID_REQUEST),
                _ if !is_known(partition.timestamp, version) => Err(ErrorCode::UNSUPPORTED_VERSION),
                None => Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
                Some(None) => Err(ErrorCode::KAFKA_STORAGE_ERROR),
                Some(Some(log)) => look_up(log, request.isolation_level, &partition),
            };
            let found = match lookup {
                Ok(Lookup::Now(found)) => found,
                Ok(Lookup::Later(search)) => {
                    searches.push((response.topics.len(), answer.partitions.len(), search));
                    Ok(None)
                }
                Err(code) => Err(code),
            };
            answer.partitions.push(answer_partition(version, partition.partition_index, found));
        }
        answer.name = asked.name;
        response.topics.push(answer);
    }
    if searches.is_empty() {
        return Handling::respond(ResponseBody::ListOffsets(response));
    }
    Handling::later(async move {
        for (topic, partition, search) in searches {
            let found = search.await;
            let answer = &mut response.topics[topic].partitions[partition];
            *answer = answer_partition(version, answer.partition_index, found);
        }
        ResponseBody::ListOffsets(response)
    })
}

/// Each topic once, with all that is asked of it.
fn merged(topics: Vec<ListOffsetsTopic>) -> Vec<ListOffsetsTopic> {
    let mut merged: Vec<ListOffsetsTopic> = Vec::with_capacity(topics.len());
    let mut places = BTreeMap::new();
    for topic in topics {
        match places.get(&topic.name) {
            Some(&place) => {
                let known: &mut ListOffsetsTopic = &mut merged[place];
                known.partitions.extend(topic.partitions);
            }
            None => {
                places.insert(topic.name.clone(), merged.len());
                merged.push(topic);
            }
        }
    }
    merged
}

fn repeated(partitions: &[ListOffsetsPartition]) -> BTreeSet<i32> {
    let mut counts = BTreeMap::<i32, u32>::new();
    partitions.iter().for_each(|partition| *counts.entry(partition.partition_index).or_default() += 1);
    counts.into_iter().filter(|(_, count)| *count > 1).map(|(index, _)| index).collect()
}

/// Whether a timestamp is a time, or stands for something in this version.
fn is_known(timestamp: i64, version: i16) -> bool {
    match timestamp {
        0.. | LATEST | EARLIEST => true,
        MAX_TIMESTAMP => version >= 7,
        EARLIEST_LOCAL => version >= 8,
        LATEST_TIERED => version >= 9,
        EARLIEST_PENDING_UPLOAD => version >= 11,
        _ => false,
    }
}

fn look_up(
    log: &Arc<dyn Partition>,
    isolation_level: i8,
    asked: &ListOffsetsPartition,
) -> Result<Lookup, ErrorCode> {
    let offsets = log.offsets();
    // Unlike Fetch, this takes no other negative epoch than -1 for none.
    if asked.current_leader_epoch < -1 {
        return Err(ErrorCode::FENCED_LEADER_EPOCH);
    }
    check_leader_epoch(asked.current_leader_epoch, log.leader_epoch())?;
    let end = if isolation_level == READ_COMMITTED { offsets.last_stable } else { offsets.high_watermark };
    let at =
        |offset, leader_epoch| Lookup::Now(Ok(Some(TimedOffset { offset, timestamp: -1, leader_epoch })));
    Ok(match asked.timestamp {
        LATEST => at(end, log.leader_epoch()),
        EARLIEST | EARLIEST_LOCAL => at(offsets.log_start, earliest_epoch(log, offsets)),
        MAX_TIMESTAMP => below(end, log.max_timestamp()),
        // Nothing was or will be moved to remote storage.
        LATEST_TIERED | EARLIEST_PENDING_UPLOAD => Lookup::Now(Ok(None)),
        timestamp => below(end, log.offset_for_timestamp(timestamp)),
    })
}

/// What is found, unless the reader may not see it yet.
fn below(end: i64, search: BoxFuture<Found>) -> Lookup {
    Lookup::Later(Box::pin(async move {
        let found = search.await?;
        Ok(found.filter(|found| found.offset < end))
    }))
}

/// The epoch in which the first record was appended: the first that ends behind it.
fn earliest_epoch(log: &Arc<dyn Partition>, offsets: Offsets) -> i32 {
    let ends_behind = |epoch| log.epoch_end_offset(epoch).is_some_and(|(_, end)| end > offsets.log_start);
    let (mut low, mut high) = (0, log.leader_epoch());
    while low < high {
        let middle = low + (high - low) / 2;
        (low, high) = if ends_behind(middle) { (low, middle) } else { (middle + 1, high) };
    }
    low
}

fn answer_partition(version: i16, index: i32, found: Found) -> ListOffsetsPartitionResponse {
    let mut answer = ListOffsetsPartitionResponse::default();
    answer.partition_index = index;
    match found {
        Ok(Some(found)) => {
            answer.offset = found.offset;
            answer.timestamp = found.timestamp;
            if version >= 4 {
                answer.leader_epoch = found.leader_epoch;
            }
        }
        Ok(None) => {}
        Err(code) => answer.error_code = code,
    }
    answer
}
