//! Asking the coordinators of transactions and of groups what the machine wants to know.
//!
//! Requests are made and answers taken apart here; what follows is decided in `machine`.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::task::Poll;

use ottla_client::{Client, Connection, Error, Lane, TopicPartition};
use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::add_offsets_to_txn::AddOffsetsToTxnRequest;
use ottla_protocol::messages::add_partitions_to_txn::{AddPartitionsToTxnRequest, AddPartitionsToTxnTopic};
use ottla_protocol::messages::end_txn::EndTxnRequest;
use ottla_protocol::messages::init_producer_id::InitProducerIdRequest;
use ottla_protocol::messages::txn_offset_commit::{
    TxnOffsetCommitRequest, TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
};
use ottla_protocol::wire::Str;

use super::machine::{Answer, OffsetsJob, Request};
use crate::sender::ProducerIdentity;

/// The feature that says which version of transactions a cluster has agreed on (KIP-890).
const FEATURE: &str = "transaction.version";

/// The last version of `AddPartitionsToTxn` that is for clients.
const ADD_PARTITIONS_MAX: i16 = 3;

/// The last versions before the second version of transactions.
const EXPLICIT_END_MAX: i16 = 4;
const EXPLICIT_COMMIT_MAX: i16 = 4;

/// From this version of `InitProducerId` on a producer can ask for its next epoch (KIP-360).
const NEXT_EPOCH_FROM: i16 = 3;

/// From this version of `TxnOffsetCommit` on the member that stores offsets is checked (KIP-447).
const MEMBER_FROM: i16 = 3;

/// The stable version of `InitProducerId` that is spoken at most.
const INIT_MAX: i16 = 5;

type Asking = Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send>>;

/// The request that is under way.
#[derive(Default)]
pub(crate) struct Exchange {
    asking: Option<Asking>,
}

impl Exchange {
    /// Sends a request. There is one at a time.
    pub(crate) fn ask(&mut self, client: &Client, id: &str, request: Request, timeout_ms: i32) {
        self.asking = Some(Box::pin(ask(client.clone(), Str::from(id.to_owned()), request, timeout_ms)));
    }

    /// The answer to the request that is under way; without one it never comes. Cancel safe.
    pub(crate) async fn answer(&mut self) -> Result<Answer, Error> {
        std::future::poll_fn(|cx| {
            let Some(asking) = &mut self.asking else { return Poll::Pending };
            let outcome = asking.as_mut().poll(cx);
            if outcome.is_ready() {
                self.asking = None;
            }
            outcome
        })
        .await
    }
}

async fn ask(client: Client, id: Str, request: Request, timeout_ms: i32) -> Result<Answer, Error> {
    let group = match &request {
        Request::CommitOffsets(_, job, _) => Some(job.group.group_id.clone()),
        _ => None,
    };
    let node = match &group {
        Some(group) => client.coordinator(group.clone()).await?,
        None => client.transaction_coordinator(id.clone()).await?,
    };
    let answer = match client.connection(node, Lane::Calls).await {
        Ok(connection) => ask_there(&connection, &id, request, timeout_ms).await,
        Err(error) => Err(error),
    };
    let is_elsewhere = match &answer {
        // One that cannot be reached may be gone.
        Err(_) => true,
        Ok(answer) => codes(answer)
            .iter()
            .any(|code| matches!(*code, ErrorCode::NOT_COORDINATOR | ErrorCode::COORDINATOR_NOT_AVAILABLE)),
    };
    if is_elsewhere {
        match &group {
            Some(group) => client.forget_coordinator(group, node),
            None => client.forget_transaction_coordinator(&id, node),
        }
    }
    answer
}

fn codes(answer: &Answer) -> Vec<ErrorCode> {
    match answer {
        Answer::Initialized(code, ..) | Answer::OffsetsAdded(code) | Answer::Ended(code, ..) => vec![*code],
        Answer::PartitionsAdded(results) => results.iter().map(|(_, code)| *code).collect(),
        Answer::OffsetsCommitted(codes) => codes.clone(),
    }
}

