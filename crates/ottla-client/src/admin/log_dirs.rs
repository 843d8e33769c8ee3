//! Where brokers keep their data, and how much of it there is (KIP-113, KIP-827).

use std::collections::BTreeMap;

use ottla_protocol::api::{ApiKey, ErrorCode};
use ottla_protocol::messages::describe_log_dirs::{
    DescribableLogDirTopic, DescribeLogDirsRequest, DescribeLogDirsResult,
};
use ottla_protocol::wire::Str;

use super::Admin;
use super::routed::{Answered, Routed, ToNode, by_topic, route};
use crate::client::Client;
use crate::error::Error;
use crate::node::NodeId;
use crate::topic_partition::TopicPartition;

/// A folder that a broker keeps data in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogDir {
    /// Its path, on the broker's machine.
    pub path: Str,
    /// Why it cannot be used; [`ErrorCode::NONE`] when it can.
    pub error: ErrorCode,
    /// The copies of partitions in it.
    pub replicas: BTreeMap<TopicPartition, Replica>,
    /// Size of the volume, in bytes; `None` from brokers that do not tell.
    pub total_bytes: Option<u64>,
    /// Bytes of the volume that can be written yet; `None` from brokers that do not tell.
    pub usable_bytes: Option<u64>,
}

/// A copy of a partition in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Replica {
    /// Bytes of its log.
    pub size_bytes: u64,
    /// Records by which it is behind; of a copy that is being moved here, behind the one that it is to replace.
    pub offset_lag: i64,
    /// Whether it is being moved here from another folder of the same broker.
    pub is_future: bool,
}

impl Admin {
    /// The folders of some brokers, each asked for itself.
    ///
    /// # Errors
    /// Each broker has its own outcome: [`Error::Refused`], or [`Error::Timeout`] with the last failure.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn describe_log_dirs(
        &self,
        nodes: impl IntoIterator<Item = NodeId>,
    ) -> BTreeMap<NodeId, Result<Vec<LogDir>, Error>> {
        route(&self.client, &DescribeLogDirs { topics: None }, nodes).await
    }

    /// As [`describe_log_dirs`](Self::describe_log_dirs), with the copies of these partitions alone.
    ///
    /// # Errors
    /// As [`describe_log_dirs`](Self::describe_log_dirs).
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn describe_log_dirs_of(
        &self,
        nodes: impl IntoIterator<Item = NodeId>,
        partitions: impl IntoIterator<Item = TopicPartition>,
    ) -> BTreeMap<NodeId, Result<Vec<LogDir>, Error>> {
        let asked = |(topic, partitions): (Str, Vec<i32>)| {
            let mut asked = DescribableLogDirTopic::default();
            (asked.topic, asked.partitions) = (topic, partitions.into());
            asked
        };
        let partitions = by_topic(partitions.into_iter().map(|of| (of.topic, of.partition)));
        let topics = Some(partitions.into_iter().map(asked).collect());
        route(&self.client, &DescribeLogDirs { topics }, nodes).await
    }
}

struct DescribeLogDirs {
    topics: Option<Vec<DescribableLogDirTopic>>,
}

impl Routed for DescribeLogDirs {
    type Key = NodeId;
    type Value = Vec<LogDir>;
    type Route = ToNode;
    const WHAT: &'static str = "describing the folders of brokers";
    const API: ApiKey = ApiKey::DescribeLogDirs;

    async fn ask(&self, client: &Client, node: NodeId, _keys: &[NodeId]) -> Answered<Self> {
        let mut request = DescribeLogDirsRequest::default();
        request.topics = self.topics.clone();
        let answer = client.call(node, &request).await?;
        Error::check(format!("folders of broker {node}"), answer.error_code, None)?;
        Ok([(node, Ok(answer.results.into_iter().map(LogDir::from_answer).collect()))].into())
    }

    fn subject(node: &NodeId) -> String {
        format!("broker {node}")
    }
}

impl LogDir {
    fn from_answer(answer: DescribeLogDirsResult) -> Self {
        let mut replicas = BTreeMap::new();
        for topic in answer.topics {
            for of in topic.partitions {
                let place = TopicPartition { topic: topic.name.clone(), partition: of.partition_index };
                let size_bytes = u64::try_from(of.partition_size).unwrap_or(0);
                let replica = Replica { size_bytes, offset_lag: of.offset_lag, is_future: of.is_future_key };
                replicas.insert(place, replica);
            }
        }
        Self {
            path: answer.log_dir,
            error: answer.error_code,
            replicas,
            // -1 stands for unknown.
            total_bytes: u64::try_from(answer.total_bytes).ok(),
            usable_bytes: u64::try_from(answer.usable_bytes).ok(),
        }
    }
}
