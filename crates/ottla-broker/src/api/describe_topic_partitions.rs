//! `DescribeTopicPartitions` (key 75): topics and their partitions, page by page.
//!
//! A page holds so many partitions as the client asks for, and no more than `max.request.partition.size.limit`;
//! its cursor says where the next one begins. Nothing is created here, unlike by `Metadata`.

use std::collections::BTreeSet;
use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::describe_topic_partitions::{
    Cursor, DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse,
    DescribeTopicPartitionsResponsePartition, DescribeTopicPartitionsResponseTopic,
};
use ottla_protocol::wire::Str;

use super::Handling;
use super::metadata::TOPIC_OPERATIONS;
use crate::broker::{Core, Session};
use crate::directory::Topic;
use crate::topic_name;

/// Describes one page of topics.
pub(crate) fn handle(core: &Core, session: &Session, request: &DescribeTopicPartitionsRequest) -> Handling {
    let response = describe(core, session, request).unwrap_or_else(|code| refused(request, code));
    Handling::respond(ResponseBody::DescribeTopicPartitions(response))
}

/// One topic that is asked for, and what it is.
type Asked = (Str, Option<Arc<Topic>>);

fn describe(
    core: &Core,
    session: &Session,
    request: &DescribeTopicPartitionsRequest,
) -> Result<DescribeTopicPartitionsResponse, ErrorCode> {
    let (first, start) = match &request.cursor {
        Some(cursor) => {
            let start = usize::try_from(cursor.partition_index).map_err(|_| ErrorCode::INVALID_REQUEST)?;
            (cursor.topic_name.clone(), start)
        }
        None => (Str::EMPTY, 0),
    };
    let asked: Vec<Asked> = if request.topics.is_empty() {
        core.directory.all().into_iter().map(|topic| (topic.name.clone(), Some(topic))).collect()
    } else {
        let names: BTreeSet<&Str> = request.topics.iter().map(|topic| &topic.name).collect();
        if request.cursor.is_some() && !names.contains(&first) {
            return Err(ErrorCode::INVALID_REQUEST);
        }
        names.into_iter().map(|name| (name.clone(), core.directory.by_name(name))).collect()
    };
    let mut room = page_size(core, request);
    let mut response = DescribeTopicPartitionsResponse::default();
    for (name, topic) in asked.into_iter().filter(|(name, _)| *name >= first) {
        if room == 0 {
            response.next_cursor = Some(cursor(name, 0));
            break;
        }
        let Some(topic) = topic else {
            response.topics.push(unknown(name));
            continue;
        };
        let from = if name == first { start } else { 0 };
        let described = described(core, session, &topic, from, room);
        room -= described.partitions.len();
        let until = from.saturating_add(described.partitions.len());
        response.topics.push(described);
        if until < topic.partitions().len() {
            response.next_cursor = Some(cursor(name, until));
            break;
        }
    }
    Ok(response)
}

/// Partitions that fit the page: one at least, as in Kafka, whatever is asked for.
fn page_size(core: &Core, request: &DescribeTopicPartitionsRequest) -> usize {
    let size = request.response_partition_limit.min(core.request_partitions_max);
    usize::try_from(size).unwrap_or(0).max(1)
}

fn described(
    core: &Core,
    session: &Session,
    topic: &Topic,
    from: usize,
    partitions_max: usize,
) -> DescribeTopicPartitionsResponseTopic {
    let mut answer = DescribeTopicPartitionsResponseTopic::default();
    answer.name = Some(topic.name.clone());
    answer.topic_id = topic.id;
    answer.is_internal = topic_name::is_internal(&topic.name);
    answer.topic_authorized_operations = TOPIC_OPERATIONS;
    let is_reachable = core.advertised(session).is_some();
    let partitions = topic.partitions().zip(0..).skip(from).take(partitions_max);
    answer.partitions = partitions
        .map(|(partition, index)| {
            let mut answer = DescribeTopicPartitionsResponsePartition::default();
            answer.partition_index = index;
            answer.leader_epoch = partition.map_or(0, |partition| partition.leader_epoch());
            answer.replica_nodes = [core.node_id].into();
            answer.eligible_leader_replicas = Some([].into());
            answer.last_known_elr = Some([].into());
            match partition {
                Some(_) => answer.isr_nodes = [core.node_id].into(),
                None => answer.offline_replicas = [core.node_id].into(),
            }
            answer.leader_id = if partition.is_some() && is_reachable { core.node_id } else { -1 };
            answer
        })
        .collect();
    answer
}

fn unknown(name: Str) -> DescribeTopicPartitionsResponseTopic {
    let mut answer = DescribeTopicPartitionsResponseTopic::default();
    answer.error_code = match topic_name::validate(&name) {
        Ok(()) => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
        Err(_) => ErrorCode::INVALID_TOPIC_EXCEPTION,
    };
    answer.is_internal = topic_name::is_internal(&name);
    answer.topic_authorized_operations = TOPIC_OPERATIONS;
    answer.name = Some(name);
    answer
}

/// The answer to a request that makes no sense: every topic that it names is refused, and there is no other place
/// for an error.
fn refused(request: &DescribeTopicPartitionsRequest, code: ErrorCode) -> DescribeTopicPartitionsResponse {
    let mut response = DescribeTopicPartitionsResponse::default();
    response.topics = request
        .topics
        .iter()
        .map(|topic| {
            let mut answer = DescribeTopicPartitionsResponseTopic::default();
            answer.error_code = code;
            answer.name = Some(topic.name.clone());
            answer
        })
        .collect();
    response
}

fn cursor(topic_name: Str, partition: usize) -> Cursor {
    let mut cursor = Cursor::default();
    cursor.topic_name = topic_name;
    cursor.partition_index = i32::try_from(partition).unwrap_or(i32::MAX);
    cursor
}
