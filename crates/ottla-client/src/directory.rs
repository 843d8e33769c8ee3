//! What a state machine asks of the client above it about the cluster.
//!
//! The machines that decide what to send know no client: they are tested without one.

use std::sync::Arc;

use crate::client::Client;
use crate::cluster::{Cluster, Leader};
use crate::node::Node;
use crate::topic_partition::TopicPartition;

/// Where leaders are looked up and reported.
pub trait Directory {
    /// Takes in that a broker named another leader; says whether this was news.
    fn hint_leader(&mut self, of: &TopicPartition, leader: Leader, node: Option<Node>) -> bool;

    /// Asks for metadata.
    fn want_refresh(&mut self);

    /// The cluster as it is known now.
    fn cluster(&self) -> Arc<Cluster>;
}

impl Directory for &Client {
    fn hint_leader(&mut self, of: &TopicPartition, leader: Leader, node: Option<Node>) -> bool {
        Client::hint_leader(self, of, leader, node)
    }

    fn want_refresh(&mut self) {
        Client::want_refresh(self);
    }

    fn cluster(&self) -> Arc<Cluster> {
        Client::cluster(self)
    }
}
