//! `TxnOffsetCommit` (key 28): stores up to where a group has read, as part of a transaction (KIP-98, KIP-447).
//!
//! What is committed counts when the transaction does, and until then nobody sees it but those who are told that the
//! offset is not stable. From version 5 on the group takes part in the transaction by it (KIP-890); before that the
//! producer has said so by `AddOffsetsToTxn`, which is verified. The checks and their order are Kafka's.

use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::internal::OffsetCommitValue;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::txn_offset_commit::{
    TxnOffsetCommitRequest, TxnOffsetCommitRequestPartition, TxnOffsetCommitResponse,
    TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
};
use ottla_protocol::wire::Str;
use ottla_storage::FileRange;

use super::Handling;
use super::produce::verification::verifies;
use crate::broker::Core;
use crate::coordinator::InTransaction;
use crate::coordinator::shard::Stored;
use crate::directory::Topic;
use crate::groups::record::GroupRecord;
use crate::partition::Terms;
use crate::topic_name::OFFSETS_TOPIC;
use crate::transactions::Verify;

/// The first version by which a group takes part in the transaction.
const FIRST_THAT_ADDS: i16 = 5;
/// The first version whose clients know that they can abort and go on.
const FIRST_WITH_ABORTABLE: i16 = 4;
/// The first version whose clients survive to be told that a coordinator loads (KAFKA-7296).
const FIRST_WITH_LOADING: i16 = 2;

/// Partitions of one topic that exist, with what is to be committed for them.
struct Asked {
    topic: Arc<Topic>,
    partitions: Vec<TxnOffsetCommitRequestPartition>,
}

/// Commits offsets, when the transaction does.
pub(crate) fn handle(core: &Arc<Core>, version: i16, mut request: TxnOffsetCommitRequest) -> Handling {
    let (asked, mut answers) = find_topics(core, &mut request);
    if asked.is_empty() {
        return Handling::respond(response(answers));
    }
    let core = Arc::clone(core);
    Handling::later(async move {
        match commit(&core, version, &request, &asked).await {
            Ok(committed) => committed.into_iter().for_each(|topic| add(&mut answers, topic)),
            Err(code) => {
                let code = match code {
                    ErrorCode::COORDINATOR_LOAD_IN_PROGRESS if version < FIRST_WITH_LOADING => {
                        ErrorCode::COORDINATOR_NOT_AVAILABLE
                    }
                    code => code,
                };
                for Asked { topic, partitions } in &asked {
                    add(
                        &mut answers,
                        answer(&topic.name, partitions.iter().map(|p| (p.partition_index, code))),
                    );
                }
            }
        }
        response(answers)
    })
}

/// The partitions that exist, and the answers for those that do not.
fn find_topics(
    core: &Core,
    request: &mut TxnOffsetCommitRequest,
) -> (Vec<Asked>, Vec<TxnOffsetCommitResponseTopic>) {
    let (mut asked, mut refused) = (Vec::new(), Vec::new());
    for topic in std::mem::take(&mut request.topics) {
        let found = core.directory.by_name(&topic.name);
        let exists = |p: &TxnOffsetCommitRequestPartition| {
            found.as_ref().is_some_and(|topic| topic.partition(p.partition_index).is_some())
        };
        let (known, unknown): (Vec<_>, Vec<_>) = topic.partitions.into_iter().partition(exists);
        // A topic that is not there is answered though nothing is asked of it, one that is there is not.
        if !unknown.is_empty() || found.is_none() {
            let code = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
            add(&mut refused, answer(&topic.name, unknown.iter().map(|p| (p.partition_index, code))));
        }
        if let Some(topic) = found.filter(|_| !known.is_empty()) {
            asked.push(Asked { topic, partitions: known });
        }
    }
    (asked, refused)
}

async fn commit(
    core: &Arc<Core>,
    version: i16,
    request: &TxnOffsetCommitRequest,
    asked: &[Asked],
) -> Result<Vec<TxnOffsetCommitResponseTopic>, ErrorCode> {
    if request.group_id.is_empty() {
        return Err(ErrorCode::INVALID_GROUP_ID);
    }
    if request.transactional_id.is_empty() {
        return Err(ErrorCode::INVALID_REQUEST);
    }
    let transaction = verify(core, version, request).await?;
    let (answers, stored) = append(core, request, asked, &transaction)?;
    stored.durable(core.groups.store_timeout()).await?;
    Ok(answers)
}

