//! `OffsetFetch` (key 9): up to where groups have read.
//!
//! What is answered is durable. `require_stable` waits for commits that are on their way to the disk, as Kafka's
//! coordinator does, and refuses those that a transaction may still change. An offset that was
//! committed for an earlier topic of the same name is not shown.

use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
    OffsetFetchResponse, OffsetFetchResponseGroup, OffsetFetchResponsePartition,
    OffsetFetchResponsePartitions, OffsetFetchResponseTopic, OffsetFetchResponseTopics,
};
use ottla_protocol::wire::{Str, Uuid};
use ottla_storage::FileRange;

use super::Handling;
use crate::broker::Core;
use crate::coordinator::shard::Stored;
use crate::groups::offsets::{Committed, OffsetStore};

/// The first version with several groups.
const FIRST_WITH_GROUPS: i16 = 8;
/// The first version with topic ids.
const FIRST_WITH_IDS: i16 = 10;

/// Answers the offsets of each group.
pub(crate) fn handle(core: &Arc<Core>, version: i16, request: OffsetFetchRequest) -> Handling {
    let require_stable = request.require_stable;
    let groups = if version >= FIRST_WITH_GROUPS { request.groups } else { vec![as_group(request)] };
    if !require_stable {
        let answers = groups.iter().map(|group| fetch(core, version, group, require_stable)).collect();
        return Handling::respond(response(version, &groups, answers));
    }
    let pending: Vec<_> = groups.iter().map(|group| pending(core, &group.group_id)).collect();
    if pending.iter().all(|pending| matches!(pending, Ok(Stored::Now) | Err(_))) {
        let answers = groups.iter().map(|group| fetch(core, version, group, require_stable)).collect();
        return Handling::respond(response(version, &groups, answers));
    }
    let core = Arc::clone(core);
    Handling::later(async move {
        let mut answers = Vec::with_capacity(groups.len());
        for (group, pending) in groups.iter().zip(pending) {
            let stable = match pending {
                Ok(pending) => pending.durable(core.groups.store_timeout()).await,
                Err(code) => Err(code),
            };
            answers.push(match stable {
                Ok(()) => fetch(&core, version, group, require_stable),
                Err(code) => refused(group, code),
            });
        }
        response(version, &groups, answers)
    })
}

/// What has been asked of one group before there were several.
fn as_group(request: OffsetFetchRequest) -> OffsetFetchRequestGroup {
    let mut group = OffsetFetchRequestGroup::default();
    group.group_id = request.group_id;
    group.topics = request.topics.map(|topics| {
        let topics = topics.into_iter().map(|OffsetFetchRequestTopic { name, partition_indexes, .. }| {
            let mut topic = OffsetFetchRequestTopics::default();
            topic.name = name;
            topic.partition_indexes = partition_indexes;
            topic
        });
        topics.collect()
    });
    group
}

/// The commits of a group's shard that are on their way to the disk.
fn pending(core: &Core, group: &str) -> Result<Stored, ErrorCode> {
    Ok(core.groups.shard(group)?.enter()?.settled())
}

fn fetch(
    core: &Core,
    version: i16,
    asked: &OffsetFetchRequestGroup,
    require_stable: bool,
) -> OffsetFetchResponseGroup {
    let locked = match core.groups.shard(&asked.group_id).and_then(|shard| shard.enter()) {
        Ok(locked) => locked,
        Err(code) => return refused(asked, code),
    };
    let consumer = &locked.machine().consumer;
    if consumer.contains(&asked.group_id)
        && let Err(code) =
            consumer.check_fetch(&asked.group_id, asked.member_id.as_deref(), asked.member_epoch)
    {
        return refused(asked, code);
    }
    let mut answer = OffsetFetchResponseGroup::default();
    answer.group_id = asked.group_id.clone();
    answer.topics = match &asked.topics {
        None => all(core, &locked.machine().offsets, &asked.group_id),
        Some(topics) if version >= FIRST_WITH_IDS => {
            by_id(core, &locked.machine().offsets, &asked.group_id, topics)
        }
        Some(topics) => {
            let named = topics.iter().map(|topic| {
                let id = core.directory.by_name(&topic.name).map(|topic| topic.id);
                of_topic(&locked.machine().offsets, &asked.group_id, topic, &topic.name, id)
            });
            named.collect()
        }
    };
    if require_stable {
        refuse_unstable(core, &locked.machine().offsets, &asked.group_id, &mut answer.topics);
    }
    answer
}

/// Tells of no offset that a transaction which is open may change.
fn refuse_unstable(
    core: &Core,
    offsets: &OffsetStore,
    group: &str,
    topics: &mut [OffsetFetchResponseTopics],
) {
    for topic in topics {
        let name = match topic.name.is_empty() {
            true => core.directory.by_id(topic.topic_id).map(|topic| topic.name.clone()).unwrap_or_default(),
            false => topic.name.clone(),
        };
        for partition in &mut topic.partitions {
            if partition.error_code.is_none() && offsets.is_unstable(group, &name, partition.partition_index)
            {
                *partition = answer_of(partition.partition_index, None);
                partition.error_code = ErrorCode::UNSTABLE_OFFSET_COMMIT;
            }
        }
    }
}

