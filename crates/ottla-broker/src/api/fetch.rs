//! `Fetch` (key 1): records come out of partitions, as memory or as ranges of files, never copied.
//!
//! An answer goes out at once when it holds `min_bytes`, or an error, or when there is nothing to wait for; else it
//! waits, registered with each partition, until enough was appended or `max_wait_ms` are over. Which partitions
//! are meant and which must be mentioned is decided in [`crate::fetch_session`].

mod round;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::fetch::{
    EpochEndOffset, FetchRequest, FetchResponse, FetchableTopicResponse, PartitionData,
};
use ottla_protocol::wire::{Records, Str, Uuid};
use ottla_storage::{FileRange, Isolation};
use tokio::time::Instant;

use self::round::Round;
pub(super) use self::round::check_leader_epoch;
use super::Handling;
use crate::broker::Core;
use crate::fetch_session::{
    Answered, FINAL_EPOCH, FetchSession, INITIAL_EPOCH, TopicKey, Wanted, next_epoch, without_repeats,
};

const READ_COMMITTED: i8 = 1;
const CONSUMER: i32 = -1;
/// The version in which a reader is told where its history parts from the log's (KIP-595).
const FIRST_WITH_DIVERGENCE: i16 = 12;

type PartitionAnswer = PartitionData<FileRange>;

/// What the answer is part of.
enum Context {
    /// No session.
    Sessionless,
    /// The first answer of a session, if a slot is free.
    Opening { uses_topic_ids: bool },
    /// An answer that says only what changed.
    Incremental { id: i32, epoch: i32, session: Arc<Mutex<FetchSession>> },
}

/// How much is read and waited for.
#[derive(Clone, Copy)]
struct Limits {
    bytes_min: usize,
    bytes_max: usize,
    isolation: Isolation,
    from_follower: bool,
}

/// Reads what is there, or waits for it.
pub(crate) fn handle(core: &Arc<Core>, version: i16, mut request: FetchRequest) -> Handling {
    let replica_id = if version >= 15 { request.replica_state.replica_id } else { request.replica_id };
    let limits = Limits {
        bytes_min: usize::try_from(request.min_bytes).unwrap_or(0),
        bytes_max: usize::try_from(request.max_bytes).unwrap_or(0).min(core.fetch_bytes_max),
        isolation: match request.isolation_level {
            READ_COMMITTED => Isolation::ReadCommitted,
            _ => Isolation::ReadUncommitted,
        },
        from_follower: replica_id > CONSUMER,
    };
    let wait = Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or(0));
    let (context, wanted) = match begin(core, version, &mut request) {
        Ok(begun) => begun,
        Err(code) => return refuse(code),
    };
    let is_known = matches!(request.isolation_level, 0 | READ_COMMITTED);
    // Kafka notices when it comes to read, and then refuses all of it.
    if !is_known && wanted.iter().any(|one| round::is_there(core, one)) {
        return Handling::respond(refuse_all(version, request, ErrorCode::UNKNOWN_SERVER_ERROR));
    }
    let finish = move |core: &Core, answers: Vec<PartitionAnswer>, wanted: &[Wanted]| {
        // What a session was told in a later version can make an answer that this version has no words for.
        if version < FIRST_WITH_DIVERGENCE && answers.iter().any(|one| one.diverging_epoch.end_offset >= 0) {
            return refuse_all(version, request, ErrorCode::UNSUPPORTED_VERSION);
        }
        finish(core, &context, wanted, answers)
    };
    let mut round = Round::new(wanted.len());
    let blocked = round.read(core, &wanted, limits);
    if blocked.is_none() && (round.is_enough(limits) || wait.is_zero() || wanted.is_empty()) {
        return Handling::respond(finish(core, round.answers, &wanted));
    }
    let core = Arc::clone(core);
    let deadline = Instant::now() + wait;
    Handling::later(async move {
        let mut ended = BTreeSet::new();
        round.read_on(&core, &wanted, limits, blocked).await;
        while !round.is_enough(limits) && round.grown(deadline, &mut ended).await {
            round = Round::new(wanted.len());
            let blocked = round.read(&core, &wanted, limits);
            round.read_on(&core, &wanted, limits, blocked).await;
        }
        finish(&core, round.answers, &wanted)
    })
}

fn refuse(code: ErrorCode) -> Handling {
    let mut response = FetchResponse::default();
    response.error_code = code;
    Handling::respond(ResponseBody::Fetch(response))
}

/// Refuses a request and, before topics went by their ids, each partition that it names.
fn refuse_all(version: i16, request: FetchRequest, code: ErrorCode) -> ResponseBody<FileRange> {
    let mut response = FetchResponse::default();
    if version >= 7 {
        (response.error_code, response.session_id) = (code, request.session_id);
    }
    for topic in request.topics.into_iter().filter(|_| version < 13) {
        let mut answer = FetchableTopicResponse::default();
        answer.partitions = topic.partitions.iter().map(|one| refused(one.partition, code)).collect();
        answer.topic = topic.topic;
        response.responses.push(answer);
    }
    ResponseBody::Fetch(response)
}

fn refused(index: i32, code: ErrorCode) -> PartitionAnswer {
    let mut answer = PartitionAnswer::default();
    answer.partition_index = index;
    answer.error_code = code;
    (answer.high_watermark, answer.last_stable_offset, answer.log_start_offset) = (-1, -1, -1);
    answer.preferred_read_replica = -1;
    answer.aborted_transactions = Some(Vec::new());
    answer.records = Some(Records::EMPTY);
    answer
}

