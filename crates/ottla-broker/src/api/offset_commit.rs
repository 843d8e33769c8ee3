//! `OffsetCommit` (key 8): stores up to where a group has read.
//!
//! The checks, their order and the order of the answers are Kafka's: partitions that do not exist are answered
//! before the coordinator is asked at all. A commit is answered when it is durable.

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::internal::OffsetCommitValue;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitResponse, OffsetCommitResponsePartition,
    OffsetCommitResponseTopic,
};
use ottla_protocol::wire::{Str, Uuid};
use ottla_storage::FileRange;

use super::Handling;
use crate::broker::Core;
use crate::coordinator::shard::{self, Stored};
use crate::directory::Topic;
use crate::groups::record::GroupRecord;

/// Partitions of one topic that exist, with what is to be committed for them.
struct Asked {
    topic: Arc<Topic>,
    name: Str,
    partitions: Vec<OffsetCommitRequestPartition>,
}

/// Commits offsets.
pub(crate) fn handle(core: &Arc<Core>, version: i16, mut request: OffsetCommitRequest) -> Handling {
    let (asked, refused) = find_topics(core, version, &mut request);
    if asked.is_empty() {
        return Handling::respond(response(refused.topics));
    }
    match commit(core, version, &request, &asked) {
        Err(code) => Handling::respond(response(refused.and_then(all(&asked, code)))),
        Ok((answers, Stored::Now)) => Handling::respond(response(refused.and_then(answers))),
        Ok((answers, stored)) => {
            let core = Arc::clone(core);
            Handling::later(async move {
                let answers = match stored.durable(core.groups.store_timeout()).await {
                    Ok(()) => answers,
                    Err(code) => all(&asked, code),
                };
                response(refused.and_then(answers))
            })
        }
    }
}

/// The partitions that exist, and the answers for those that do not.
fn find_topics(core: &Core, version: i16, request: &mut OffsetCommitRequest) -> (Vec<Asked>, Refused) {
    let by_id = version >= 10;
    let (mut asked, mut refused) = (Vec::new(), Refused::default());
    for topic in std::mem::take(&mut request.topics) {
        let found =
            if by_id { core.directory.by_id(topic.topic_id) } else { core.directory.by_name(&topic.name) };
        let code = if by_id { ErrorCode::UNKNOWN_TOPIC_ID } else { ErrorCode::UNKNOWN_TOPIC_OR_PARTITION };
        let Some(found) = found else {
            let answers = topic.partitions.iter().map(|p| answer_of(p.partition_index, code));
            refused.add(&topic.name, topic.topic_id, answers);
            continue;
        };
        let (known, unknown): (Vec<_>, Vec<_>) =
            topic.partitions.into_iter().partition(|p| found.partition(p.partition_index).is_some());
        if !unknown.is_empty() {
            let code = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
            refused.add(&topic.name, found.id, unknown.iter().map(|p| answer_of(p.partition_index, code)));
        }
        if !known.is_empty() {
            asked.push(Asked { topic: found, name: topic.name, partitions: known });
        }
    }
    (asked, refused)
}

