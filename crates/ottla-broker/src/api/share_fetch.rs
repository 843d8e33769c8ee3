//! `ShareFetch` (key 78): a member of a share group says what became of records, and is handed others.
//!
//! What it says is heard first, and is durable when it is answered. Then partitions are read, one after the other
//! until there are enough records; a fetch that finds none waits, registered with each partition, until one grows or
//! records become available again. Who is handed what is decided in [`crate::share::partition`].

mod read;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::share_fetch::{
    PartitionData, ShareFetchRequest, ShareFetchResponse, ShareFetchableTopicResponse,
};
use ottla_protocol::wire::{Str, Uuid};
use ottla_storage::FileRange;
use tokio::time::Instant;

use self::read::{Limits, Round};
use super::Handling;
use super::share_acknowledge::{acknowledge, said};
use crate::broker::{Core, Session};
use crate::coordinator::kept;
use crate::share::hub::Hub;
use crate::share::partition::{Demand, Mode, Refusal};
use crate::share::session::{FINAL_EPOCH, INITIAL_EPOCH, MEMBER_ID_LENGTH_MAX, Place};

/// The acquire mode that takes as many records as were asked for.
const RECORD_LIMIT: i8 = 1;

pub(super) type Answers = BTreeMap<Place, PartitionData<FileRange>>;

/// Hands out records.
pub(crate) fn handle(core: &Arc<Core>, session: &Session, request: ShareFetchRequest) -> Handling {
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
    let asks =
        request.max_wait_ms > 0 || request.min_bytes > 0 || request.max_bytes > 0 || request.max_records > 0;
    if request.is_renew_ack && asks {
        return Handling::respond(refused(ErrorCode::INVALID_REQUEST));
    }
    let wanted = match begin(core, session, (&group, &member), &request) {
        Ok(wanted) => wanted,
        Err(code) => return Handling::respond(refused(code)),
    };
    if !(0..=RECORD_LIMIT).contains(&request.share_acquire_mode) {
        return Handling::respond(refused(ErrorCode::INVALID_REQUEST));
    }
    let config = core.configs.group(&group).share;
    let limits = Limits {
        bytes_min: usize::try_from(request.min_bytes).unwrap_or(0),
        bytes_max: usize::try_from(request.max_bytes).unwrap_or(0).min(core.fetch_bytes_max),
        demand: Demand {
            records_max: i64::from(request.max_records),
            batch_size: i64::from(request.batch_size),
            mode: if request.share_acquire_mode == RECORD_LIMIT { Mode::Records } else { Mode::Batches },
        },
        reads_committed: config.reads_committed,
        terms: config.terms(),
    };
    let lock_ms = i32::try_from(config.record_lock_duration.as_millis()).unwrap_or(i32::MAX);
    let deadline = Instant::now() + Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or(0));
    let core = Arc::clone(core);
    Handling::later(async move {
        let mut spoken = Vec::new();
        for topic in &request.topics {
            let partitions = topic.partitions.iter().filter(|one| !one.acknowledgement_batches.is_empty());
            spoken.extend(partitions.map(|one| {
                let batches = one.acknowledgement_batches.iter();
                let batches =
                    batches.map(|one| (one.first_offset, one.last_offset, one.acknowledge_types.as_slice()));
                ((topic.topic_id.0, one.partition_index), said(batches, request.is_renew_ack))
            }));
        }
        let outcomes = acknowledge(&core, &group, &member, spoken).await;
        let is_final = request.share_session_epoch == FINAL_EPOCH;
        // The first answer of a session tells of all its partitions, the others of those with news.
        let is_first = request.share_session_epoch == INITIAL_EPOCH && request.max_records > 0;
        let named = if is_first { wanted.clone().unwrap_or_default() } else { Vec::new() };
        let mut answers = match wanted {
            Some(wanted) if !is_final && !request.is_renew_ack && request.max_records > 0 => {
                fetch(&core, &group, &member, &wanted, limits, deadline).await
            }
            _ => Answers::new(),
        };
        if is_final {
            Hub::left(&core, &group, &member);
        }
        if is_first {
            for place in named {
                mention(&mut answers, place);
            }
        }
        for (place, outcome) in outcomes {
            note(&mut answers, place, outcome);
        }
        respond(answers, lock_ms)
    })
}

