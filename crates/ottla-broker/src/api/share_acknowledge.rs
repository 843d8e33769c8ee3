//! `ShareAcknowledge` (key 79): a member of a share group says what became of the records it was handed.
//!
//! It is answered when that is durable. What holds is decided in [`crate::share::partition`].

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::share_acknowledge::{
    PartitionData, ShareAcknowledgeRequest, ShareAcknowledgeResponse, ShareAcknowledgeTopicResponse,
};
use ottla_protocol::wire::{Str, Uuid};
use ottla_storage::FileRange;

use super::Handling;
use crate::broker::Core;
use crate::coordinator::kept;
use crate::partition::BoxFuture;
use crate::share::hub::Hub;
use crate::share::partition::{Kind, Refusal, Said};
use crate::share::record::SharePartitionKey;
use crate::share::session::{FINAL_EPOCH, INITIAL_EPOCH, MEMBER_ID_LENGTH_MAX, Place};
use crate::waiting;

/// What is said of the records of a partition; an error for what makes no sense.
pub(super) type Spoken = (Place, Result<Vec<Said>, Refusal>);

/// Hears what became of records.
pub(crate) fn handle(core: &Arc<Core>, request: &ShareAcknowledgeRequest) -> Handling {
    if core.features.share_version() < 1 {
        return Handling::respond(refused(ErrorCode::UNSUPPORTED_VERSION));
    }
    let (Some(group), Some(member)) =
        (request.group_id.as_ref().map(kept), request.member_id.as_ref().map(kept))
    else {
        return Handling::respond(refused(ErrorCode::INVALID_REQUEST));
    };
    if member.is_empty() || member.len() > MEMBER_ID_LENGTH_MAX {
        return Handling::respond(refused(ErrorCode::INVALID_REQUEST));
    }
    let epoch = request.share_session_epoch;
    let begun = match epoch {
        INITIAL_EPOCH => Err(ErrorCode::INVALID_SHARE_SESSION_EPOCH),
        FINAL_EPOCH if core.share.hub.sessions().contains(&group, &member) => Ok(()),
        FINAL_EPOCH => Err(ErrorCode::SHARE_SESSION_NOT_FOUND),
        epoch => core.share.hub.sessions().go_on((&group, &member), epoch, Vec::new(), &[]).map(|_| ()),
    };
    if let Err(code) = begun {
        return Handling::respond(refused(code));
    }
    let mut spoken = Vec::new();
    for topic in &request.topics {
        spoken.extend(topic.partitions.iter().map(|partition| {
            let batches = partition.acknowledgement_batches.iter();
            let batches =
                batches.map(|one| (one.first_offset, one.last_offset, one.acknowledge_types.as_slice()));
            ((topic.topic_id.0, partition.partition_index), said(batches, request.is_renew_ack))
        }));
    }
    let lock_ms = core.configs.group(&group).share.record_lock_duration.as_millis();
    let core = Arc::clone(core);
    Handling::later(async move {
        let outcomes = acknowledge(&core, &group, &member, spoken).await;
        if epoch == FINAL_EPOCH {
            Hub::left(&core, &group, &member);
        }
        let mut topics: BTreeMap<[u8; 16], Vec<PartitionData>> = BTreeMap::new();
        for ((topic, index), outcome) in outcomes {
            let mut data = PartitionData::default();
            data.partition_index = index;
            if let Err((code, words)) = outcome {
                data.error_code = code;
                data.error_message = Some(words.into());
            }
            topics.entry(topic).or_default().push(data);
        }
        let mut response = ShareAcknowledgeResponse::default();
        response.acquisition_lock_timeout_ms = i32::try_from(lock_ms).unwrap_or(i32::MAX);
        response.responses = topics
            .into_iter()
            .map(|(topic, partitions)| {
                let mut answer = ShareAcknowledgeTopicResponse::default();
                answer.topic_id = Uuid(topic);
                answer.partitions = partitions;
                answer
            })
            .collect();
        ResponseBody::ShareAcknowledge(response)
    })
}

fn refused(code: ErrorCode) -> ResponseBody<FileRange> {
    let mut response = ShareAcknowledgeResponse::default();
    response.error_code = code;
    response.error_message = Some(code.message().into());
    ResponseBody::ShareAcknowledge(response)
}

/// Hears what is said of records of several partitions; comes when all of it is durable.
pub(super) async fn acknowledge(
    core: &Arc<Core>,
    group: &Str,
    member: &Str,
    spoken: Vec<Spoken>,
) -> Vec<(Place, Result<(), Refusal>)> {
    let mut places = Vec::with_capacity(spoken.len());
    let mut futures: Vec<BoxFuture<Result<(), Refusal>>> = Vec::with_capacity(spoken.len());
    for ((topic, index), said) in spoken {
        places.push((topic, index));
        let key = SharePartitionKey::new(group, Uuid(topic), index);
        let is_known = core.directory.by_id(Uuid(topic)).is_some();
        futures.push(match (said, core.share.hub.get(&key)) {
            _ if !is_known => {
                let code = ErrorCode::UNKNOWN_TOPIC_ID;
                Box::pin(std::future::ready(Err((code, code.message()))))
            }
            (Err(refusal), _) => Box::pin(std::future::ready(Err(refusal))),
            (Ok(said), Some(in_use)) => in_use.acknowledge(core, member, &said),
            // Nobody was handed anything of it.
            (Ok(_), None) => {
                let code = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
                Box::pin(std::future::ready(Err((code, code.message()))))
            }
        });
    }
    places.into_iter().zip(waiting::all(futures).await).collect()
}

/// What is said of runs of records, each by itself.
pub(super) fn said<'a>(
    batches: impl Iterator<Item = (i64, i64, &'a [i8])>,
    may_renew: bool,
) -> Result<Vec<Said>, Refusal> {
    let refuse = |words| Err((ErrorCode::INVALID_REQUEST, words));
    let mut all = Vec::new();
    let mut before = -1;
    for (first, last, types) in batches {
        if first > last || first < 0 {
            return refuse("The first offset in batch is greater than the last offset.");
        }
        // What the last record of a batch is said to be may be said again, as in Kafka.
        if first < before {
            return refuse("The batches are not in order or overlap.");
        }
        before = last;
        let count = usize::try_from(last - first).map_or(usize::MAX, |more| more.saturating_add(1));
        if types.is_empty() {
            return refuse("The acknowledge types array is empty.");
        }
        if types.len() > 1 && types.len() != count {
            return refuse("The acknowledge types array has an unexpected number of elements.");
        }
        let kinds: Option<Vec<_>> = types.iter().map(|kind| kind_of(*kind, may_renew)).collect();
        let Some(kinds) = kinds else { return refuse("The acknowledge type is invalid.") };
        if let [kind] = kinds[..] {
            all.push(Said { first, last, kind });
            continue;
        }
        for (offset, kind) in (first..=last).zip(kinds) {
            match all.last_mut() {
                Some(Said { last, kind: same, first: begin })
                    if *same == kind && *last + 1 == offset && *begin >= first =>
                {
                    *last = offset;
                }
                _ => all.push(Said { first: offset, last: offset, kind }),
            }
        }
    }
    Ok(all)
}

fn kind_of(kind: i8, may_renew: bool) -> Option<Kind> {
    match kind {
        0 => Some(Kind::Gap),
        1 => Some(Kind::Accept),
        2 => Some(Kind::Release),
        3 => Some(Kind::Reject),
        4 if may_renew => Some(Kind::Renew),
        _ => None,
    }
}