/// Finds out what is meant: all that the request names, or all that its session knows.
fn begin(core: &Core, version: i16, request: &mut FetchRequest) -> Result<(Context, Vec<Wanted>), ErrorCode> {
    let uses_topic_ids = version >= 13;
    let key = |name: &Str, id| match uses_topic_ids {
        true => TopicKey::Id(id),
        false => TopicKey::Name(name.clone()),
    };
    let (id, epoch) = (request.session_id, request.session_epoch);
    let has_session = epoch != FINAL_EPOCH;
    let mut named = Vec::with_capacity(request.topics.iter().map(|topic| topic.partitions.len()).sum());
    for topic in &request.topics {
        let topic_key = key(&topic.topic, topic.topic_id);
        let known_as = if has_session && uses_topic_ids { name_of(core, topic.topic_id) } else { None };
        named.extend(topic.partitions.iter().map(|partition| Wanted {
            topic: topic_key.clone(),
            known_as: known_as.clone(),
            partition: partition.partition,
            fetch_offset: partition.fetch_offset,
            max_bytes: partition.partition_max_bytes,
            current_leader_epoch: partition.current_leader_epoch,
            last_fetched_epoch: partition.last_fetched_epoch,
        }));
    }
    if epoch == INITIAL_EPOCH || epoch == FINAL_EPOCH {
        if id != 0 {
            core.fetch_sessions().remove(id);
        }
        let context = if has_session { Context::Opening { uses_topic_ids } } else { Context::Sessionless };
        return Ok((context, without_repeats(named)));
    }
    let shared = core.fetch_sessions().get(id).ok_or(ErrorCode::FETCH_SESSION_ID_NOT_FOUND)?;
    let mut session = shared.lock().unwrap_or_else(PoisonError::into_inner);
    if session.epoch() != epoch {
        return Err(ErrorCode::INVALID_FETCH_SESSION_EPOCH);
    }
    if session.uses_topic_ids() != uses_topic_ids {
        return Err(ErrorCode::FETCH_SESSION_TOPIC_ID_ERROR);
    }
    let forgotten = request.forgotten_topics_data.iter().flat_map(|topic| {
        let topic_key = key(&topic.topic, topic.topic_id);
        topic.partitions.iter().map(move |partition| (topic_key.clone(), *partition))
    });
    session.update(named.clone(), forgotten);
    session.resolve(|id| name_of(core, id));
    let (wanted, size) = (session.wanted(), session.len());
    if size == 0 {
        drop(session);
        core.fetch_sessions().remove(id);
        // As in Kafka: what is asked for and forgotten at once is read this once.
        return Ok((Context::Sessionless, without_repeats(named)));
    }
    session.advance();
    drop(session);
    core.fetch_sessions().touch(now(), id, size);
    Ok((Context::Incremental { id, epoch: next_epoch(epoch), session: shared }, wanted))
}

fn name_of(core: &Core, id: Uuid) -> Option<Str> {
    core.directory.by_id(id).map(|topic| topic.name.clone())
}

/// Makes the response of what was read, and remembers in the session what it says.
fn finish(
    core: &Core,
    context: &Context,
    wanted: &[Wanted],
    answers: Vec<PartitionAnswer>,
) -> ResponseBody<FileRange> {
    let mut response = FetchResponse::default();
    match context {
        Context::Sessionless => {}
        Context::Opening { uses_topic_ids } => {
            let session = FetchSession::begin(*uses_topic_ids, wanted.iter().zip(answers.iter().map(said)));
            let mut rng = core.env.rng();
            response.session_id = core.fetch_sessions().insert(now(), session, || rng.next_u64());
        }
        Context::Incremental { id, epoch, session } => {
            let mut session = session.lock().unwrap_or_else(PoisonError::into_inner);
            if session.epoch() != *epoch {
                response.error_code = ErrorCode::INVALID_FETCH_SESSION_EPOCH;
                return ResponseBody::Fetch(response);
            }
            response.session_id = *id;
            let answers =
                wanted.iter().zip(answers).filter(|(one, answer)| session.must_say(one, said(answer)));
            for (one, answer) in answers {
                put(&mut response.responses, &one.topic, answer);
            }
            return ResponseBody::Fetch(response);
        }
    }
    for (one, answer) in wanted.iter().zip(answers) {
        put(&mut response.responses, &one.topic, answer);
    }
    ResponseBody::Fetch(response)
}

/// Adds an answer to its topic's, which is the last one when partitions of a topic come together.
fn put(topics: &mut Vec<FetchableTopicResponse<FileRange>>, key: &TopicKey, answer: PartitionAnswer) {
    let is_last = topics.last().is_some_and(|last| match key {
        TopicKey::Id(id) => last.topic_id == *id,
        TopicKey::Name(name) => last.topic == *name,
    });
    if !is_last {
        let mut topic = FetchableTopicResponse::default();
        match key {
            TopicKey::Id(id) => topic.topic_id = *id,
            TopicKey::Name(name) => topic.topic = name.clone(),
        }
        topics.push(topic);
    }
    if let Some(last) = topics.last_mut() {
        last.partitions.push(answer);
    }
}

fn said(answer: &PartitionAnswer) -> Answered {
    Answered {
        failed: answer.error_code.is_err(),
        has_records: answer.records.as_ref().is_some_and(|records| !records.is_empty()),
        diverged: answer.diverging_epoch != EpochEndOffset::default(),
        high_watermark: answer.high_watermark,
        log_start_offset: answer.log_start_offset,
    }
}

fn now() -> std::time::Instant {
    Instant::now().into_std()
}
