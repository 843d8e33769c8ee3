//! `DescribeShareGroupOffsets`, `AlterShareGroupOffsets` and `DeleteShareGroupOffsets` (keys 90 to 92): where a share
//! group is, where it is to begin, and what it is to forget.
//!
//! Only a group without members can be changed. Its states begin anew, in the next epoch of the group; who still
//! speaks of the old ones is refused.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::{
    alter_share_group_offsets as alters, delete_share_group_offsets as deletes,
    describe_share_group_offsets as describes,
};
use ottla_protocol::wire::{Str, Uuid};

use super::{Handling, told};
use crate::broker::Core;
use crate::coordinator::kept;
use crate::share::machine::Answer;
use crate::share::record::SharePartitionKey;
use crate::share::removal::{self, write};

type States = BTreeMap<[u8; 16], (Str, BTreeSet<i32>)>;
type Refusal = (ErrorCode, Option<String>);

/// Says where groups are.
pub(crate) fn describe(core: &Arc<Core>, request: describes::DescribeShareGroupOffsetsRequest) -> Handling {
    let core = Arc::clone(core);
    Handling::later(async move {
        let mut response = describes::DescribeShareGroupOffsetsResponse::default();
        for group in request.groups {
            response.groups.push(describe_group(&core, group).await);
        }
        ResponseBody::DescribeShareGroupOffsets(response)
    })
}

async fn describe_group(
    core: &Arc<Core>,
    asked: describes::DescribeShareGroupOffsetsRequestGroup,
) -> describes::DescribeShareGroupOffsetsResponseGroup {
    let mut answer = describes::DescribeShareGroupOffsetsResponseGroup::default();
    answer.group_id = asked.group_id.clone();
    let states = match states(core, &asked.group_id) {
        Ok(states) => states,
        Err((code, message)) => {
            answer.error_code = code;
            answer.error_message = Some(told(message.unwrap_or_else(|| code.message().to_owned())));
            return answer;
        }
    };
    let wanted: Vec<(Str, Uuid, Vec<i32>)> = match asked.topics {
        None => states
            .iter()
            .map(|(id, (name, partitions))| (name.clone(), Uuid(*id), partitions.iter().copied().collect()))
            .collect(),
        Some(topics) => topics
            .into_iter()
            .map(|topic| {
                let id = core.directory.by_name(&topic.topic_name).map_or(Uuid::ZERO, |topic| topic.id);
                (topic.topic_name, id, topic.partitions.iter().copied().collect())
            })
            .collect(),
    };
    for (name, id, partitions) in wanted {
        let mut topic = describes::DescribeShareGroupOffsetsResponseTopic::default();
        topic.topic_name = name;
        topic.topic_id = id;
        for index in partitions {
            topic.partitions.push(describe_partition(core, &asked.group_id, id, index).await);
        }
        answer.topics.push(topic);
    }
    answer
}

async fn describe_partition(
    core: &Arc<Core>,
    group: &Str,
    topic: Uuid,
    index: i32,
) -> describes::DescribeShareGroupOffsetsResponsePartition {
    let mut answer = describes::DescribeShareGroupOffsetsResponsePartition::default();
    answer.partition_index = index;
    (answer.start_offset, answer.lag) = (-1, -1);
    let Some(found) = core.directory.by_id(topic) else { return answer };
    let log = found.partition(index).flatten();
    let Some(log) = log else {
        let code = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
        (answer.error_code, answer.error_message) = (code, Some(code.message().into()));
        return answer;
    };
    let key = SharePartitionKey::new(group, topic, index);
    match core.share.step(&key, |states, token| states.summary(token, &key, true)).await {
        Ok(Answer::State(state)) => {
            answer.start_offset = state.start_offset;
            answer.leader_epoch = state.leader_epoch;
            if state.start_offset >= 0 && state.delivery_complete_count >= 0 {
                let end = log.offsets().high_watermark;
                let open = end.saturating_sub(state.start_offset);
                answer.lag = open.saturating_sub(i64::from(state.delivery_complete_count));
            }
        }
        Ok(Answer::Refused((code, _))) | Err(code) => {
            (answer.error_code, answer.error_message) = (code, Some(code.message().into()));
        }
        Ok(Answer::Done | Answer::None) => {}
    }
    answer
}

/// The partitions that a group has states of; one that there is not has none.
fn states(core: &Core, group: &Str) -> Result<States, Refusal> {
    let locked = core.groups.shard(group).and_then(|shard| shard.enter()).map_err(|code| (code, None))?;
    Ok(locked.machine().share.initialized_partitions(group))
}

/// The epoch of a group that may be changed; none if there is no group of this name.
fn changeable(core: &Core, group: &Str) -> Result<Option<i32>, Refusal> {
    if group.is_empty() {
        return Err((ErrorCode::INVALID_GROUP_ID, None));
    }
    let locked = core.groups.shard(group).and_then(|shard| shard.enter()).map_err(|code| (code, None))?;
    let groups = locked.machine();
    if groups.classic.describe(group).is_some() || groups.consumer.contains(group) {
        return Err(not_found(group));
    }
    groups.share.alterable(group).map_err(|code| (code, None))
}

fn not_found(group: &Str) -> Refusal {
    (ErrorCode::GROUP_ID_NOT_FOUND, Some(format!("Group {group} not found.")))
}

