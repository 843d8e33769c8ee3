//! `Produce` (key 0): records go into partitions.
//!
//! Every partition is appended to before this returns, in the order of the request; what is waited for is that
//! the records are as safe as the producer asked. What is wrong with one partition is answered for that one, unless
//! it is so wrong that Kafka gives the whole request up.
//! Checks of the batch are in [`checks`]; what needs the batches before is the log's.
//!
//! Where this differs from Kafka 4.3.1, which was tried: null records are answered `INVALID_RECORD` (Kafka never
//! answers them), and `min.insync.replicas` above 1 is answered `NOT_ENOUGH_REPLICAS` with `acks=all` (Kafka lowers it
//! to the number of replicas). Whether records of a transaction may come in is found out in [`verification`].

mod checks;
mod recompress;
pub(super) mod verification;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::produce::{
    BatchIndexAndErrorMessage, PartitionProduceData, PartitionProduceResponse, ProduceRequest,
    ProduceResponse, TopicProduceResponse,
};
use ottla_protocol::wire::{Records, Str};
use tokio::time::Instant;

use self::recompress::recompressed;
use self::verification::{Verification, Verified};
use super::{Handling, Reply};
use crate::broker::Core;
use crate::directory::Topic;
use crate::partition::{Ack, Append, Appended, BoxFuture, Partition, Refused};
use crate::topic_name;

const ACKS_NONE: i16 = 0;
const ACKS_LEADER: i16 = 1;
const ACKS_ALL: i16 = -1;

/// A partition whose records are not yet as safe as was asked.
struct Wait {
    topic: usize,
    partition: usize,
    acknowledged: BoxFuture<Result<(), ErrorCode>>,
}

/// Appends what the request holds.
pub(crate) fn handle(core: &Arc<Core>, version: i16, request: ProduceRequest) -> Handling {
    // The time counts from here, whenever the reply is first looked at.
    let now = Instant::now();
    let deadline = now + Duration::from_millis(u64::try_from(request.timeout_ms).unwrap_or(0));
    match core.turns.try_take(now) {
        Some(_turn) => handle_now(core, version, request, deadline),
        None => {
            let reply = Box::pin(wait_for_turn(Arc::clone(core), request, deadline, move |core, request| {
                handle_now(core, version, request, deadline)
            }));
            Handling::Later { reply, overlap: false }
        }
    }
}

/// Goes on when it is its turn, and not at all when that does not come in time. The next request of the connection waits
/// as well, so that none overtakes another.
async fn wait_for_turn(
    core: Arc<Core>,
    request: ProduceRequest,
    deadline: Instant,
    go_on: impl FnOnce(&Arc<Core>, ProduceRequest) -> Handling,
) -> Reply {
    let turn = core.turns.take();
    let turn = match request.acks {
        ACKS_NONE => turn.await, // nobody would be told
        _ => match tokio::time::timeout_at(deadline, turn).await {
            Ok(turn) => turn,
            Err(_) => {
                let refusal = Refusal::from(ErrorCode::REQUEST_TIMED_OUT);
                return refuse_all(request, &refusal).reply().await;
            }
        },
    };
    let handling = go_on(&core, request);
    drop(turn);
    handling.reply().await
}

fn handle_now(core: &Arc<Core>, version: i16, request: ProduceRequest, deadline: Instant) -> Handling {
    if let Some(refusal) = request.topic_data.iter().find_map(|data| checks::spoils_all(core, version, data))
    {
        return refuse_all(request, &refusal);
    }
    match verification::begin(core, version, &request) {
        Err(refusal) => refuse_all(request, &refusal),
        Ok(Verification::Done(verified)) => append_all(core, version, request, &verified, deadline),
        Ok(Verification::Later(verified)) => {
            let core = Arc::clone(core);
            let reply = async move {
                let verified = verified.await;
                let append =
                    move |core: &Arc<Core>, request| append_all(core, version, request, &verified, deadline);
                wait_for_turn(core, request, deadline, append).await
            };
            Handling::Later { reply: Box::pin(reply), overlap: false }
        }
    }
}