fn commit(
    core: &Core,
    version: i16,
    request: &OffsetCommitRequest,
    asked: &[Asked],
) -> Result<(Vec<OffsetCommitResponseTopic>, Stored), ErrorCode> {
    let mut locked = core.groups.shard(&request.group_id)?.enter()?;
    let (group, member_id, epoch) =
        (&request.group_id, &request.member_id, request.generation_id_or_member_epoch);
    if locked.machine().share.contains(group) {
        return Err(ErrorCode::GROUP_ID_NOT_FOUND);
    }
    if locked.machine().consumer.contains(group) {
        let places = asked.iter().flat_map(|asked| {
            asked.partitions.iter().map(|partition| (asked.topic.id, partition.partition_index))
        });
        locked.machine().consumer.check_commit(group, member_id, epoch, Some(version), places)?;
    } else {
        let instance_id = request.group_instance_id.as_ref();
        let classic = &mut locked.machine_mut().classic;
        classic.check_commit(shard::now(), version, group, epoch, member_id, instance_id)?;
    }
    let now_ms = core.env.now_ms();
    let expire_timestamp = match request.retention_time_ms {
        -1 => -1,
        retention_ms => now_ms.saturating_add(retention_ms),
    };
    let (mut records, mut answers) = (Vec::new(), Vec::new());
    for Asked { topic, name, partitions } in asked {
        let metadata_max = core.groups.settings().metadata_max;
        let is_too_large = |p: &OffsetCommitRequestPartition| {
            p.committed_metadata.as_ref().is_some_and(|text| text.encode_utf16().count() > metadata_max)
        };
        // Looked at under the lock: a topic that is being removed is gone before its offsets are.
        let is_gone = core.directory.by_id(topic.id).is_none();
        let mut answer = OffsetCommitResponseTopic::default();
        answer.name = name.clone();
        answer.topic_id = topic.id;
        for partition in partitions {
            let code = match partition {
                _ if is_gone => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
                partition if is_too_large(partition) => ErrorCode::OFFSET_METADATA_TOO_LARGE,
                _ => ErrorCode::NONE,
            };
            answer.partitions.push(answer_of(partition.partition_index, code));
            if code.is_none() {
                records.push(record(&request.group_id, topic, partition, now_ms, expire_timestamp));
            }
        }
        answers.push(answer);
    }
    if records.is_empty() {
        return Ok((answers, Stored::Now));
    }
    Ok((answers, locked.store(records)?))
}

fn record(
    group: &Str,
    topic: &Topic,
    partition: &OffsetCommitRequestPartition,
    commit_timestamp: i64,
    expire_timestamp: i64,
) -> GroupRecord {
    let mut value = OffsetCommitValue::default();
    value.offset = partition.committed_offset;
    value.leader_epoch = partition.committed_leader_epoch;
    value.metadata = partition.committed_metadata.clone().unwrap_or_default();
    value.commit_timestamp = commit_timestamp;
    value.expire_timestamp = expire_timestamp;
    if expire_timestamp == -1 {
        value.topic_id = topic.id; // the form of one that expires has no room for it
    }
    GroupRecord::Offset {
        group: group.clone(),
        topic: topic.name.clone(),
        partition: partition.partition_index,
        value: Some(value),
    }
}

/// The same answer for all partitions that exist.
fn all(asked: &[Asked], code: ErrorCode) -> Vec<OffsetCommitResponseTopic> {
    let answers = asked.iter().map(|Asked { topic, name, partitions }| {
        let mut answer = OffsetCommitResponseTopic::default();
        answer.name = name.clone();
        answer.topic_id = topic.id;
        answer.partitions = partitions.iter().map(|p| answer_of(p.partition_index, code)).collect();
        answer
    });
    answers.collect()
}

/// Answers for partitions that do not exist, each topic once.
#[derive(Default)]
struct Refused {
    topics: Vec<OffsetCommitResponseTopic>,
    places: BTreeMap<(Str, [u8; 16]), usize>,
}

impl Refused {
    fn add(
        &mut self,
        name: &Str,
        topic_id: Uuid,
        answers: impl IntoIterator<Item = OffsetCommitResponsePartition>,
    ) {
        let place = *self.places.entry((name.clone(), topic_id.0)).or_insert_with(|| {
            let mut topic = OffsetCommitResponseTopic::default();
            topic.name = name.clone();
            topic.topic_id = topic_id;
            self.topics.push(topic);
            self.topics.len() - 1
        });
        self.topics[place].partitions.extend(answers);
    }

    /// These, and after them what the coordinator said; with nothing refused that is the answer as it is.
    fn and_then(mut self, answers: Vec<OffsetCommitResponseTopic>) -> Vec<OffsetCommitResponseTopic> {
        if self.topics.is_empty() {
            return answers;
        }
        for answer in answers {
            self.add(&answer.name, answer.topic_id, answer.partitions);
        }
        self.topics
    }
}

fn answer_of(index: i32, code: ErrorCode) -> OffsetCommitResponsePartition {
    let mut answer = OffsetCommitResponsePartition::default();
    answer.partition_index = index;
    answer.error_code = code;
    answer
}

fn response(topics: Vec<OffsetCommitResponseTopic>) -> ResponseBody<FileRange> {
    let mut response = OffsetCommitResponse::default();
    response.topics = topics;
    ResponseBody::OffsetCommit(response)
}