/// Lets a group begin elsewhere.
pub(crate) fn alter(core: &Arc<Core>, request: alters::AlterShareGroupOffsetsRequest) -> Handling {
    let core = Arc::clone(core);
    Handling::later(async move {
        let mut response = alters::AlterShareGroupOffsetsResponse::default();
        let group = kept(&request.group_id);
        let epoch = match changeable(&core, &group) {
            Ok(epoch) => epoch.unwrap_or(0).saturating_add(1),
            Err((code, message)) => {
                response.error_code = code;
                response.error_message = Some(told(message.unwrap_or_else(|| code.message().to_owned())));
                return ResponseBody::AlterShareGroupOffsets(response);
            }
        };
        let mut there: Vec<(Uuid, Str, Vec<i32>)> = Vec::new();
        for asked in &request.topics {
            let Some(topic) = core.directory.by_name(&asked.topic_name) else { continue };
            let partitions = asked.partitions.iter().map(|partition| partition.partition_index);
            let known = partitions.filter(|index| topic.partition(*index).is_some());
            there.push((topic.id, topic.name.clone(), known.collect()));
        }
        // The group is told of its states before there are any, so that it knows of those that a crash leaves.
        let written = write(&core, &group, |groups| groups.altering(&group, &there, core.env.now_ms())).await;
        if let Err(code) = written {
            response.error_code = code;
            response.error_message = Some(code.message().into());
            return ResponseBody::AlterShareGroupOffsets(response);
        }
        let deleting = match core.groups.shard(&group).and_then(|shard| shard.enter()) {
            Ok(locked) => locked.machine().share.deleting(&group),
            Err(_) => BTreeSet::new(),
        };
        let mut begun: Vec<(Uuid, Vec<i32>)> = Vec::new();
        for asked in request.topics {
            let topic = core.directory.by_name(&asked.topic_name);
            if topic.is_none() && asked.partitions.is_empty() {
                // There is nothing of which to say that it is not there.
                continue;
            }
            let mut answer = alters::AlterShareGroupOffsetsResponseTopic::default();
            answer.topic_id = topic.as_ref().map_or(Uuid::ZERO, |topic| topic.id);
            for partition in asked.partitions {
                let mut result = alters::AlterShareGroupOffsetsResponsePartition::default();
                result.partition_index = partition.partition_index;
                let is_there =
                    topic.as_ref().is_some_and(|topic| topic.partition(result.partition_index).is_some());
                let altered = match is_there {
                    false => Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
                    true if deleting.contains(&answer.topic_id.0) => {
                        Err(ErrorCode::COORDINATOR_NOT_AVAILABLE)
                    }
                    true => {
                        let one = vec![(answer.topic_id, vec![partition.partition_index])];
                        let begun =
                            crate::share::initialize(&core, &group, epoch, partition.start_offset, one).await;
                        match begun.iter().all(|(_, partitions)| partitions.is_empty()) {
                            true => Err(ErrorCode::COORDINATOR_NOT_AVAILABLE),
                            false => Ok(()),
                        }
                    }
                };
                match altered {
                    Ok(()) => begun.push((answer.topic_id, vec![result.partition_index])),
                    Err(code) => {
                        (result.error_code, result.error_message) = (code, Some(code.message().into()));
                    }
                }
                answer.partitions.push(result);
            }
            answer.topic_name = asked.topic_name;
            core.share.hub.forget(&group, answer.topic_id);
            response.responses.push(answer);
        }
        let stored = core.groups.shard(&group).and_then(|shard| shard.enter()).and_then(|mut locked| {
            let effects = locked.machine_mut().share.initialized(&group, &begun);
            locked.perform(effects)
        });
        let durable = match stored {
            Ok(stored) => stored.durable(core.groups.store_timeout()).await,
            Err(code) => Err(code),
        };
        if let Err(code) = durable {
            (response.error_code, response.error_message) = (code, Some(code.message().into()));
        }
        ResponseBody::AlterShareGroupOffsets(response)
    })
}

/// Lets a group forget topics.
pub(crate) fn delete(core: &Arc<Core>, request: deletes::DeleteShareGroupOffsetsRequest) -> Handling {
    let core = Arc::clone(core);
    Handling::later(async move {
        let mut response = deletes::DeleteShareGroupOffsetsResponse::default();
        let group = request.group_id;
        let refusal = match changeable(&core, &group) {
            Ok(Some(_)) => None,
            Ok(None) => Some(not_found(&group)),
            Err(refusal) => Some(refusal),
        };
        if let Some((code, message)) = refusal {
            response.error_code = code;
            response.error_message = Some(told(message.unwrap_or_else(|| code.message().to_owned())));
            return ResponseBody::DeleteShareGroupOffsets(response);
        }
        let states = states(&core, &group).unwrap_or_default();
        let mut gone = Vec::new();
        for asked in request.topics {
            let mut answer = deletes::DeleteShareGroupOffsetsResponseTopic::default();
            let topic = core.directory.by_name(&asked.topic_name);
            match topic.and_then(|topic| Some((topic.id, states.get(&topic.id.0)?))) {
                None => answer.error_code = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
                Some((id, _)) => {
                    answer.topic_id = id;
                    gone.push(id);
                }
            }
            if answer.error_code.is_err() {
                answer.error_message = Some(answer.error_code.message().into());
            }
            answer.topic_name = asked.topic_name;
            response.responses.push(answer);
        }
        if !gone.is_empty()
            && let Err(code) = removal::forget(&core, &group, Some(&gone)).await
        {
            (response.error_code, response.error_message) = (code, Some(code.message().into()));
        }
        ResponseBody::DeleteShareGroupOffsets(response)
    })
}
