//! Offsets of partitions: their ends, and where a time begins.

use std::collections::BTreeMap;
use std::pin::Pin;

use ottla_protocol::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsPartitionResponse, ListOffsetsRequest, ListOffsetsTopic,
};
use ottla_protocol::wire::Str;

use super::Admin;
use crate::cluster::Leader;
use crate::error::Error;
use crate::join::join_all;
use crate::node::NodeId;
use crate::retry::Retries;
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

/// What became of each partition.
type Outcomes = BTreeMap<TopicPartition, Result<ListedOffset, Error>>;

impl Admin {
    /// The offsets of places in partitions. All leaders are asked side by side.
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
    ) -> Outcomes {
        let mut missing: BTreeMap<_, _> = places.into_iter().collect();
        let topics: std::collections::BTreeSet<_> = missing.keys().map(|of| of.topic.clone()).collect();
        let _interests: Vec<_> = topics.into_iter().map(|topic| self.client.keep_topic(topic)).collect();
        let mut retries = Retries::new(&self.client, "listing offsets");
        let mut done = Outcomes::new();
        loop {
            let mut again = None;
            for (partition, outcome) in self.list_offsets_once(&missing, isolation).await {
                match outcome {
                    Err(error) if error.is_retriable() => again = Some(error),
                    outcome => {
                        missing.remove(&partition);
                        done.insert(partition, outcome);
                    }
                }
            }
            let Some(error) = again else { return done };
            self.client.want_refresh();
            if let Err(error) = retries.after(error).await {
                done.extend(missing.into_keys().map(|partition| (partition, Err(error.clone()))));
                return done;
            }
        }
    }

    async fn list_offsets_once(
        &self,
        places: &BTreeMap<TopicPartition, OffsetSpec>,
        isolation: IsolationLevel,
    ) -> Outcomes {
        let limit = self.client.config().request_timeout;
        let mut by_leader = BTreeMap::<NodeId, Vec<(TopicPartition, OffsetSpec, Leader)>>::new();
        let mut outcomes = Outcomes::new();
        for (partition, place) in places {
            match self.client.leader_of(partition, limit).await {
                Ok(leader) => {
                    by_leader.entry(leader.node).or_default().push((partition.clone(), *place, leader))
                }
                Err(error) => drop(outcomes.insert(partition.clone(), Err(error))),
            }
        }
        let ask = |(node, asked): (NodeId, Vec<_>)| -> Pin<Box<dyn Future<Output = Outcomes> + Send + '_>> {
            Box::pin(self.ask_leader(node, asked, isolation))
        };
        for answered in join_all(by_leader.into_iter().map(ask).collect()).await {
            outcomes.extend(answered);
        }
        outcomes
    }

    async fn ask_leader(
        &self,
        node: NodeId,
        asked: Vec<(TopicPartition, OffsetSpec, Leader)>,
        isolation: IsolationLevel,
    ) -> Outcomes {
        let mut topics = BTreeMap::<Str, Vec<ListOffsetsPartition>>::new();
        for (of, place, leader) in &asked {
            let mut partition = ListOffsetsPartition::default();
            partition.partition_index = of.partition;
            partition.current_leader_epoch = leader.epoch;
            partition.timestamp = place.to_wire();
            topics.entry(of.topic.clone()).or_default().push(partition);
        }
        let mut request = ListOffsetsRequest::default();
        request.replica_id = -1;
        request.isolation_level = isolation.to_wire();
        request.timeout_ms = self.timeout_ms();
        for (name, partitions) in topics {
            let mut topic = ListOffsetsTopic::default();
            (topic.name, topic.partitions) = (name, partitions);
            request.topics.push(topic);
        }
        let answer = match self.client.call(node, &request).await {
            Ok(answer) => answer,
            Err(error) => return asked.into_iter().map(|(of, ..)| (of, Err(error.clone()))).collect(),
        };
        let mut outcomes = Outcomes::new();
        for topic in answer.topics {
            for partition in topic.partitions {
                let of = TopicPartition { topic: topic.name.clone(), partition: partition.partition_index };
                let outcome = ListedOffset::from_answer(&of, &partition);
                outcomes.insert(of, outcome);
            }
        }
        for (of, ..) in asked {
            let api = ottla_protocol::api::ApiKey::ListOffsets;
            let incomplete = || Err(Error::IncompleteAnswer { node, api, missing: of.to_string() });
            outcomes.entry(of.clone()).or_insert_with(incomplete);
        }
        outcomes
    }
}

impl ListedOffset {
    fn from_answer(of: &TopicPartition, answer: &ListOffsetsPartitionResponse) -> Result<Self, Error> {
        Error::check(format!("partition {of}"), answer.error_code, None)?;
        Ok(Self {
            offset: Some(Offset(answer.offset)).filter(|offset| offset.0 >= 0),
            timestamp: Some(answer.timestamp).filter(|timestamp| *timestamp >= 0),
            leader_epoch: answer.leader_epoch,
        })
    }
}
