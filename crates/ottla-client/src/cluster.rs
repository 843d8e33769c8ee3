//! What is known of a cluster: its brokers, topics and leaders, as one immutable picture.
//!
//! Taking in a metadata answer makes a new picture; holders of the old one are not disturbed. When to
//! ask again is decided in `metadata`.

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::metadata::{
    MetadataResponse, MetadataResponsePartition, MetadataResponseTopic,
};
use ottla_protocol::wire::{I32Array, Str, Uuid};

use crate::node::{Node, NodeId};
use crate::topic_partition::TopicPartition;

/// A cluster at one moment, as its brokers described it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cluster {
    id: Option<Str>,
    controller: Option<NodeId>,
    nodes: BTreeMap<NodeId, Arc<Node>>,
    topics: BTreeMap<Str, Arc<Topic>>,
    names: BTreeMap<Uuid, Str>,
}

/// One topic of a cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Topic {
    /// Its name.
    pub name: Str,
    /// Its id; [`Uuid::ZERO`] from brokers that do not give ids to topics.
    pub id: Uuid,
    /// Whether it belongs to the cluster itself, such as `__consumer_offsets`.
    pub is_internal: bool,
    /// Why the topic cannot be used; [`ErrorCode::NONE`] when it can.
    pub error: ErrorCode,
    /// Its partitions, each at its index.
    pub partitions: Vec<Partition>,
}

/// One partition of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Index within the topic.
    pub index: i32,
    /// The broker that takes writes; `None` during an election.
    pub leader: Option<NodeId>,
    /// Counts leaders; -1 from brokers that do not tell.
    pub leader_epoch: i32,
    /// Brokers that keep a copy.
    pub replicas: Vec<NodeId>,
    /// Brokers whose copy is complete.
    pub in_sync_replicas: Vec<NodeId>,
    /// Brokers whose copy is out of reach.
    pub offline_replicas: Vec<NodeId>,
}

/// Who leads a partition, and since which epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leader {
    /// The broker.
    pub node: NodeId,
    /// Its epoch as leader; -1 when unknown.
    pub epoch: i32,
}

impl Cluster {
    /// Id of the cluster; `None` until a broker told.
    pub fn id(&self) -> Option<&str> {
        self.id.as_ref().map(Str::as_str)
    }

    /// The broker to send changes of topics to.
    pub fn controller(&self) -> Option<NodeId> {
        self.controller
    }

    /// All brokers, by id.
    pub fn nodes(&self) -> impl Iterator<Item = &Arc<Node>> {
        self.nodes.values()
    }

    /// The broker with this id.
    pub fn node(&self, id: NodeId) -> Option<&Arc<Node>> {
        self.nodes.get(&id)
    }

    /// All topics that were asked for, by name.
    pub fn topics(&self) -> impl Iterator<Item = &Arc<Topic>> {
        self.topics.values()
    }

    /// The topic with this name, if it was asked for.
    pub fn topic(&self, name: &str) -> Option<&Arc<Topic>> {
        self.topics.get(name)
    }

    /// The name of the topic with this id, if it was asked for.
    pub fn topic_name(&self, id: Uuid) -> Option<&Str> {
        self.names.get(&id)
    }

    /// One partition of a topic that was asked for.
    pub fn partition(&self, topic: &str, partition: i32) -> Option<&Partition> {
        self.topics.get(topic)?.partition(partition)
    }

    /// Who leads this partition; `None` while nobody does, or while it is not known.
    pub fn leader(&self, of: &TopicPartition) -> Option<Leader> {
        self.partition(&of.topic, of.partition)?.leader()
    }

    /// The picture after `response`, which answers a question for certain topics.
    ///
    /// Topics that the answer does not mention stay as they were. A partition whose leader epoch
    /// went backwards keeps its newer state: the answer came from a broker that lags behind.
    #[must_use]
    pub fn updated(&self, response: MetadataResponse) -> Self {
        let mut next = self.clone();
        next.id = response.cluster_id.or(next.id);
        next.controller = Some(response.controller_id).filter(|id| *id >= 0).map(NodeId);
        next.nodes = response
            .brokers
            .into_iter()
            .filter_map(|broker| {
                let id = NodeId(broker.node_id);
                let port = u16::try_from(broker.port).ok()?;
                Some((id, Arc::new(Node { id, host: broker.host, port, rack: broker.rack })))
            })
            .collect();
        for answer in response.topics {
            let Some(name) = answer.name.clone() else { continue };
            let known = next.topics.remove(&name);
            if let Some(known) = &known {
                next.names.remove(&known.id);
            }
            let topic = Topic::from_answer(name.clone(), answer, known.as_deref());
            if topic.id != Uuid::ZERO {
                next.names.insert(topic.id, name.clone());
            }
            next.topics.insert(name, Arc::new(topic));
        }
        next
    }

