//! `AddPartitionsToTxn` (key 24): partitions take part in a transaction, or are asked whether they do.
//!
//! Producers send one transaction a request, up to version 3; from version 4 on it is brokers that ask, for several
//! (KIP-890). A partition that does not exist spoils its transaction's whole part of the request.

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::add_partitions_to_txn::{
    AddPartitionsToTxnPartitionResult, AddPartitionsToTxnRequest, AddPartitionsToTxnResponse,
    AddPartitionsToTxnResult, AddPartitionsToTxnTopic, AddPartitionsToTxnTopicResult,
    AddPartitionsToTxnTransaction,
};
use ottla_protocol::wire::Str;
use ottla_storage::FileRange;

use super::Handling;
use crate::broker::Core;
use crate::partition::BoxFuture;
use crate::topic_name;
use crate::transactions::transaction::{EPOCH_PER_TRANSACTION, Participant};

/// The first version that brokers send.
const BROKERS_FROM: i16 = 4;
/// The first version whose clients know `PRODUCER_FENCED`.
const FENCED_FROM: i16 = 2;

/// Lets partitions take part, or says whether they do.
pub(crate) fn handle(core: &Arc<Core>, version: i16, mut request: AddPartitionsToTxnRequest) -> Handling {
    if version < BROKERS_FROM {
        let mut only = AddPartitionsToTxnTransaction::default();
        only.transactional_id = std::mem::take(&mut request.v3_and_below_transactional_id);
        only.producer_id = request.v3_and_below_producer_id;
        only.producer_epoch = request.v3_and_below_producer_epoch;
        only.topics = std::mem::take(&mut request.v3_and_below_topics);
        request.transactions = vec![only];
    }
    // All begin before any is waited for.
    let begun: Vec<_> =
        request.transactions.into_iter().map(|one| (begin(core, version, &one), one)).collect();
    Handling::later(async move {
        let mut results = Vec::with_capacity(begun.len());
        for (codes, transaction) in begun {
            results.push(result(&transaction, codes.await));
        }
        response(version, results)
    })
}

/// The partitions of a transaction, in the order in which they are named.
fn named(topics: &[AddPartitionsToTxnTopic]) -> impl Iterator<Item = (&Str, i32)> {
    topics.iter().flat_map(|topic| topic.partitions.iter().map(move |partition| (&topic.name, *partition)))
}

/// Comes to a code for each partition of a transaction.
fn begin(
    core: &Arc<Core>,
    version: i16,
    transaction: &AddPartitionsToTxnTransaction,
) -> BoxFuture<Vec<ErrorCode>> {
    let ready = |codes| -> BoxFuture<Vec<ErrorCode>> { Box::pin(std::future::ready(codes)) };
    let checked: Vec<_> =
        named(&transaction.topics).map(|(topic, index)| check(core, version, topic, index)).collect();
    if checked.iter().any(Result::is_err) {
        let codes = checked.into_iter().map(|one| one.err().unwrap_or(ErrorCode::OPERATION_NOT_ATTEMPTED));
        return ready(codes.collect());
    }
    let partitions: Vec<Participant> = checked.into_iter().flatten().collect();
    let (id, count) = (&transaction.transactional_id, partitions.len());
    if id.is_empty() {
        return ready(vec![ErrorCode::INVALID_REQUEST; count]);
    }
    let producer = (transaction.producer_id, transaction.producer_epoch);
    if transaction.verify_only {
        return ready(core.transactions.verify(id, producer, &partitions));
    }
    let by = if version < BROKERS_FROM { 0 } else { EPOCH_PER_TRANSACTION };
    let added = core.transactions.add(id, producer, partitions.into_iter().collect(), by);
    Box::pin(async move {
        let code = match added.await.err().unwrap_or_default() {
            ErrorCode::PRODUCER_FENCED if version < FENCED_FROM => ErrorCode::INVALID_PRODUCER_EPOCH,
            code => code,
        };
        vec![code; count]
    })
}

/// A partition as it takes part, if it can.
fn check(core: &Core, version: i16, topic: &Str, index: i32) -> Result<Participant, ErrorCode> {
    // Coordinators' own topics are none of a producer's business.
    if version < BROKERS_FROM && topic_name::is_internal(topic) {
        return Err(ErrorCode::TOPIC_AUTHORIZATION_FAILED);
    }
    let found = core.directory.by_name(topic).filter(|topic| topic.partition(index).is_some());
    found.map(|topic| (topic.name.clone(), index)).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
}

/// Each topic and partition once, however often it is named.
fn result(transaction: &AddPartitionsToTxnTransaction, codes: Vec<ErrorCode>) -> AddPartitionsToTxnResult {
    let mut topics = BTreeMap::<&Str, BTreeMap<i32, ErrorCode>>::new();
    for ((topic, partition), code) in named(&transaction.topics).zip(codes) {
        topics.entry(topic).or_default().insert(partition, code);
    }
    let topics = topics.into_iter().map(|(name, partitions)| {
        let mut result = AddPartitionsToTxnTopicResult::default();
        result.name = name.clone();
        result.results_by_partition = partitions.into_iter().map(partition_result).collect();
        result
    });
    let mut result = AddPartitionsToTxnResult::default();
    result.topic_results = topics.collect();
    result.transactional_id = transaction.transactional_id.clone();
    result
}

fn partition_result((index, code): (i32, ErrorCode)) -> AddPartitionsToTxnPartitionResult {
    let mut result = AddPartitionsToTxnPartitionResult::default();
    result.partition_index = index;
    result.partition_error_code = code;
    result
}

fn response(version: i16, results: Vec<AddPartitionsToTxnResult>) -> ResponseBody<FileRange> {
    let mut response = AddPartitionsToTxnResponse::default();
    if version < BROKERS_FROM {
        let only = results.into_iter().next();
        response.results_by_topic_v3_and_below = only.map(|only| only.topic_results).unwrap_or_default();
    } else {
        response.results_by_transaction = results;
    }
    ResponseBody::AddPartitionsToTxn(response)
}
