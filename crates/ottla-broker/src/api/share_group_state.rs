//! `InitializeShareGroupState`, `ReadShareGroupState`, `WriteShareGroupState`, `DeleteShareGroupState` and
//! `ReadShareGroupStateSummary` (keys 83 to 87): what Kafka's brokers ask the share coordinator.
//!
//! Here the broker that leads a partition is the one that keeps its state, and asks itself without a request; but
//! whoever asks is answered. What is answered is decided in [`crate::share::machine`], for each partition by itself.

use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::{
    delete_share_group_state as deletes, initialize_share_group_state as initializes,
    read_share_group_state as reads, read_share_group_state_summary as summaries,
    write_share_group_state as writes,
};
use ottla_protocol::wire::{Str, Uuid};

use super::Handling;
use crate::broker::Core;
use crate::coordinator::Token;
use crate::coordinator::kept;
use crate::partition::BoxFuture;
use crate::share::batches::StateBatch;
use crate::share::machine::{Answer, Effects, Refusal, ShareStates, Write};
use crate::share::record::SharePartitionKey;
use crate::waiting;

/// A partition of which something is asked, and what it is answered.
type Asked = (Uuid, i32, BoxFuture<Result<Answer, ErrorCode>>);

/// The answers, of the partitions of each topic together.
async fn answers(asked: Vec<Asked>) -> Vec<(Uuid, Vec<(i32, Result<Answer, Refusal>)>)> {
    let (names, futures): (Vec<_>, Vec<_>) =
        asked.into_iter().map(|(topic, partition, future)| ((topic, partition), future)).unzip();
    let outcomes = waiting::all(futures).await;
    let mut topics: Vec<(Uuid, Vec<_>)> = Vec::new();
    for ((topic, partition), outcome) in names.into_iter().zip(outcomes) {
        let outcome = match outcome {
            Ok(Answer::Refused(refusal)) => Err(refusal),
            Ok(answer) => Ok(answer),
            Err(code) => Err((code, None)),
        };
        match topics.last_mut() {
            Some((last, partitions)) if *last == topic => partitions.push((partition, outcome)),
            _ => topics.push((topic, vec![(partition, outcome)])),
        }
    }
    topics
}

/// The topics of a request; none, as in Kafka, where it names no group, or one of them no partition.
fn named<'a, T>(group: &Str, topics: &'a [T], partitions: impl Fn(&T) -> usize) -> &'a [T] {
    let is_whole = !group.is_empty() && topics.iter().all(|topic| partitions(topic) > 0);
    if is_whole { topics } else { &[] }
}

fn ask(
    core: &Core,
    group: &Str,
    topic: Uuid,
    partition: i32,
    step: impl FnOnce(&ShareStates, Token, &SharePartitionKey, bool) -> Effects,
) -> Asked {
    let key = SharePartitionKey::new(&kept(group), topic, partition);
    // Looked up with the shard locked, or a state could be begun behind the removal of its topic.
    let is_there = || crate::share::is_there(&core.directory, topic, partition);
    (topic, partition, core.share.step(&key, |states, token| step(states, token, &key, is_there())))
}

fn words((code, words): Refusal) -> (ErrorCode, Option<Str>) {
    (code, Some(words.map_or_else(|| code.message().into(), Str::from_static)))
}

/// Begins states.
pub(crate) fn initialize(
    core: &Arc<Core>,
    request: initializes::InitializeShareGroupStateRequest,
) -> Handling {
    let now_ms = core.env.now_ms();
    let mut asked = Vec::new();
    // Here a topic without partitions takes nothing from the others.
    for topic in named(&request.group_id, &request.topics, |_| 1) {
        asked.extend(topic.partitions.iter().map(|one| {
            ask(core, &request.group_id, topic.topic_id, one.partition, |states, token, key, is_there| {
                states.initialize(token, key, (one.state_epoch, one.start_offset), is_there, now_ms)
            })
        }));
    }
    Handling::later(async move {
        let mut response = initializes::InitializeShareGroupStateResponse::default();
        for (topic_id, partitions) in answers(asked).await {
            let mut topic = initializes::InitializeStateResult::default();
            topic.topic_id = topic_id;
            for (partition, outcome) in partitions {
                let mut result = initializes::PartitionResult::default();
                result.partition = partition;
                if let Err(refusal) = outcome {
                    (result.error_code, result.error_message) = words(refusal);
                }
                topic.partitions.push(result);
            }
            response.results.push(topic);
        }
        ResponseBody::InitializeShareGroupState(response)
    })
}

/// Reads states.
pub(crate) fn read(core: &Arc<Core>, request: reads::ReadShareGroupStateRequest) -> Handling {
    let now_ms = core.env.now_ms();
    let mut asked = Vec::new();
    for topic in named(&request.group_id, &request.topics, |topic| topic.partitions.len()) {
        asked.extend(topic.partitions.iter().map(|one| {
            ask(core, &request.group_id, topic.topic_id, one.partition, |states, token, key, is_there| {
                states.read(token, key, one.leader_epoch, is_there, now_ms)
            })
        }));
    }
    Handling::later(async move {
        let mut response = reads::ReadShareGroupStateResponse::default();
        for (topic_id, partitions) in answers(asked).await {
            let mut topic = reads::ReadStateResult::default();
            topic.topic_id = topic_id;
            for (partition, outcome) in partitions {
                let mut result = reads::PartitionResult::default();
                result.partition = partition;
                match outcome {
                    Ok(Answer::State(state)) => {
                        result.state_epoch = state.state_epoch;
                        result.start_offset = state.start_offset;
                        result.state_batches = state.batches.iter().map(read_batch).collect();
                    }
                    Ok(_) => {}
                    Err(refusal) => (result.error_code, result.error_message) = words(refusal),
                }
                topic.partitions.push(result);
            }
            response.results.push(topic);
        }
        ResponseBody::ReadShareGroupState(response)
    })
}

