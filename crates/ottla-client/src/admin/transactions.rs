//! Transactions and those who write in them: which there are, what they hold, and ending one that hangs.

use std::collections::BTreeMap;

use ottla_protocol::api::{ApiKey, ErrorCode};
use ottla_protocol::messages::describe_producers::{DescribeProducersRequest, TopicRequest};
use ottla_protocol::messages::describe_transactions::{DescribeTransactionsRequest, TransactionState};
use ottla_protocol::messages::init_producer_id::InitProducerIdRequest;
use ottla_protocol::messages::list_transactions::ListTransactionsRequest;
use ottla_protocol::messages::write_txn_markers::{
    WritableTxnMarker, WritableTxnMarkerTopic, WriteTxnMarkersRequest,
};
use ottla_protocol::wire::Str;

use super::Admin;
use super::routed::{
    Answered, Outcomes, Routed, ToLeader, ToNode, ToTransactionCoordinator, by_topic, partition_subject,
    route,
};
use crate::client::Client;
use crate::error::Error;
use crate::node::NodeId;
use crate::topic_partition::{Offset, TopicPartition};

/// The stable version of `InitProducerId` that is spoken at most.
const INIT_MAX: i16 = 5;

/// A transactional id, as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransactionListing {
    /// Its name.
    pub id: Str,
    /// Id of its producer.
    pub producer_id: i64,
    /// What its transaction is doing, in Kafka's word: `Ongoing`, `Empty`, `CompleteCommit`...
    pub state: Str,
    /// The broker that coordinates it.
    pub coordinator: NodeId,
}

/// The transactional ids of a cluster, as far as its brokers told.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct TransactionList {
    /// The ids, by name.
    pub transactions: Vec<TransactionListing>,
    /// The brokers that did not tell which they coordinate, and why.
    pub failed: BTreeMap<NodeId, Error>,
}

/// A transactional id, and its transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransactionDescription {
    /// What the transaction is doing, in Kafka's word.
    pub state: Str,
    /// Id of the producer.
    pub producer_id: i64,
    /// Epoch of the producer.
    pub producer_epoch: i16,
    /// `transaction.timeout.ms` of the producer, in milliseconds.
    pub timeout_ms: i32,
    /// When the transaction began, in Unix milliseconds; `None` if there is none.
    pub started_ms: Option<i64>,
    /// The partitions that are part of it.
    pub partitions: Vec<TopicPartition>,
    /// The broker that coordinates it.
    pub coordinator: NodeId,
}

/// A producer that a partition remembers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProducerState {
    /// Its id.
    pub producer_id: i64,
    /// Its epoch.
    pub producer_epoch: i32,
    /// Sequence of its last record; -1 if there is none.
    pub last_sequence: i32,
    /// Timestamp of its last record, in Unix milliseconds; -1 if there is none.
    pub last_timestamp: i64,
    /// Epoch of the coordinator that last ended a transaction of it; -1 if none did.
    pub coordinator_epoch: i32,
    /// Where its open transaction begins in the partition, if it has one.
    pub transaction_start: Option<Offset>,
}

/// A transaction that is open in a partition and is to be aborted there, whatever its coordinator says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HangingTransaction {
    /// The partition.
    pub partition: TopicPartition,
    /// Id of the producer.
    pub producer_id: i64,
    /// Epoch of the producer.
    pub producer_epoch: i16,
    /// Epoch of the coordinator, as [`ProducerState`] has it.
    pub coordinator_epoch: i32,
}

impl HangingTransaction {
    /// The open transaction of a producer in a partition.
    pub fn new(partition: TopicPartition, producer: &ProducerState) -> Self {
        Self {
            partition,
            producer_id: producer.producer_id,
            producer_epoch: i16::try_from(producer.producer_epoch).unwrap_or(i16::MAX),
            coordinator_epoch: producer.coordinator_epoch,
        }
    }
}

impl Admin {
    /// The transactional ids of the cluster. All brokers are asked side by side, each for those it coordinates.
    ///
    /// # Errors
    /// Nobody described the cluster. A broker that does not answer is in [`TransactionList::failed`].
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn list_transactions(&self) -> Result<TransactionList, Error> {
        let cluster = self.client.refresh().await?;
        let nodes = cluster.nodes().map(|node| node.id);
        let mut list = TransactionList::default();
        for (node, told) in route(&self.client, &ListTransactions, nodes).await {
            match told {
                Ok(transactions) => list.transactions.extend(transactions),
                Err(error) => drop(list.failed.insert(node, error)),
            }
        }
        list.transactions.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(list)
    }