fn refused(code: ErrorCode) -> ResponseBody<FileRange> {
    let mut response = ShareFetchResponse::default();
    response.error_code = code;
    response.error_message = Some(code.message().into());
    ResponseBody::ShareFetch(response)
}

/// Finds out which partitions are meant: what the request names, and what its session knows.
fn begin(
    core: &Core,
    session: &Session,
    (group, member): (&Str, &Str),
    request: &ShareFetchRequest,
) -> Result<Option<Vec<Place>>, ErrorCode> {
    let mut sessions = core.share.hub.sessions();
    let named: Vec<Place> = request
        .topics
        .iter()
        .flat_map(|topic| topic.partitions.iter().map(|one| (topic.topic_id.0, one.partition_index)))
        .collect();
    match request.share_session_epoch {
        INITIAL_EPOCH => {
            let acknowledges = |topic: &ottla_protocol::messages::share_fetch::FetchTopic| {
                topic.partitions.iter().any(|one| !one.acknowledgement_batches.is_empty())
            };
            if request.topics.iter().any(acknowledges) {
                return Err(ErrorCode::INVALID_REQUEST);
            }
            let connection = session.shares().begins();
            sessions.begin((group, member), connection, named.clone(), core.share.sessions_max())?;
            Ok(Some(named))
        }
        FINAL_EPOCH if sessions.contains(group, member) => Ok(None),
        FINAL_EPOCH => Err(ErrorCode::SHARE_SESSION_NOT_FOUND),
        epoch => {
            let forgotten: Vec<Place> = request
                .forgotten_topics_data
                .iter()
                .flat_map(|topic| topic.partitions.iter().map(|index| (topic.topic_id.0, *index)))
                .collect();
            Ok(Some(sessions.go_on((group, member), epoch, named, &forgotten)?))
        }
    }
}

/// Reads until there is something to hand out, or time is up.
async fn fetch(
    core: &Arc<Core>,
    group: &Str,
    member: &Str,
    wanted: &[Place],
    limits: Limits,
    deadline: Instant,
) -> Answers {
    loop {
        let mut round = Round::new(core, group, member, limits);
        round.open(wanted).await;
        let grown = round.grown();
        round.read().await;
        let is_over = Instant::now() >= deadline;
        if round.is_urgent() || is_over || round.has_enough() {
            round.acquire();
            if round.is_urgent() || is_over || round.has_records() {
                return round.end();
            }
        }
        let _over = tokio::time::timeout_at(deadline, grown).await;
    }
}

fn mention(answers: &mut Answers, place: Place) -> &mut PartitionData<FileRange> {
    let answer = answers.entry(place).or_default();
    answer.partition_index = place.1;
    answer
}

fn note(answers: &mut Answers, place: Place, outcome: Result<(), Refusal>) {
    let answer = mention(answers, place);
    if let Err((code, words)) = outcome {
        answer.acknowledge_error_code = code;
        answer.acknowledge_error_message = Some(words.into());
    }
}

fn respond(answers: Answers, lock_ms: i32) -> ResponseBody<FileRange> {
    let mut response = ShareFetchResponse::default();
    response.acquisition_lock_timeout_ms = lock_ms;
    for ((topic, _), answer) in answers {
        match response.responses.last_mut() {
            Some(last) if last.topic_id.0 == topic => last.partitions.push(answer),
            _ => {
                let mut one = ShareFetchableTopicResponse::default();
                one.topic_id = Uuid(topic);
                one.partitions.push(answer);
                response.responses.push(one);
            }
        }
    }
    ResponseBody::ShareFetch(response)
}