    /// The picture with one leader changed, or `None` if this is not news.
    ///
    /// A broker that is asked for a partition that it no longer leads may name the new leader
    /// (KIP-951), which saves a round of metadata.
    #[must_use]
    pub fn with_leader(&self, of: &TopicPartition, leader: Leader, node: Option<Node>) -> Option<Self> {
        let known = self.partition(&of.topic, of.partition)?;
        if leader.epoch <= known.leader_epoch {
            return None;
        }
        if !self.nodes.contains_key(&leader.node) && node.is_none() {
            return None;
        }
        let mut next = self.clone();
        if let Some(node) = node {
            next.nodes.insert(node.id, Arc::new(node));
        }
        let topic = next.topics.get_mut(&of.topic)?;
        let index = usize::try_from(of.partition).ok()?;
        let partition = Arc::make_mut(topic).partitions.get_mut(index)?;
        partition.leader = Some(leader.node);
        partition.leader_epoch = leader.epoch;
        Some(next)
    }

    /// The picture with a broker that was not in it.
    #[must_use]
    pub(crate) fn with_node(&self, node: Node) -> Self {
        let mut next = self.clone();
        next.nodes.insert(node.id, Arc::new(node));
        next
    }

    /// The picture without a topic that nobody needs any more.
    #[must_use]
    pub(crate) fn without_topic(&self, name: &str) -> Self {
        let mut next = self.clone();
        if let Some(topic) = next.topics.remove(name) {
            next.names.remove(&topic.id);
        }
        next
    }
}

impl Topic {
    /// The partition at `index`.
    pub fn partition(&self, index: i32) -> Option<&Partition> {
        self.partitions.get(usize::try_from(index).ok()?)
    }

    pub(crate) fn from_answer(name: Str, answer: MetadataResponseTopic, known: Option<&Topic>) -> Self {
        let mut answered: Vec<_> = answer.partitions.into_iter().map(Partition::from_answer).collect();
        answered.sort_by_key(|partition| partition.index);
        // A gap would put every later partition at a wrong index, so what is behind it is dropped.
        let whole = answered.iter().zip(0..).take_while(|(partition, at)| partition.index == *at).count();
        answered.truncate(whole);
        if let Some(known) = known.filter(|known| known.id == answer.topic_id) {
            for (partition, known) in answered.iter_mut().zip(&known.partitions) {
                if partition.leader_epoch >= 0 && partition.leader_epoch < known.leader_epoch {
                    partition.clone_from(known);
                }
            }
        }
        Self {
            name,
            id: answer.topic_id,
            is_internal: answer.is_internal,
            error: answer.error_code,
            partitions: answered,
        }
    }
}

impl Partition {
    /// Who leads it; `None` during an election.
    pub fn leader(&self) -> Option<Leader> {
        Some(Leader { node: self.leader?, epoch: self.leader_epoch })
    }

    fn from_answer(answer: MetadataResponsePartition) -> Self {
        let nodes = |ids: I32Array| ids.iter().copied().map(NodeId).collect();
        Self {
            index: answer.partition_index,
            leader: Some(answer.leader_id).filter(|id| *id >= 0).map(NodeId),
            leader_epoch: answer.leader_epoch,
            replicas: nodes(answer.replica_nodes),
            in_sync_replicas: nodes(answer.isr_nodes),
            offline_replicas: nodes(answer.offline_replicas),
        }
    }
}

#[cfg(test)]
mod tests {
    use ottla_protocol::messages::metadata::MetadataResponseBroker;

    use super::*;

