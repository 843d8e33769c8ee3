//! How a scripted broker serves transactions: epochs, what is part of one, and how it ends.
//!
//! There are no markers: what is in the logs is read, committed or not.

use std::collections::{BTreeMap, BTreeSet};

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::add_offsets_to_txn::{AddOffsetsToTxnRequest, AddOffsetsToTxnResponse};
use ottla_protocol::messages::add_partitions_to_txn::{
    AddPartitionsToTxnPartitionResult, AddPartitionsToTxnRequest, AddPartitionsToTxnResponse,
    AddPartitionsToTxnTopicResult,
};
use ottla_protocol::messages::end_txn::{EndTxnRequest, EndTxnResponse};
use ottla_protocol::messages::init_producer_id::{InitProducerIdRequest, InitProducerIdResponse};
use ottla_protocol::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use ottla_protocol::messages::txn_offset_commit::{
    TxnOffsetCommitRequest, TxnOffsetCommitResponse, TxnOffsetCommitResponsePartition,
    TxnOffsetCommitResponseTopic,
};

use super::State;
use crate::node::NodeId;

/// From this version of `EndTxn` on the producer gets another epoch, and from this version of `TxnOffsetCommit` on
/// the group need not be added first.
const IMPLICIT_FROM: i16 = 5;

/// All transactional ids.
#[derive(Debug)]
pub(super) struct Transactions {
    pub(super) version: i16,
    ids: BTreeMap<String, Transaction>,
}

impl Default for Transactions {
    fn default() -> Self {
        Self { version: 2, ids: BTreeMap::new() }
    }
}

/// One transactional id.
#[derive(Debug, Default)]
struct Transaction {
    producer_id: i64,
    epoch: i16,
    partitions: BTreeSet<(String, i32)>,
    groups: BTreeSet<String>,
    offsets: Vec<(String, String, i32, i64)>,
    ended: Vec<bool>,
}

impl Transaction {
    fn is_open(&self) -> bool {
        !self.partitions.is_empty() || !self.groups.is_empty()
    }

    fn end(&mut self, committed: bool) -> Vec<(String, String, i32, i64)> {
        self.partitions.clear();
        self.groups.clear();
        self.ended.push(committed);
        let offsets = std::mem::take(&mut self.offsets);
        if committed { offsets } else { Vec::new() }
    }
}

impl Transactions {
    pub(super) fn ended(&self, id: &str) -> Vec<bool> {
        self.ids.get(id).map(|transaction| transaction.ended.clone()).unwrap_or_default()
    }

    pub(super) fn partitions(&self, id: &str) -> Vec<(String, i32)> {
        self.ids.get(id).map(|it| it.partitions.iter().cloned().collect()).unwrap_or_default()
    }

    pub(super) fn epoch(&self, id: &str) -> Option<i16> {
        self.ids.get(id).map(|transaction| transaction.epoch)
    }

    fn checked(&mut self, id: &str, producer_id: i64, epoch: i16) -> Result<&mut Transaction, ErrorCode> {
        let transaction = self.ids.get_mut(id).ok_or(ErrorCode::INVALID_PRODUCER_ID_MAPPING)?;
        if transaction.producer_id != producer_id {
            return Err(ErrorCode::INVALID_PRODUCER_ID_MAPPING);
        }
        if transaction.epoch != epoch {
            return Err(ErrorCode::PRODUCER_FENCED);
        }
        Ok(transaction)
    }
}

fn code_of<T>(outcome: Result<T, ErrorCode>) -> ErrorCode {
    outcome.err().unwrap_or(ErrorCode::NONE)
}

impl State {
    pub(super) fn init_transactions(
        &mut self,
        _node: NodeId,
        request: &InitProducerIdRequest,
    ) -> InitProducerIdResponse {
        let mut answer = InitProducerIdResponse::default();
        let id = request.transactional_id.as_deref().unwrap_or_default().to_owned();
        let fresh = self.next_producer_id;
        let transactions = &mut self.transactions.ids;
        match transactions.get_mut(&id) {
            None => {
                transactions.insert(id.clone(), Transaction { producer_id: fresh, ..Transaction::default() });
                self.next_producer_id += 1;
            }
            Some(known) => {
                let asks_for_its_own = request.producer_id >= 0;
                if asks_for_its_own
                    && (request.producer_id, request.producer_epoch) != (known.producer_id, known.epoch)
                {
                    answer.error_code = ErrorCode::PRODUCER_FENCED;
                    (answer.producer_id, answer.producer_epoch) = (-1, -1);
                    return answer;
                }
                known.epoch += 1;
                if known.is_open() {
                    known.end(false);
                }
            }
        }
        let known = &self.transactions.ids[&id];
        (answer.producer_id, answer.producer_epoch) = (known.producer_id, known.epoch);
        answer
    }

