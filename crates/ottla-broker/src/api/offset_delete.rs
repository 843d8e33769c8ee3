//! `OffsetDelete` (key 47): forgets committed offsets of a group that does not read their topics (KIP-496).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteResponse, OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
};
use ottla_protocol::wire::Str;
use ottla_storage::FileRange;

use super::Handling;
use crate::broker::Core;
use crate::coordinator::shard::Stored;
use crate::groups::expiry::removal;

/// Deletes offsets.
pub(crate) fn handle(core: &Arc<Core>, request: OffsetDeleteRequest) -> Handling {
    match delete(core, request) {
        Err(code) => Handling::respond(refused(code)),
        Ok((response, Stored::Now)) => Handling::respond(ResponseBody::OffsetDelete(response)),
        Ok((response, stored)) => {
            let core = Arc::clone(core);
            Handling::later(async move {
                match stored.durable(core.groups.store_timeout()).await {
                    Ok(()) => ResponseBody::OffsetDelete(response),
                    Err(code) => refused(code),
                }
            })
        }
    }
}

fn delete(core: &Core, request: OffsetDeleteRequest) -> Result<(OffsetDeleteResponse, Stored), ErrorCode> {
    let OffsetDeleteRequest { group_id, topics, .. } = request;
    if group_id.is_empty() {
        return Err(ErrorCode::INVALID_GROUP_ID);
    }
    let mut locked = core.groups.shard(&group_id)?.enter()?;
    if !locked.machine().consumer.contains(&group_id) {
        locked.machine().classic.check_offset_delete(&group_id)?;
    }
    let kept = locked.partitions_of(&group_id);
    let mut removed = BTreeSet::new();
    let mut answers = Answers::default();
    // Partitions that do not exist are answered first.
    for topic in &topics {
        let known = core.directory.by_name(&topic.name);
        let exists = |index| known.as_ref().is_some_and(|topic| topic.partition(index).is_some());
        let unknown = topic.partitions.iter().map(|p| p.partition_index).filter(|index| !exists(*index));
        answers.add(&topic.name, unknown.map(|index| (index, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)));
    }
    for topic in topics {
        let Some(known) = core.directory.by_name(&topic.name) else { continue };
        let is_subscribed = locked.machine().is_subscribed(&group_id, &topic.name);
        let code = if is_subscribed { ErrorCode::GROUP_SUBSCRIBED_TO_TOPIC } else { ErrorCode::NONE };
        let indexes = topic.partitions.iter().map(|p| p.partition_index);
        let indexes = indexes.filter(|index| known.partition(*index).is_some());
        answers.add(&topic.name, indexes.clone().map(|index| (index, code)));
        if !is_subscribed {
            let places = indexes.map(|index| (known.name.clone(), index));
            removed.extend(places.filter(|place| kept.contains(place)));
        }
    }
    let mut response = OffsetDeleteResponse::default();
    response.topics = answers.topics;
    let records: Vec<_> =
        removed.into_iter().map(|(topic, partition)| removal(&group_id, topic, partition)).collect();
    if records.is_empty() {
        return Ok((response, Stored::Now));
    }
    Ok((response, locked.store(records)?))
}

/// The answers, each topic once.
#[derive(Default)]
struct Answers {
    topics: Vec<OffsetDeleteResponseTopic>,
    places: BTreeMap<Str, usize>,
}

impl Answers {
    fn add(&mut self, name: &Str, codes: impl Iterator<Item = (i32, ErrorCode)>) {
        for (index, code) in codes {
            let place = *self.places.entry(name.clone()).or_insert_with(|| {
                let mut topic = OffsetDeleteResponseTopic::default();
                topic.name = name.clone();
                self.topics.push(topic);
                self.topics.len() - 1
            });
            let mut answer = OffsetDeleteResponsePartition::default();
            answer.partition_index = index;
            answer.error_code = code;
            self.topics[place].partitions.push(answer);
        }
    }
}

fn refused(code: ErrorCode) -> ResponseBody<FileRange> {
    let mut response = OffsetDeleteResponse::default();
    response.error_code = code;
    ResponseBody::OffsetDelete(response)
}
