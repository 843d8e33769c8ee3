//! Offsets of partitions: their ends, and where a time begins.

use std::collections::{BTreeMap, BTreeSet};

use ottla_protocol::api::ApiKey;
use ottla_protocol::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsPartitionResponse, ListOffsetsRequest, ListOffsetsTopic,
};

use super::routed::{Answered, Outcomes, Routed, ToLeader, by_topic, partition_subject, route};
use super::{Admin, request_timeout_ms};
use crate::client::Client;
use crate::error::Error;
use crate::node::NodeId;
use crate::topic_partition::{Offset, TopicPartition};

/// A place in a partition, to be turned into an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum OffsetSpec {
    /// The first record that is still there.
    Earliest,
    /// Behind the last record that may be read.
    Latest,
    /// The record with the highest timestamp (KIP-734).
    MaxTimestamp,
    /// The first record with this timestamp, in Unix milliseconds, or a later one.
    Timestamp(i64),
}

impl OffsetSpec {
    fn to_wire(self) -> i64 {
        match self {
            Self::Latest => -1,
            Self::Earliest => -2,
            Self::MaxTimestamp => -3,
            Self::Timestamp(ms) => ms.max(0),
        }
    }
}

/// Whether records of transactions that are not committed count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IsolationLevel {
    /// `read_uncommitted`: all records count. Kafka's default.
    #[default]
    ReadUncommitted,
    /// `read_committed`: only those outside of transactions, and of committed ones.
    ReadCommitted,
}

impl IsolationLevel {
    /// Kafka's number for it.
    pub fn to_wire(self) -> i8 {
        match self {
            Self::ReadUncommitted => 0,
            Self::ReadCommitted => 1,
        }
    }
}

/// An offset that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListedOffset {
    /// The offset; `None` if no record is as late as the timestamp asked for.
    pub offset: Option<Offset>,
    /// Timestamp of the record there, in Unix milliseconds; `None` for the ends of the partition.
    pub timestamp: Option<i64>,
    /// Epoch of the leader that wrote it; -1 when unknown.
    pub leader_epoch: i32,
}

impl Admin {
    /// The offsets of places in partitions: their ends, or where a time begins. All leaders are asked
    /// side by side.
    ///
    /// # Errors
    /// Each partition has its own outcome: [`Error::Refused`], or [`Error::Timeout`] with the last
    /// failure after `default.api.timeout.ms`.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn list_offsets(
        &self,
        places: impl IntoIterator<Item = (TopicPartition, OffsetSpec)>,
        isolation: IsolationLevel,
    ) -> BTreeMap<TopicPartition, Result<ListedOffset, Error>> {
        let places: BTreeMap<_, _> = places.into_iter().collect();
        let call = ListOffsets { places: &places, isolation };
        self.route_to_leaders(&call, places.keys().cloned().collect()).await
    }

    /// Asks leaders, keeping their topics in the picture of the cluster meanwhile.
    pub(super) async fn route_to_leaders<R: Routed<Key = TopicPartition>>(
        &self,
        call: &R,
        partitions: Vec<TopicPartition>,
    ) -> Outcomes<TopicPartition, R::Value> {
        let topics: BTreeSet<_> = partitions.iter().map(|of| of.topic.clone()).collect();
        let _interests: Vec<_> = topics.into_iter().map(|topic| self.client.look_at_topic(topic)).collect();
        route(&self.client, call, partitions).await
    }
}

struct ListOffsets<'a> {
    places: &'a BTreeMap<TopicPartition, OffsetSpec>,
    isolation: IsolationLevel,
}

impl Routed for ListOffsets<'_> {
    type Key = TopicPartition;
    type Value = ListedOffset;
    type Route = ToLeader;
    const WHAT: &'static str = "listing offsets";
    const API: ApiKey = ApiKey::ListOffsets;

    async fn ask(&self, client: &Client, node: NodeId, keys: &[TopicPartition]) -> Answered<Self> {
        let cluster = client.cluster();
        let asked = keys.iter().filter_map(|of| {
            let mut partition = ListOffsetsPartition::default();
            partition.partition_index = of.partition;
            partition.current_leader_epoch = cluster.leader(of).map_or(-1, |leader| leader.epoch);
            partition.timestamp = self.places.get(of)?.to_wire();
            Some((of.topic.clone(), partition))
        });
        let mut request = ListOffsetsRequest::default();
        request.replica_id = -1;
        request.isolation_level = self.isolation.to_wire();
        request.timeout_ms = request_timeout_ms(client);
        for (name, partitions) in by_topic(asked) {
            let mut topic = ListOffsetsTopic::default();
            (topic.name, topic.partitions) = (name, partitions);
            request.topics.push(topic);
        }
        let mut outcomes = Outcomes::new();
        for topic in client.call(node, &request).await?.topics {
            for partition in topic.partitions {
                let of = TopicPartition { topic: topic.name.clone(), partition: partition.partition_index };
                let outcome = ListedOffset::from_answer(&of, &partition);
                outcomes.insert(of, outcome);
            }
        }
        Ok(outcomes)
    }

    fn subject(of: &TopicPartition) -> String {
        partition_subject(of)
    }
}

impl ListedOffset {
    fn from_answer(of: &TopicPartition, answer: &ListOffsetsPartitionResponse) -> Result<Self, Error> {
        Error::check(partition_subject(of), answer.error_code, None)?;
        Ok(Self {
            offset: Some(Offset(answer.offset)).filter(|offset| offset.0 >= 0),
            timestamp: Some(answer.timestamp).filter(|timestamp| *timestamp >= 0),
            leader_epoch: answer.leader_epoch,
        })
    }
}