async fn ask_there(
    connection: &Connection,
    id: &Str,
    request: Request,
    timeout_ms: i32,
) -> Result<Answer, Error> {
    match request {
        Request::Init(known) => init(connection, id, known, timeout_ms).await,
        Request::AddPartitions(identity, partitions) => {
            add_partitions(connection, id, identity, &partitions).await
        }
        Request::AddOffsets(identity, group) => {
            let mut request = AddOffsetsToTxnRequest::default();
            (request.transactional_id, request.group_id) = (id.clone(), group);
            (request.producer_id, request.producer_epoch) = (identity.id, identity.epoch);
            Ok(Answer::OffsetsAdded(connection.call(&request).await?.error_code))
        }
        Request::CommitOffsets(identity, job, is_implicit) => {
            commit_offsets(connection, id, identity, &job, is_implicit).await
        }
        Request::End(identity, committed, is_implicit) => {
            let mut request = EndTxnRequest::default();
            (request.transactional_id, request.committed) = (id.clone(), committed);
            (request.producer_id, request.producer_epoch) = (identity.id, identity.epoch);
            let limit = if is_implicit { i16::MAX } else { EXPLICIT_END_MAX };
            let version = connection.version_at_most::<EndTxnRequest>(limit)?;
            let answer = connection.call_version(&request, version).await?;
            let next = ProducerIdentity { id: answer.producer_id, epoch: answer.producer_epoch };
            let next = (answer.producer_id >= 0).then_some(next);
            Ok(Answer::Ended(answer.error_code, next, connection.served().feature(FEATURE)))
        }
    }
}

async fn init(
    connection: &Connection,
    id: &Str,
    known: Option<ProducerIdentity>,
    timeout_ms: i32,
) -> Result<Answer, Error> {
    let version = connection.version_at_most::<InitProducerIdRequest>(INIT_MAX)?;
    let mut request = InitProducerIdRequest::default();
    (request.transactional_id, request.transaction_timeout_ms) = (Some(id.clone()), timeout_ms);
    if let Some(known) = known.filter(|_| version >= NEXT_EPOCH_FROM) {
        (request.producer_id, request.producer_epoch) = (known.id, known.epoch);
    }
    let answer = connection.call_version(&request, version).await?;
    let identity = ProducerIdentity { id: answer.producer_id, epoch: answer.producer_epoch };
    Ok(Answer::Initialized(answer.error_code, identity, connection.served().feature(FEATURE)))
}

async fn add_partitions(
    connection: &Connection,
    id: &Str,
    identity: ProducerIdentity,
    partitions: &[TopicPartition],
) -> Result<Answer, Error> {
    let mut request = AddPartitionsToTxnRequest::default();
    request.v3_and_below_transactional_id = id.clone();
    request.v3_and_below_producer_id = identity.id;
    request.v3_and_below_producer_epoch = identity.epoch;
    let mut topics = BTreeMap::<&Str, Vec<i32>>::new();
    for partition in partitions {
        topics.entry(&partition.topic).or_default().push(partition.partition);
    }
    for (name, partitions) in topics {
        let mut topic = AddPartitionsToTxnTopic::default();
        (topic.name, topic.partitions) = (name.clone(), partitions.into());
        request.v3_and_below_topics.push(topic);
    }
    let version = connection.version_at_most::<AddPartitionsToTxnRequest>(ADD_PARTITIONS_MAX)?;
    let answer = connection.call_version(&request, version).await?;
    let mut results = Vec::new();
    for topic in answer.results_by_topic_v3_and_below {
        for partition in topic.results_by_partition {
            let name = TopicPartition { topic: topic.name.clone(), partition: partition.partition_index };
            results.push((name, partition.partition_error_code));
        }
    }
    Ok(Answer::PartitionsAdded(results))
}

async fn commit_offsets(
    connection: &Connection,
    id: &Str,
    identity: ProducerIdentity,
    job: &OffsetsJob,
    is_implicit: bool,
) -> Result<Answer, Error> {
    let limit = if is_implicit { i16::MAX } else { EXPLICIT_COMMIT_MAX };
    let version = connection.version_at_most::<TxnOffsetCommitRequest>(limit)?;
    let mut request = TxnOffsetCommitRequest::default();
    (request.transactional_id, request.group_id) = (id.clone(), job.group.group_id.clone());
    (request.producer_id, request.producer_epoch) = (identity.id, identity.epoch);
    if version >= MEMBER_FROM {
        (request.generation_id, request.member_id) = (job.group.generation, job.group.member_id.clone());
        request.group_instance_id.clone_from(&job.group.instance_id);
    }
    for (name, committed) in &job.offsets {
        let mut partition = TxnOffsetCommitRequestPartition::default();
        (partition.partition_index, partition.committed_offset) = (name.partition, committed.offset.0);
        partition.committed_leader_epoch = committed.leader_epoch;
        partition.committed_metadata = Some(committed.metadata.clone());
        match request.topics.last_mut() {
            Some(topic) if topic.name == name.topic => topic.partitions.push(partition),
            _ => {
                let mut topic = TxnOffsetCommitRequestTopic::default();
                (topic.name, topic.partitions) = (name.topic.clone(), vec![partition]);
                request.topics.push(topic);
            }
        }
    }
    let answer = connection.call_version(&request, version).await?;
    let codes = answer.topics.iter().flat_map(|topic| &topic.partitions).map(|it| it.error_code);
    Ok(Answer::OffsetsCommitted(codes.collect()))
}