/// Appends to each partition what may be appended.
fn append_all(
    core: &Core,
    version: i16,
    request: ProduceRequest,
    verified: &Verified,
    deadline: Instant,
) -> Handling {
    let mut response = ProduceResponse::default();
    response.responses.reserve(request.topic_data.len());
    let mut places = BTreeMap::new();
    let is_one = request.topic_data.len() == 1;
    let mut waits = Vec::new();
    let mut failed = None;
    for data in request.topic_data {
        let by_id = version >= 13;
        let topic =
            if by_id { core.directory.by_id(data.topic_id) } else { core.directory.by_name(&data.name) };
        let unknown = if by_id { ErrorCode::UNKNOWN_TOPIC_ID } else { ErrorCode::UNKNOWN_TOPIC_OR_PARTITION };
        if data.partition_data.is_empty() {
            continue; // not answered, as in Kafka
        }
        let mut begin = || {
            let mut answer = TopicProduceResponse::default();
            (answer.name, answer.topic_id) = (data.name.clone(), data.topic_id);
            response.responses.push(answer);
            response.responses.len() - 1
        };
        // One that is named again is answered in the same place.
        let place = match is_one {
            true => begin(),
            false => *places.entry((data.name.clone(), data.topic_id.0)).or_insert_with(begin),
        };
        let answer = &mut response.responses[place];
        answer.partition_responses.reserve(data.partition_data.len());
        for partition in data.partition_data {
            let index = partition.index;
            let appended = match &topic {
                Some(topic) => append(core, topic, partition, request.acks, version, verified),
                None => Err(Refusal::from(unknown)),
            };
            let (appended, wait) = match appended {
                Ok(Append { appended, acknowledged }) => (Ok(appended), acknowledged),
                Err(refusal) => {
                    failed.get_or_insert(refusal.refused.code);
                    (Err(refusal), None)
                }
            };
            if let Some(acknowledged) = wait {
                waits.push(Wait { topic: place, partition: answer.partition_responses.len(), acknowledged });
            }
            answer.partition_responses.push(answer_partition(index, appended));
        }
    }
    if request.acks == ACKS_NONE {
        // The producer reads no response, so that only a closed connection tells it of a failure.
        return Handling::Now(failed.map_or(Reply::Silent, silent_failure));
    }
    if waits.is_empty() {
        return Handling::respond(ResponseBody::Produce(response));
    }
    Handling::Later { reply: Box::pin(acknowledge(response, waits, deadline)), overlap: true }
}

fn silent_failure(code: ErrorCode) -> Reply {
    Reply::Close(format!("a produce request with acks=0 failed with {code}"))
}

/// Refuses all partitions of a request.
fn refuse_all(request: ProduceRequest, refusal: &Refusal) -> Handling {
    if request.acks == ACKS_NONE {
        return Handling::Now(silent_failure(refusal.refused.code));
    }
    let mut response = ProduceResponse::default();
    for data in request.topic_data.into_iter().filter(|data| !data.partition_data.is_empty()) {
        let mut answer = TopicProduceResponse::default();
        let refused =
            |partition: &PartitionProduceData| answer_partition(partition.index, Err(refusal.clone()));
        answer.partition_responses = data.partition_data.iter().map(refused).collect();
        (answer.name, answer.topic_id) = (data.name, data.topic_id);
        response.responses.push(answer);
    }
    Handling::respond(ResponseBody::Produce(response))
}

async fn acknowledge(mut response: ProduceResponse, waits: Vec<Wait>, deadline: Instant) -> Reply {
    for wait in waits {
        let code = match tokio::time::timeout_at(deadline, wait.acknowledged).await {
            Ok(Ok(())) => continue,
            Ok(Err(code)) => code,
            Err(_) => ErrorCode::REQUEST_TIMED_OUT,
        };
        let answer = &mut response.responses[wait.topic].partition_responses[wait.partition];
        *answer = answer_partition(answer.index, Err(Refusal::from(code)));
    }
    Reply::Respond(ResponseBody::Produce(response))
}

