//! `WriteTxnMarkers` (key 27): tells partitions how transactions ended.
//!
//! Coordinators tell the partitions of other nodes by it; on one node it is left for tools, which end transactions by
//! it that no coordinator knows any more (KIP-664). A marker is answered when it is durable.
//!
//! Where this differs from Kafka 4.3.1, which was tried: a partition that is named twice for one producer gets the
//! marker once and is answered (Kafka never answers the request).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::write_txn_markers::{
    WritableTxnMarker, WritableTxnMarkerPartitionResult, WritableTxnMarkerResult,
    WritableTxnMarkerTopicResult, WriteTxnMarkersRequest, WriteTxnMarkersResponse,
};
use ottla_protocol::wire::Str;

use super::Handling;
use crate::broker::Core;
use crate::partition::{BoxFuture, Marker};
use crate::topic_name::OFFSETS_TOPIC;
use crate::waiting;

/// What stands for no producer, for none of its epochs, for none of its coordinator's, and for no version.
const NONE: i8 = -1;

/// Topics and partitions, with what becomes of each.
type Asked<T> = BTreeMap<Str, BTreeMap<i32, T>>;

/// A marker that is on its way to the disk.
type Appending = BoxFuture<Result<(), ErrorCode>>;

/// Writes the markers, in the order in which they come.
pub(crate) fn handle(core: &Arc<Core>, request: &WriteTxnMarkersRequest) -> Handling {
    let mut begun: Vec<(i64, Asked<Appending>)> = Vec::new();
    for told in &request.markers {
        let mut appends = Asked::new();
        for topic in &told.topics {
            for index in &topic.partition_indexes {
                // A topic without partitions is not answered.
                let partitions: &mut BTreeMap<_, _> = appends.entry(topic.name.clone()).or_default();
                if let Entry::Vacant(place) = partitions.entry(*index) {
                    place.insert(append(core, told, &topic.name, *index));
                }
            }
        }
        begun.push((told.producer_id, appends));
    }
    Handling::later(async move {
        // One producer is answered once.
        let mut outcomes = BTreeMap::<i64, Asked<ErrorCode>>::new();
        for (producer_id, topics) in begun {
            for (topic, partitions) in topics {
                let (indexes, appends): (Vec<_>, Vec<_>) = partitions.into_iter().unzip();
                let codes =
                    waiting::all(appends).await.into_iter().map(|append| append.err().unwrap_or_default());
                outcomes
                    .entry(producer_id)
                    .or_default()
                    .entry(topic)
                    .or_default()
                    .extend(indexes.into_iter().zip(codes));
            }
        }
        let mut response = WriteTxnMarkersResponse::default();
        response.markers = outcomes.into_iter().map(answer).collect();
        ResponseBody::WriteTxnMarkers(response)
    })
}

/// Appends a marker to one partition: begun on return.
fn append(core: &Arc<Core>, told: &WritableTxnMarker, name: &Str, index: i32) -> Appending {
    let appended = marker(told).and_then(|marker| {
        let topic = core.directory.by_name(name).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
        let partition = topic.partition(index).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
        let partition = partition.ok_or(ErrorCode::KAFKA_STORAGE_ERROR)?;
        if marker.producer_epoch < 0 {
            return Err(ErrorCode::INVALID_PRODUCER_EPOCH);
        }
        if name.as_str() == OFFSETS_TOPIC {
            return Ok(Some(core.groups.append_marker(index, marker)));
        }
        let append = partition.append_marker(marker, core.env.now_ms()).map_err(|refused| refused.code)?;
        Ok(append.acknowledged)
    });
    match appended {
        Ok(Some(acknowledged)) => acknowledged,
        Ok(None) => Box::pin(std::future::ready(Ok(()))),
        Err(code) => Box::pin(std::future::ready(Err(code))),
    }
}

/// The marker, if it makes sense.
fn marker(told: &WritableTxnMarker) -> Result<Marker, ErrorCode> {
    let marker = Marker {
        committed: told.transaction_result,
        producer_id: told.producer_id,
        producer_epoch: told.producer_epoch,
        coordinator_epoch: told.coordinator_epoch,
        transaction_version: i16::from(told.transaction_version),
    };
    if marker.producer_id == i64::from(NONE)
        || marker.producer_epoch == i16::from(NONE)
        || marker.transaction_version == i16::from(NONE)
    {
        return Err(ErrorCode::UNKNOWN_SERVER_ERROR);
    }
    Ok(marker)
}

fn answer((producer_id, topics): (i64, Asked<ErrorCode>)) -> WritableTxnMarkerResult {
    let mut answer = WritableTxnMarkerResult::default();
    answer.producer_id = producer_id;
    let topics = topics.into_iter().map(|(name, partitions)| {
        let mut answer = WritableTxnMarkerTopicResult::default();
        answer.name = name;
        let partitions = partitions.into_iter().map(|(index, code)| {
            let mut answer = WritableTxnMarkerPartitionResult::default();
            (answer.partition_index, answer.error_code) = (index, code);
            answer
        });
        answer.partitions = partitions.collect();
        answer
    });
    answer.topics = topics.collect();
    answer
}
