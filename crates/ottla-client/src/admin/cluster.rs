//! The cluster as a whole, and whom to send which call to.

use ottla_protocol::messages::describe_cluster::DescribeClusterRequest;
use ottla_protocol::messages::metadata::MetadataRequest;
use ottla_protocol::wire::Str;

use super::Admin;
use crate::cluster::Cluster;
use crate::error::Error;
use crate::node::{Node, NodeId};
use crate::retry::Retries;

/// A cluster and its brokers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClusterDescription {
    /// Its id.
    pub id: Option<Str>,
    /// The broker that changes of topics are sent to.
    pub controller: Option<NodeId>,
    /// Its brokers, by id.
    pub nodes: Vec<Node>,
}

impl Admin {
    /// Describes the cluster.
    ///
    /// # Errors
    /// [`Error::Refused`], or that nobody answered.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn describe_cluster(&self) -> Result<ClusterDescription, Error> {
        let mut retries = Retries::new(&self.client, "describing the cluster");
        loop {
            let described = match self.describe_cluster_once().await {
                // Brokers before Kafka 2.8 tell the same with their topics.
                Err(Error::Unsupported { .. }) => self.describe_cluster_by_metadata().await,
                other => other,
            };
            match described {
                Ok(described) => return Ok(described),
                Err(error) => retries.after(error).await?,
            }
        }
    }

    async fn describe_cluster_once(&self) -> Result<ClusterDescription, Error> {
        let answer = self.client.call_any(&DescribeClusterRequest::default()).await?;
        Error::check("the cluster", answer.error_code, answer.error_message.as_deref())?;
        let node = |broker: ottla_protocol::messages::describe_cluster::DescribeClusterBroker| {
            let port = u16::try_from(broker.port).ok()?;
            Some(Node { id: NodeId(broker.broker_id), host: broker.host, port, rack: broker.rack })
        };
        let mut nodes: Vec<_> = answer.brokers.into_iter().filter_map(node).collect();
        nodes.sort_by_key(|node| node.id);
        Ok(ClusterDescription {
            id: Some(answer.cluster_id).filter(|id| !id.is_empty()),
            controller: Some(answer.controller_id).filter(|id| *id >= 0).map(NodeId),
            nodes,
        })
    }

    async fn describe_cluster_by_metadata(&self) -> Result<ClusterDescription, Error> {
        let mut request = MetadataRequest::default();
        request.topics = Some(Vec::new());
        let cluster = Cluster::default().updated(self.client.call_any(&request).await?);
        Ok(ClusterDescription {
            id: cluster.id().map(Str::from),
            controller: cluster.controller(),
            nodes: cluster.nodes().map(|node| Node::clone(node)).collect(),
        })
    }
}