/// A refusal, and where the log starts when it was the log that refused.
#[derive(Clone)]
struct Refusal {
    refused: Refused,
    log_start_offset: i64,
}

impl From<ErrorCode> for Refusal {
    fn from(code: ErrorCode) -> Self {
        Self { refused: Refused::with_code(code), log_start_offset: -1 }
    }
}

impl Refusal {
    fn saying(code: ErrorCode, message: impl Into<String>) -> Self {
        let mut refusal = Self::from(code);
        refusal.refused.message = Some(message.into());
        refusal
    }
}

fn append(
    core: &Core,
    topic: &Topic,
    data: PartitionProduceData,
    acks: i16,
    version: i16,
    verified: &Verified,
) -> Result<Append, Refusal> {
    let partition = match topic.partition(data.index) {
        Some(Some(partition)) => partition,
        Some(None) => return Err(Refusal::from(ErrorCode::KAFKA_STORAGE_ERROR)),
        None => return Err(Refusal::from(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)),
    };
    let batch = checks::one_batch(data.records.map(Records::into_bytes), version)?;
    if topic_name::is_internal(&topic.name) {
        return Err(Refusal::from(ErrorCode::INVALID_TOPIC_EXCEPTION));
    }
    let ack = match acks {
        ACKS_ALL if topic.settings.min_insync_replicas > 1 => {
            let wanted = topic.settings.min_insync_replicas;
            let message = format!("min.insync.replicas is {wanted}, and a single node is the only replica");
            return Err(Refusal::saying(ErrorCode::NOT_ENOUGH_REPLICAS, message));
        }
        ACKS_ALL => Some(Ack::Durable),
        ACKS_LEADER => Some(Ack::Written),
        ACKS_NONE => None,
        _ => return Err(Refusal::from(ErrorCode::INVALID_REQUIRED_ACKS)),
    };
    let terms = verified.terms(topic, data.index, batch.header())?;
    partition
        .append_guarded(recompressed(batch, &topic.settings).into_bytes(), core.env.now_ms(), ack, terms)
        .map_err(|refused| at_log(partition, refused))
}

/// A refusal that tells where the log starts, unless it is of a kind of which Kafka does not.
fn at_log(partition: &Arc<dyn Partition>, refused: Refused) -> Refusal {
    let log_start_offset = match refused.code {
        ErrorCode::MESSAGE_TOO_LARGE | ErrorCode::CORRUPT_MESSAGE | ErrorCode::KAFKA_STORAGE_ERROR => -1,
        _ => partition.offsets().log_start,
    };
    Refusal { refused, log_start_offset }
}

fn answer_partition(index: i32, appended: Result<Appended, Refusal>) -> PartitionProduceResponse {
    let mut answer = PartitionProduceResponse::default();
    answer.index = index;
    match appended {
        Ok(appended) => {
            answer.base_offset = appended.base_offset;
            answer.log_append_time_ms = appended.log_append_time_ms;
            answer.log_start_offset = appended.log_start_offset;
        }
        Err(Refusal { refused, log_start_offset }) => {
            answer.error_code = refused.code;
            answer.base_offset = -1;
            answer.log_append_time_ms = -1;
            answer.log_start_offset = log_start_offset;
            answer.error_message = refused.message.map(Str::from);
            answer.record_errors = refused.record_errors.into_iter().map(record_error).collect();
        }
    }
    answer
}

fn record_error((index, message): (i32, String)) -> BatchIndexAndErrorMessage {
    let mut error = BatchIndexAndErrorMessage::default();
    error.batch_index = index;
    error.batch_index_error_message = Some(Str::from(message));
    error
}