    fn broker(id: i32) -> MetadataResponseBroker {
        let mut broker = MetadataResponseBroker::default();
        (broker.node_id, broker.host, broker.port) = (id, Str::from(format!("host-{id}")), 9092);
        broker
    }

    fn partition(index: i32, leader: i32, epoch: i32) -> MetadataResponsePartition {
        let mut partition = MetadataResponsePartition::default();
        (partition.partition_index, partition.leader_id, partition.leader_epoch) = (index, leader, epoch);
        partition
    }

    fn answer(topic: &'static str, partitions: Vec<MetadataResponsePartition>) -> MetadataResponse {
        let mut about = MetadataResponseTopic::default();
        about.name = Some(Str::from(topic));
        about.topic_id = Uuid([u8::try_from(topic.len()).unwrap(); 16]);
        about.partitions = partitions;
        let mut response = MetadataResponse::default();
        (response.brokers, response.topics) = (vec![broker(1), broker(2)], vec![about]);
        response
    }

    fn leader(cluster: &Cluster, topic: &'static str, index: i32) -> Option<i32> {
        cluster.leader(&TopicPartition::new(topic, index)).map(|leader| leader.node.0)
    }

    #[test]
    fn partitions_are_found_at_their_index_whatever_order_they_came_in() {
        let cluster = Cluster::default().updated(answer("t", vec![partition(1, 2, 5), partition(0, 1, 5)]));
        assert_eq!(leader(&cluster, "t", 0), Some(1));
        assert_eq!(leader(&cluster, "t", 1), Some(2));
        assert_eq!(leader(&cluster, "t", 2), None);
    }

    #[test]
    fn topics_that_were_not_asked_for_stay_as_they_were() {
        let cluster = Cluster::default()
            .updated(answer("one", vec![partition(0, 1, 1)]))
            .updated(answer("three", vec![partition(0, 2, 1)]));
        assert_eq!(leader(&cluster, "one", 0), Some(1));
        assert_eq!(leader(&cluster, "three", 0), Some(2));
        assert_eq!(cluster.topic_name(Uuid([3; 16])), Some(&Str::from("one")));
    }

    #[test]
    fn a_broker_that_lags_behind_does_not_bring_an_old_leader_back() {
        let cluster = Cluster::default().updated(answer("t", vec![partition(0, 2, 7)]));
        let cluster = cluster.updated(answer("t", vec![partition(0, 1, 6)]));
        assert_eq!(leader(&cluster, "t", 0), Some(2));
        let cluster = cluster.updated(answer("t", vec![partition(0, 1, 8)]));
        assert_eq!(leader(&cluster, "t", 0), Some(1));
    }

    #[test]
    fn a_topic_that_was_deleted_and_created_again_starts_anew() {
        let cluster = Cluster::default().updated(answer("t", vec![partition(0, 2, 7)]));
        let mut again = answer("t", vec![partition(0, 1, 0)]);
        again.topics[0].topic_id = Uuid([9; 16]);
        let cluster = cluster.updated(again);
        assert_eq!(leader(&cluster, "t", 0), Some(1));
        assert_eq!(cluster.topic_name(Uuid([1; 16])), None);
        assert_eq!(cluster.topic_name(Uuid([9; 16])), Some(&Str::from("t")));
    }

    #[test]
    fn a_hint_of_a_newer_leader_is_taken_and_an_older_one_is_not() {
        let cluster = Cluster::default().updated(answer("t", vec![partition(0, 1, 3)]));
        let of = TopicPartition::new("t", 0);
        let hint = |epoch| Leader { node: NodeId(2), epoch };
        assert_eq!(cluster.with_leader(&of, hint(3), None), None);
        let moved = cluster.with_leader(&of, hint(4), None).unwrap();
        assert_eq!(moved.leader(&of), Some(hint(4)));
        let stranger = Leader { node: NodeId(9), epoch: 9 };
        assert_eq!(cluster.with_leader(&of, stranger, None), None, "nobody knows where node 9 is");
    }

    #[test]
    fn partitions_behind_a_gap_are_not_taken_for_others() {
        let cluster = Cluster::default().updated(answer("t", vec![partition(0, 1, 1), partition(2, 2, 1)]));
        assert_eq!(cluster.topic("t").unwrap().partitions.len(), 1);
    }
}
