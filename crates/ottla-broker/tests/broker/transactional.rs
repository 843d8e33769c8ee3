//! A transactional producer, call by call.

use bytes::Bytes;
use ottla_protocol::ErrorCode;
use ottla_protocol::messages::add_partitions_to_txn::{AddPartitionsToTxnRequest, AddPartitionsToTxnTopic};
use ottla_protocol::messages::end_txn::EndTxnRequest;
use ottla_protocol::messages::find_coordinator::FindCoordinatorRequest;
use ottla_protocol::messages::init_producer_id::InitProducerIdRequest;
use ottla_protocol::messages::produce::{PartitionProduceResponse, ProduceRequest};
use ottla_protocol::records::BatchOptions;
use ottla_protocol::wire::{I32Array, Uuid};

use crate::fetch::{only, request};
use crate::harness::{Kit, NOW_MS, batch_at, produce_request, text};

/// A producer with a transactional id.
#[derive(Clone, Debug)]
pub(crate) struct Transactional {
    pub(crate) transactional_id: &'static str,
    pub(crate) id: i64,
    pub(crate) epoch: i16,
}

impl Transactional {
    /// A producer that has got its id.
    pub(crate) async fn new(kit: &mut Kit, transactional_id: &'static str) -> Self {
        let mut request = FindCoordinatorRequest::default();
        (request.key_type, request.coordinator_keys) = (1, vec![text(transactional_id)]);
        assert_eq!(kit.call(4, &request).await.coordinators[0].error_code, ErrorCode::NONE);
        Self::try_new(kit, transactional_id).await.unwrap()
    }

    /// A producer that asks for its id, once.
    pub(crate) async fn try_new(kit: &mut Kit, transactional_id: &'static str) -> Result<Self, ErrorCode> {
        let request = InitProducerIdRequest::default()
            .with_transactional_id(Some(text(transactional_id)))
            .with_transaction_timeout_ms(60_000);
        let response = kit.call(5, &request).await;
        match response.error_code {
            ErrorCode::NONE => {
                Ok(Self { transactional_id, id: response.producer_id, epoch: response.producer_epoch })
            }
            code => Err(code),
        }
    }

    /// One record of its transaction.
    pub(crate) fn batch(&self, sequence: i32) -> Bytes {
        let options =
            BatchOptions::default().with_producer(self.id, self.epoch, sequence).with_transactional();
        batch_at(NOW_MS, &["value"], options)
    }

    /// A request for one record of its transaction.
    pub(crate) fn request(&self, topic: &str, index: i32, sequence: i32) -> ProduceRequest {
        let request = produce_request(topic, index, Some(self.batch(sequence)), -1);
        request.with_transactional_id(Some(text(self.transactional_id)))
    }

    pub(crate) async fn produce(
        &self,
        kit: &mut Kit,
        version: i16,
        topic: &str,
        index: i32,
        sequence: i32,
    ) -> PartitionProduceResponse {
        let mut response = kit.call(version, &self.request(topic, index, sequence)).await;
        response.responses.remove(0).partition_responses.remove(0)
    }

    /// The code of one record of its transaction.
    pub(crate) async fn code(&self, kit: &mut Kit, version: i16, index: i32, sequence: i32) -> ErrorCode {
        self.produce(kit, version, "a", index, sequence).await.error_code
    }

    pub(crate) async fn add(&self, kit: &mut Kit, topic: &str, partitions: &[i32]) -> ErrorCode {
        let mut named = AddPartitionsToTxnTopic::default();
        named.name = text(topic);
        named.partitions = I32Array::from(partitions.to_vec());
        let request = AddPartitionsToTxnRequest::default()
            .with_v3_and_below_transactional_id(text(self.transactional_id))
            .with_v3_and_below_producer_id(self.id)
            .with_v3_and_below_producer_epoch(self.epoch)
            .with_v3_and_below_topics(vec![named]);
        let response = kit.call(3, &request).await;
        response.results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code
    }

    pub(crate) fn end_request(&self, commits: bool) -> EndTxnRequest {
        EndTxnRequest::default()
            .with_transactional_id(text(self.transactional_id))
            .with_producer_id(self.id)
            .with_producer_epoch(self.epoch)
            .with_committed(commits)
    }

    /// Ends its transaction; version 5 is the one that raises its epoch.
    pub(crate) async fn end(&mut self, kit: &mut Kit, version: i16, commits: bool) -> ErrorCode {
        let response = kit.call(version, &self.end_request(commits)).await;
        if version >= 5 && response.error_code.is_none() {
            (self.id, self.epoch) = (response.producer_id, response.producer_epoch);
        }
        response.error_code
    }
}

/// What a reader of committed records is told of a partition: its high watermark, its last stable offset, and the aborted transactions.
pub(crate) fn committed(kit: &mut Kit, topic: Uuid, index: i32) -> (i64, i64, Vec<(i64, i64)>) {
    let mut request = request(&[(topic, index, 0)]);
    request.isolation_level = 1;
    let response = kit.call_now(18, &request);
    let answer = only(&response);
    let aborted = answer.aborted_transactions.iter().flatten();
    let aborted = aborted.map(|aborted| (aborted.producer_id, aborted.first_offset)).collect();
    (answer.high_watermark, answer.last_stable_offset, aborted)
}