    /// What transactional ids are doing.
    ///
    /// # Errors
    /// Each id has its own outcome: [`Error::Refused`] with `TRANSACTIONAL_ID_NOT_FOUND` if there is none.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn describe_transactions<T: Into<Str>>(
        &self,
        ids: impl IntoIterator<Item = T>,
    ) -> BTreeMap<Str, Result<TransactionDescription, Error>> {
        route(&self.client, &DescribeTransactions, ids.into_iter().map(Into::into)).await
    }

    /// The producers that partitions remember, with their open transactions (KIP-664).
    ///
    /// # Errors
    /// Each partition has its own outcome.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn describe_producers(
        &self,
        partitions: impl IntoIterator<Item = TopicPartition>,
    ) -> BTreeMap<TopicPartition, Result<Vec<ProducerState>, Error>> {
        route(&self.client, &DescribeProducers, partitions).await
    }

    /// Aborts a transaction in one partition, past its coordinator (KIP-664): only for one that its coordinator does
    /// not know, and that keeps readers of committed records waiting for good.
    ///
    /// # Errors
    /// [`Error::Refused`], or [`Error::Timeout`] with the last failure.
    ///
    /// # Cancel safety
    /// Not cancel safe: it may be aborted all the same.
    pub async fn abort_transaction(&self, hanging: &HangingTransaction) -> Result<(), Error> {
        let call = AbortTransaction { hanging };
        let mut outcome = route(&self.client, &call, [hanging.partition.clone()]).await;
        outcome.remove(&hanging.partition).unwrap_or(Err(Error::Closed))
    }

    /// Fences the producers with these transactional ids, and aborts their open transactions (KIP-588). Gives the
    /// producer id and epoch that each has from here on.
    ///
    /// # Errors
    /// Each id has its own outcome.
    ///
    /// # Cancel safety
    /// Not cancel safe: producers may be fenced all the same.
    pub async fn fence_producers<T: Into<Str>>(
        &self,
        ids: impl IntoIterator<Item = T>,
    ) -> BTreeMap<Str, Result<(i64, i16), Error>> {
        route(&self.client, &FenceProducers, ids.into_iter().map(Into::into)).await
    }
}

fn subject(id: &Str) -> String {
    format!("transactional id {:?}", id.as_str())
}

struct ListTransactions;

impl Routed for ListTransactions {
    type Key = NodeId;
    type Value = Vec<TransactionListing>;
    type Route = ToNode;
    const WHAT: &'static str = "listing transactions";
    const API: ApiKey = ApiKey::ListTransactions;

    async fn ask(&self, client: &Client, node: NodeId, _keys: &[NodeId]) -> Answered<Self> {
        let answer = client.call(node, &ListTransactionsRequest::default()).await?;
        Error::check(format!("transactions of broker {node}"), answer.error_code, None)?;
        let listings = answer.transaction_states.into_iter().map(|state| TransactionListing {
            id: state.transactional_id,
            producer_id: state.producer_id,
            state: state.transaction_state,
            coordinator: node,
        });
        Ok([(node, Ok(listings.collect()))].into())
    }

    fn subject(node: &NodeId) -> String {
        format!("broker {node}")
    }
}

struct DescribeTransactions;

impl Routed for DescribeTransactions {
    type Key = Str;
    type Value = TransactionDescription;
    type Route = ToTransactionCoordinator;
    const WHAT: &'static str = "describing transactions";
    const API: ApiKey = ApiKey::DescribeTransactions;

    async fn ask(&self, client: &Client, node: NodeId, keys: &[Str]) -> Answered<Self> {
        let mut request = DescribeTransactionsRequest::default();
        request.transactional_ids = keys.to_vec();
        let answer = client.call(node, &request).await?;
        let outcome = |state: TransactionState| (state.transactional_id.clone(), description(state, node));
        Ok(answer.transaction_states.into_iter().map(outcome).collect())
    }

    fn subject(id: &Str) -> String {
        subject(id)
    }
}

fn description(state: TransactionState, coordinator: NodeId) -> Result<TransactionDescription, Error> {
    Error::check(subject(&state.transactional_id), state.error_code, None)?;
    let mut partitions = Vec::new();
    for topic in &state.topics {
        let name = |index: &i32| TopicPartition { topic: topic.topic.clone(), partition: *index };
        partitions.extend(topic.partitions.iter().map(name));
    }
    partitions.sort();
    Ok(TransactionDescription {
        state: state.transaction_state,
        producer_id: state.producer_id,
        producer_epoch: state.producer_epoch,
        timeout_ms: state.transaction_timeout_ms,
        started_ms: Some(state.transaction_start_time_ms).filter(|ms| *ms >= 0),
        partitions,
        coordinator,
    })
}

struct DescribeProducers;