fn read_batch(batch: StateBatch) -> reads::StateBatch {
    reads::StateBatch::default()
        .with_first_offset(batch.first)
        .with_last_offset(batch.last)
        .with_delivery_state(batch.state)
        .with_delivery_count(batch.deliveries)
}

/// Changes states.
pub(crate) fn write(core: &Arc<Core>, request: writes::WriteShareGroupStateRequest) -> Handling {
    let now_ms = core.env.now_ms();
    let mut asked = Vec::new();
    for topic in named(&request.group_id, &request.topics, |topic| topic.partitions.len()) {
        asked.extend(topic.partitions.iter().map(|one| {
            let write = Write {
                state_epoch: one.state_epoch,
                leader_epoch: one.leader_epoch,
                start_offset: one.start_offset,
                delivery_complete_count: one.delivery_complete_count,
                batches: one.state_batches.iter().map(written_batch).collect(),
            };
            ask(core, &request.group_id, topic.topic_id, one.partition, |states, token, key, is_there| {
                states.write(token, key, &write, is_there, now_ms)
            })
        }));
    }
    Handling::later(async move {
        let mut response = writes::WriteShareGroupStateResponse::default();
        for (topic_id, partitions) in answers(asked).await {
            let mut topic = writes::WriteStateResult::default();
            topic.topic_id = topic_id;
            for (partition, outcome) in partitions {
                let mut result = writes::PartitionResult::default();
                result.partition = partition;
                if let Err(refusal) = outcome {
                    (result.error_code, result.error_message) = words(refusal);
                }
                topic.partitions.push(result);
            }
            response.results.push(topic);
        }
        ResponseBody::WriteShareGroupState(response)
    })
}

fn written_batch(batch: &writes::StateBatch) -> StateBatch {
    StateBatch {
        first: batch.first_offset,
        last: batch.last_offset,
        state: batch.delivery_state,
        deliveries: batch.delivery_count,
    }
}

/// Forgets states.
pub(crate) fn delete(core: &Arc<Core>, request: deletes::DeleteShareGroupStateRequest) -> Handling {
    let mut asked = Vec::new();
    for topic in named(&request.group_id, &request.topics, |topic| topic.partitions.len()) {
        asked.extend(topic.partitions.iter().map(|one| {
            ask(core, &request.group_id, topic.topic_id, one.partition, |states, token, key, is_there| {
                states.delete(token, key, is_there)
            })
        }));
    }
    Handling::later(async move {
        let mut response = deletes::DeleteShareGroupStateResponse::default();
        for (topic_id, partitions) in answers(asked).await {
            let mut topic = deletes::DeleteStateResult::default();
            topic.topic_id = topic_id;
            for (partition, outcome) in partitions {
                let mut result = deletes::PartitionResult::default();
                result.partition = partition;
                if let Err(refusal) = outcome {
                    (result.error_code, result.error_message) = words(refusal);
                }
                topic.partitions.push(result);
            }
            response.results.push(topic);
        }
        ResponseBody::DeleteShareGroupState(response)
    })
}

/// Reads what states come to.
pub(crate) fn summarize(core: &Arc<Core>, request: summaries::ReadShareGroupStateSummaryRequest) -> Handling {
    let mut asked = Vec::new();
    for topic in named(&request.group_id, &request.topics, |topic| topic.partitions.len()) {
        asked.extend(topic.partitions.iter().map(|one| {
            ask(core, &request.group_id, topic.topic_id, one.partition, |states, token, key, is_there| {
                states.summary(token, key, is_there)
            })
        }));
    }
    Handling::later(async move {
        let mut response = summaries::ReadShareGroupStateSummaryResponse::default();
        for (topic_id, partitions) in answers(asked).await {
            let mut topic = summaries::ReadStateSummaryResult::default();
            topic.topic_id = topic_id;
            for (partition, outcome) in partitions {
                let mut result = summaries::PartitionResult::default();
                result.partition = partition;
                match outcome {
                    Ok(Answer::State(state)) => {
                        result.state_epoch = state.state_epoch;
                        result.leader_epoch = state.leader_epoch;
                        result.start_offset = state.start_offset;
                        result.delivery_complete_count = state.delivery_complete_count;
                    }
                    Ok(_) => (result.start_offset, result.delivery_complete_count) = (-1, -1),
                    Err(refusal) => (result.error_code, result.error_message) = words(refusal),
                }
                topic.partitions.push(result);
            }
            response.results.push(topic);
        }
        ResponseBody::ReadShareGroupStateSummary(response)
    })
}