/// Whether the group takes part in the producer's transaction, or lets it.
async fn verify(
    core: &Arc<Core>,
    version: i16,
    request: &TxnOffsetCommitRequest,
) -> Result<InTransaction, ErrorCode> {
    let TxnOffsetCommitRequest { transactional_id, producer_id, producer_epoch, .. } = request;
    let shard = core.groups.shard(&request.group_id)?;
    // Looked at before the coordinator is asked, so that what it knows may not be old when the offsets are appended.
    let guard = shard.partition.transaction_guard(*producer_id, *producer_epoch);
    let in_transaction = |guard| InTransaction {
        producer_id: *producer_id,
        producer_epoch: *producer_epoch,
        terms: Terms { guard, begins_at_zero: false },
    };
    if guard.is_open {
        return Ok(in_transaction(Some(guard)));
    }
    let verify = if version >= FIRST_THAT_ADDS { Verify::Add } else { Verify::Only };
    if verify == Verify::Only && !verifies(core) {
        return Ok(in_transaction(None));
    }
    let participant = (Str::from_static(OFFSETS_TOPIC), core.groups.partition_of_group(&request.group_id));
    let participants = vec![participant];
    let verified = core.transactions.verify_or_add(
        transactional_id,
        *producer_id,
        *producer_epoch,
        participants,
        verify,
    );
    match verified.await.first().copied().unwrap_or(ErrorCode::UNKNOWN_SERVER_ERROR) {
        ErrorCode::NONE => Ok(in_transaction(Some(guard))),
        ErrorCode::PRODUCER_FENCED => Err(ErrorCode::INVALID_PRODUCER_EPOCH),
        ErrorCode::TRANSACTION_ABORTABLE if version < FIRST_WITH_ABORTABLE => {
            Err(ErrorCode::INVALID_TXN_STATE)
        }
        code => Err(code),
    }
}

/// Appends the offsets that may be committed.
fn append(
    core: &Core,
    request: &TxnOffsetCommitRequest,
    asked: &[Asked],
    transaction: &InTransaction,
) -> Result<(Vec<TxnOffsetCommitResponseTopic>, Stored), ErrorCode> {
    let mut locked = core.groups.shard(&request.group_id)?.enter()?;
    let (group, member_id, epoch) = (&request.group_id, &request.member_id, request.generation_id);
    let machine = locked.machine();
    if machine.share.contains(group) {
        return Err(ErrorCode::GROUP_ID_NOT_FOUND);
    }
    if machine.consumer.contains(group) && (epoch >= 0 || !member_id.is_empty()) {
        let places = asked.iter().flat_map(|asked| {
            asked.partitions.iter().map(|partition| (asked.topic.id, partition.partition_index))
        });
        let checked = machine.consumer.check_commit(group, member_id, epoch, None, places);
        // As in Kafka: this request knows no epochs of members.
        checked.map_err(|code| match code {
            ErrorCode::STALE_MEMBER_EPOCH => ErrorCode::ILLEGAL_GENERATION,
            code => code,
        })?;
    } else if !machine.consumer.contains(group) {
        let instance_id = request.group_instance_id.as_ref();
        machine.classic.check_transactional_commit(group, epoch, member_id, instance_id)?;
    }
    let now_ms = core.env.now_ms();
    let metadata_max = core.groups.settings().metadata_max;
    let (mut records, mut answers) = (Vec::new(), Vec::new());
    for Asked { topic, partitions } in asked {
        // Looked at under the lock: a topic that is being removed is gone before its offsets are.
        let is_gone = core.directory.by_id(topic.id).is_none();
        let mut codes = Vec::with_capacity(partitions.len());
        for partition in partitions {
            let metadata = partition.committed_metadata.as_deref().unwrap_or_default();
            let code = match metadata.encode_utf16().count() {
                _ if is_gone => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
                count if count > metadata_max => ErrorCode::OFFSET_METADATA_TOO_LARGE,
                _ => ErrorCode::NONE,
            };
            codes.push((partition.partition_index, code));
            if code.is_none() {
                records.push(record(&request.group_id, topic, partition, now_ms));
            }
        }
        answers.push(answer(&topic.name, codes.into_iter()));
    }
    if records.is_empty() {
        return Ok((answers, Stored::Now));
    }
    Ok((answers, locked.store_in(records, transaction)?))
}

fn record(
    group: &Str,
    topic: &Topic,
    partition: &TxnOffsetCommitRequestPartition,
    commit_timestamp: i64,
) -> GroupRecord {
    let mut value = OffsetCommitValue::default();
    value.offset = partition.committed_offset;
    value.leader_epoch = partition.committed_leader_epoch;
    value.metadata = partition.committed_metadata.clone().unwrap_or_default();
    value.commit_timestamp = commit_timestamp;
    value.topic_id = topic.id;
    GroupRecord::Offset {
        group: group.clone(),
        topic: topic.name.clone(),
        partition: partition.partition_index,
        value: Some(value),
    }
}

/// Adds the answers for a topic, which is answered once.
fn add(answers: &mut Vec<TxnOffsetCommitResponseTopic>, topic: TxnOffsetCommitResponseTopic) {
    match answers.iter_mut().find(|known| known.name == topic.name) {
        Some(known) => known.partitions.extend(topic.partitions),
        None => answers.push(topic),
    }
}

fn answer(name: &Str, codes: impl Iterator<Item = (i32, ErrorCode)>) -> TxnOffsetCommitResponseTopic {
    let mut answer = TxnOffsetCommitResponseTopic::default();
    answer.name = name.clone();
    let partitions = codes.map(|(index, code)| {
        let mut answer = TxnOffsetCommitResponsePartition::default();
        (answer.partition_index, answer.error_code) = (index, code);
        answer
    });
    answer.partitions = partitions.collect();
    answer
}

fn response(topics: Vec<TxnOffsetCommitResponseTopic>) -> ResponseBody<FileRange> {
    let mut response = TxnOffsetCommitResponse::default();
    response.topics = topics;
    ResponseBody::TxnOffsetCommit(response)
}
