//! Where epochs of leaders end (KIP-101, KIP-320).

use std::collections::BTreeMap;

use ottla_protocol::api::ApiKey;
use ottla_protocol::messages::offset_for_leader_epoch::{
    EpochEndOffset, OffsetForLeaderEpochRequest, OffsetForLeaderPartition, OffsetForLeaderTopic,
};

use super::Admin;
use super::routed::{Answered, Outcomes, Routed, ToLeader, by_topic, partition_subject};
use crate::client::Client;
use crate::error::Error;
use crate::node::NodeId;
use crate::topic_partition::{Offset, TopicPartition};

/// Where an epoch of leaders ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EpochEnd {
    /// The epoch asked for, or the last one before it that the leader knows of.
    pub leader_epoch: i32,
    /// The first offset of a later epoch, or the end of the log.
    pub end_offset: Offset,
}

impl Admin {
    /// Where epochs end in partitions: a reader that was at an offset of an epoch, and finds that the
    /// epoch ends before it, has read records that are gone. All leaders are asked side by side.
    ///
    /// # Errors
    /// Each partition has its own outcome; `Ok(None)` where the leader knows of no such epoch.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn offsets_for_epochs(
        &self,
        epochs: impl IntoIterator<Item = (TopicPartition, i32)>,
    ) -> BTreeMap<TopicPartition, Result<Option<EpochEnd>, Error>> {
        let epochs: BTreeMap<_, _> = epochs.into_iter().collect();
        self.route_to_leaders(&EpochEnds { epochs: &epochs }, epochs.keys().cloned().collect()).await
    }
}

struct EpochEnds<'a> {
    epochs: &'a BTreeMap<TopicPartition, i32>,
}

impl Routed for EpochEnds<'_> {
    type Key = TopicPartition;
    type Value = Option<EpochEnd>;
    type Route = ToLeader;
    const WHAT: &'static str = "finding the ends of epochs";
    const API: ApiKey = ApiKey::OffsetForLeaderEpoch;

    async fn ask(&self, client: &Client, node: NodeId, keys: &[TopicPartition]) -> Answered<Self> {
        let cluster = client.cluster();
        let asked = keys.iter().filter_map(|of| {
            let mut partition = OffsetForLeaderPartition::default();
            partition.partition = of.partition;
            partition.current_leader_epoch = cluster.leader(of).map_or(-1, |leader| leader.epoch);
            partition.leader_epoch = *self.epochs.get(of)?;
            Some((of.topic.clone(), partition))
        });
        let mut request = OffsetForLeaderEpochRequest::default();
        request.replica_id = -1;
        for (name, partitions) in by_topic(asked) {
            let mut topic = OffsetForLeaderTopic::default();
            (topic.topic, topic.partitions) = (name, partitions);
            request.topics.push(topic);
        }
        let mut outcomes = Outcomes::new();
        for topic in client.call(node, &request).await?.topics {
            for answer in topic.partitions {
                let of = TopicPartition { topic: topic.topic.clone(), partition: answer.partition };
                let outcome = EpochEnd::from_answer(&of, &answer);
                outcomes.insert(of, outcome);
            }
        }
        Ok(outcomes)
    }

    fn subject(of: &TopicPartition) -> String {
        partition_subject(of)
    }
}

impl EpochEnd {
    fn from_answer(of: &TopicPartition, answer: &EpochEndOffset) -> Result<Option<Self>, Error> {
        Error::check(partition_subject(of), answer.error_code, None)?;
        let end = Self { leader_epoch: answer.leader_epoch, end_offset: Offset(answer.end_offset) };
        Ok(Some(end).filter(|end| end.end_offset.0 >= 0))
    }
}