/// Everything that the group has committed for topics that exist.
fn all(core: &Core, offsets: &OffsetStore, group: &str) -> Vec<OffsetFetchResponseTopics> {
    let topics = offsets.of_group(group).filter_map(|(name, partitions)| {
        let id = core.directory.by_name(name).map(|topic| topic.id);
        let current = partitions.filter(|(_, committed)| committed.is_of(id));
        let mut answer = OffsetFetchResponseTopics::default();
        answer.name = name.clone();
        answer.topic_id = id?;
        answer.partitions = current.map(|(index, committed)| answer_of(index, Some(committed))).collect();
        (!answer.partitions.is_empty()).then_some(answer)
    });
    topics.collect()
}

/// The offsets of topics that are named by id; those that do not exist come last, as in Kafka.
fn by_id(
    core: &Core,
    offsets: &OffsetStore,
    group: &str,
    topics: &[OffsetFetchRequestTopics],
) -> Vec<OffsetFetchResponseTopics> {
    let (mut found, mut unknown) = (Vec::new(), Vec::new());
    for topic in topics {
        match core.directory.by_id(topic.topic_id) {
            Some(known) => found.push(of_topic(offsets, group, topic, &known.name, Some(known.id))),
            None => {
                let mut answer = OffsetFetchResponseTopics::default();
                answer.topic_id = topic.topic_id;
                let refused = topic.partition_indexes.iter().map(|index| {
                    let mut answer = answer_of(*index, None);
                    answer.error_code = ErrorCode::UNKNOWN_TOPIC_ID;
                    answer
                });
                answer.partitions = refused.collect();
                unknown.push(answer);
            }
        }
    }
    found.append(&mut unknown);
    found
}

fn of_topic(
    offsets: &OffsetStore,
    group: &str,
    asked: &OffsetFetchRequestTopics,
    name: &Str,
    id: Option<Uuid>,
) -> OffsetFetchResponseTopics {
    let mut answer = OffsetFetchResponseTopics::default();
    answer.name = name.clone();
    answer.topic_id = asked.topic_id;
    let partitions = asked.partition_indexes.iter().map(|index| {
        let committed = offsets.get(group, name, *index);
        answer_of(*index, committed.filter(|committed| committed.is_of(id)))
    });
    answer.partitions = partitions.collect();
    answer
}

fn answer_of(index: i32, committed: Option<&Committed>) -> OffsetFetchResponsePartitions {
    let mut answer = OffsetFetchResponsePartitions::default();
    answer.partition_index = index;
    answer.committed_offset = committed.map_or(-1, |committed| committed.offset);
    answer.committed_leader_epoch = committed.map_or(-1, |committed| committed.leader_epoch);
    answer.metadata = Some(committed.map_or(Str::EMPTY, |committed| committed.metadata.clone()));
    answer
}

fn refused(asked: &OffsetFetchRequestGroup, code: ErrorCode) -> OffsetFetchResponseGroup {
    let mut answer = OffsetFetchResponseGroup::default();
    answer.group_id = asked.group_id.clone();
    answer.error_code = code;
    answer
}

fn response(
    version: i16,
    asked: &[OffsetFetchRequestGroup],
    mut answers: Vec<OffsetFetchResponseGroup>,
) -> ResponseBody<FileRange> {
    let mut response = OffsetFetchResponse::default();
    if version >= FIRST_WITH_GROUPS {
        response.groups = answers;
        return ResponseBody::OffsetFetch(response);
    }
    let answer = answers.pop().unwrap_or_default();
    response.error_code = answer.error_code;
    response.topics = answer.topics.into_iter().map(as_topic).collect();
    // Version 1 has no place for what is wrong with the group but its partitions.
    if version < 2 && answer.error_code.is_err() {
        let topics = asked.iter().flat_map(|group| group.topics.iter().flatten());
        response.topics = topics.map(|topic| failed(topic, answer.error_code)).collect();
    }
    ResponseBody::OffsetFetch(response)
}

fn as_topic(topic: OffsetFetchResponseTopics) -> OffsetFetchResponseTopic {
    let mut answer = OffsetFetchResponseTopic::default();
    answer.name = topic.name;
    answer.partitions = topic.partitions.into_iter().map(as_partition).collect();
    answer
}

fn as_partition(partition: OffsetFetchResponsePartitions) -> OffsetFetchResponsePartition {
    let mut answer = OffsetFetchResponsePartition::default();
    answer.partition_index = partition.partition_index;
    answer.committed_offset = partition.committed_offset;
    answer.committed_leader_epoch = partition.committed_leader_epoch;
    answer.metadata = partition.metadata;
    answer.error_code = partition.error_code;
    answer
}

fn failed(topic: &OffsetFetchRequestTopics, code: ErrorCode) -> OffsetFetchResponseTopic {
    let mut answer = OffsetFetchResponseTopic::default();
    answer.name = topic.name.clone();
    let partitions = topic.partition_indexes.iter().map(|index| {
        let mut partition = as_partition(answer_of(*index, None));
        partition.error_code = code;
        partition
    });
    answer.partitions = partitions.collect();
    answer
}