    pub(super) fn add_partitions(
        &mut self,
        request: &AddPartitionsToTxnRequest,
    ) -> AddPartitionsToTxnResponse {
        let mut answer = AddPartitionsToTxnResponse::default();
        let id = &request.v3_and_below_transactional_id;
        let (producer_id, epoch) = (request.v3_and_below_producer_id, request.v3_and_below_producer_epoch);
        for topic in &request.v3_and_below_topics {
            let mut answered = AddPartitionsToTxnTopicResult::default();
            answered.name = topic.name.clone();
            for partition in &topic.partitions {
                let added = self.transactions.checked(id, producer_id, epoch);
                let added = added.map(|it| it.partitions.insert((topic.name.to_string(), *partition)));
                let mut result = AddPartitionsToTxnPartitionResult::default();
                (result.partition_index, result.partition_error_code) = (*partition, code_of(added));
                answered.results_by_partition.push(result);
            }
            answer.results_by_topic_v3_and_below.push(answered);
        }
        answer
    }

    /// A batch was written in a transaction, which its partition is part of, or becomes so where that is implied.
    pub(super) fn note_written(&mut self, id: &str, topic: &str, partition: i32) -> Result<(), ErrorCode> {
        let is_implied = self.transactions.version >= 2;
        let transaction = self.transactions.ids.get_mut(id).ok_or(ErrorCode::INVALID_PRODUCER_ID_MAPPING)?;
        let place = (topic.to_owned(), partition);
        if !is_implied && !transaction.partitions.contains(&place) {
            return Err(ErrorCode::INVALID_TXN_STATE);
        }
        transaction.partitions.insert(place);
        Ok(())
    }

    pub(super) fn add_offsets(&mut self, request: &AddOffsetsToTxnRequest) -> AddOffsetsToTxnResponse {
        let mut answer = AddOffsetsToTxnResponse::default();
        let (id, epoch) = (&request.transactional_id, request.producer_epoch);
        let added = self.transactions.checked(id, request.producer_id, epoch);
        answer.error_code = code_of(added.map(|it| it.groups.insert(request.group_id.to_string())));
        answer
    }

    pub(super) fn commit_in_transaction(
        &mut self,
        request: &TxnOffsetCommitRequest,
        version: i16,
    ) -> TxnOffsetCommitResponse {
        let mut answer = TxnOffsetCommitResponse::default();
        let group = request.group_id.to_string();
        let (id, epoch) = (&request.transactional_id, request.producer_epoch);
        for topic in &request.topics {
            let mut answered = TxnOffsetCommitResponseTopic::default();
            answered.name = topic.name.clone();
            for partition in &topic.partitions {
                let stored = self.transactions.checked(id, request.producer_id, epoch).and_then(|it| {
                    if version >= IMPLICIT_FROM {
                        it.groups.insert(group.clone());
                    }
                    if !it.groups.contains(&group) {
                        return Err(ErrorCode::INVALID_TXN_STATE);
                    }
                    let (index, offset) = (partition.partition_index, partition.committed_offset);
                    it.offsets.push((group.clone(), topic.name.to_string(), index, offset));
                    Ok(())
                });
                let mut result = TxnOffsetCommitResponsePartition::default();
                (result.partition_index, result.error_code) = (partition.partition_index, code_of(stored));
                answered.partitions.push(result);
            }
            answer.topics.push(answered);
        }
        answer
    }

    pub(super) fn end_transaction(&mut self, request: &EndTxnRequest, version: i16) -> EndTxnResponse {
        let mut answer = EndTxnResponse::default();
        let (id, producer_id) = (&request.transactional_id, request.producer_id);
        // The first try ended it, and its answer was lost.
        let is_repeated = version >= IMPLICIT_FROM
            && self.transactions.ids.get(id.as_str()).is_some_and(|it| {
                it.epoch == request.producer_epoch + 1
                    && !it.is_open()
                    && it.ended.last() == Some(&request.committed)
            });
        if !is_repeated {
            match self.transactions.checked(id, producer_id, request.producer_epoch) {
                Err(code) => {
                    answer.error_code = code;
                    return answer;
                }
                Ok(transaction) => {
                    if version < IMPLICIT_FROM && !transaction.is_open() {
                        // A repeated one, of which nothing else tells.
                        if transaction.ended.last() != Some(&request.committed) {
                            answer.error_code = ErrorCode::INVALID_TXN_STATE;
                        }
                        return answer;
                    }
                    let offsets = transaction.end(request.committed);
                    if version >= IMPLICIT_FROM {
                        transaction.epoch += 1;
                    }
                    offsets.into_iter().for_each(|(group, topic, index, offset)| {
                        self.store_offset(&group, &topic, index, offset);
                    });
                }
            }
        }
        if version >= IMPLICIT_FROM
            && let Some(transaction) = self.transactions.ids.get(id.as_str())
        {
            (answer.producer_id, answer.producer_epoch) = (transaction.producer_id, transaction.epoch);
        }
        answer
    }

    fn store_offset(&mut self, group: &str, topic: &str, index: i32, offset: i64) {
        let mut partition = OffsetCommitRequestPartition::default();
        (partition.partition_index, partition.committed_offset) = (index, offset);
        let mut named = OffsetCommitRequestTopic::default();
        (named.name, named.partitions) = (topic.to_owned().into(), vec![partition]);
        let mut request = OffsetCommitRequest::default();
        request.group_id = group.to_owned().into();
        request.generation_id_or_member_epoch = -1;
        request.topics = vec![named];
        let node = self.groups.coordinator(group, self.nodes);
        self.offset_commit(node, &request);
    }
}