impl Routed for DescribeProducers {
    type Key = TopicPartition;
    type Value = Vec<ProducerState>;
    type Route = ToLeader;
    const WHAT: &'static str = "describing producers";
    const API: ApiKey = ApiKey::DescribeProducers;

    async fn ask(&self, client: &Client, node: NodeId, keys: &[TopicPartition]) -> Answered<Self> {
        let mut request = DescribeProducersRequest::default();
        for (name, indexes) in by_topic(keys.iter().map(|of| (of.topic.clone(), of.partition))) {
            let mut topic = TopicRequest::default();
            (topic.name, topic.partition_indexes) = (name, indexes.into());
            request.topics.push(topic);
        }
        let mut outcomes = Outcomes::new();
        for topic in client.call(node, &request).await?.topics {
            for answer in topic.partitions {
                let of = TopicPartition { topic: topic.name.clone(), partition: answer.partition_index };
                let message = answer.error_message.as_deref();
                let outcome = Error::check(partition_subject(&of), answer.error_code, message).map(|()| {
                    let state =
                        |state: &ottla_protocol::messages::describe_producers::ProducerState| ProducerState {
                            producer_id: state.producer_id,
                            producer_epoch: state.producer_epoch,
                            last_sequence: state.last_sequence,
                            last_timestamp: state.last_timestamp,
                            coordinator_epoch: state.coordinator_epoch,
                            transaction_start: Some(state.current_txn_start_offset)
                                .filter(|offset| *offset >= 0)
                                .map(Offset),
                        };
                    answer.active_producers.iter().map(state).collect()
                });
                outcomes.insert(of, outcome);
            }
        }
        Ok(outcomes)
    }

    fn subject(of: &TopicPartition) -> String {
        partition_subject(of)
    }
}

struct AbortTransaction<'a> {
    hanging: &'a HangingTransaction,
}

impl Routed for AbortTransaction<'_> {
    type Key = TopicPartition;
    type Value = ();
    type Route = ToLeader;
    const WHAT: &'static str = "aborting a transaction";
    const API: ApiKey = ApiKey::WriteTxnMarkers;

    async fn ask(&self, client: &Client, node: NodeId, _keys: &[TopicPartition]) -> Answered<Self> {
        let hanging = self.hanging;
        let mut topic = WritableTxnMarkerTopic::default();
        topic.name = hanging.partition.topic.clone();
        topic.partition_indexes = vec![hanging.partition.partition].into();
        let mut marker = WritableTxnMarker::default();
        (marker.producer_id, marker.producer_epoch) = (hanging.producer_id, hanging.producer_epoch);
        // A partition that no coordinator has written to takes any epoch.
        marker.coordinator_epoch = hanging.coordinator_epoch.max(0);
        (marker.transaction_result, marker.topics) = (false, vec![topic]);
        let mut request = WriteTxnMarkersRequest::default();
        request.markers = vec![marker];
        let mut outcomes = Outcomes::new();
        for marker in client.call(node, &request).await?.markers {
            for topic in marker.topics {
                for answer in topic.partitions {
                    let of = TopicPartition { topic: topic.name.clone(), partition: answer.partition_index };
                    let outcome = Error::check(partition_subject(&of), answer.error_code, None);
                    outcomes.insert(of, outcome);
                }
            }
        }
        Ok(outcomes)
    }

    fn subject(of: &TopicPartition) -> String {
        partition_subject(of)
    }
}

struct FenceProducers;

impl Routed for FenceProducers {
    type Key = Str;
    type Value = (i64, i16);
    type Route = ToTransactionCoordinator;
    const WHAT: &'static str = "fencing producers";
    const API: ApiKey = ApiKey::InitProducerId;

    async fn ask(&self, client: &Client, node: NodeId, keys: &[Str]) -> Answered<Self> {
        let connection = client.connection(node, crate::pool::Lane::Calls).await?;
        let version = connection.version_at_most::<InitProducerIdRequest>(INIT_MAX)?;
        let mut outcomes = Outcomes::new();
        for id in keys {
            let mut request = InitProducerIdRequest::default();
            // The shortest time: nothing is to be written under it.
            (request.transactional_id, request.transaction_timeout_ms) = (Some(id.clone()), 1);
            let answer = connection.call_version(&request, version).await?;
            let outcome = match answer.error_code {
                ErrorCode::NONE => Ok((answer.producer_id, answer.producer_epoch)),
                code => Error::check(subject(id), code, None).map(|()| (-1, -1)),
            };
            outcomes.insert(id.clone(), outcome);
        }
        Ok(outcomes)
    }

    fn subject(id: &Str) -> String {
        subject(id)
    }
}
