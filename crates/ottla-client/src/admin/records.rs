//! Deleting records from the front of partitions (KIP-107).

use std::collections::BTreeMap;

use ottla_protocol::api::ApiKey;
use ottla_protocol::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsPartitionResult, DeleteRecordsRequest, DeleteRecordsTopic,
};

use super::routed::{Answered, Outcomes, Routed, ToLeader, by_topic, partition_subject};
use super::{Admin, request_timeout_ms};
use crate::client::Client;
use crate::error::Error;
use crate::node::NodeId;
use crate::topic_partition::{Offset, TopicPartition};

/// Which records of a partition are to be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecordsToDelete {
    /// Those before an offset, which may be as high as the end of what can be read.
    Before(Offset),
    /// All that can be read by now.
    All,
}

impl RecordsToDelete {
    fn to_wire(self) -> i64 {
        match self {
            // Below 0 stands for other things.
            Self::Before(offset) => offset.0.max(0),
            Self::All => -1,
        }
    }
}

impl Admin {
    /// Deletes the oldest records of partitions, for good. Answers the first offset that each has left, which is higher than asked
    /// for where more was gone already. All leaders are asked side by side.
    ///
    /// # Errors
    /// Each partition has its own outcome: [`Error::Refused`] with `OFFSET_OUT_OF_RANGE` for an offset past the end,
    /// with `POLICY_VIOLATION` for a topic that is only compacted; [`Error::Timeout`] with the last failure after
    /// `default.api.timeout.ms`.
    ///
    /// # Cancel safety
    /// Dropping the future stops the waiting; the records may be deleted all the same.
    pub async fn delete_records(
        &self,
        records: impl IntoIterator<Item = (TopicPartition, RecordsToDelete)>,
    ) -> BTreeMap<TopicPartition, Result<Offset, Error>> {
        let records: BTreeMap<_, _> = records.into_iter().collect();
        self.route_to_leaders(&DeleteRecords { records: &records }, records.keys().cloned().collect()).await
    }
}

struct DeleteRecords<'a> {
    records: &'a BTreeMap<TopicPartition, RecordsToDelete>,
}

impl Routed for DeleteRecords<'_> {
    type Key = TopicPartition;
    type Value = Offset;
    type Route = ToLeader;
    const WHAT: &'static str = "deleting records";
    const API: ApiKey = ApiKey::DeleteRecords;

    async fn ask(&self, client: &Client, node: NodeId, keys: &[TopicPartition]) -> Answered<Self> {
        let asked = keys.iter().filter_map(|of| {
            let mut partition = DeleteRecordsPartition::default();
            partition.partition_index = of.partition;
            partition.offset = self.records.get(of)?.to_wire();
            Some((of.topic.clone(), partition))
        });
        let mut request = DeleteRecordsRequest::default();
        request.timeout_ms = request_timeout_ms(client);
        for (name, partitions) in by_topic(asked) {
            let mut topic = DeleteRecordsTopic::default();
            (topic.name, topic.partitions) = (name, partitions);
            request.topics.push(topic);
        }
        let mut outcomes = Outcomes::new();
        for topic in client.call(node, &request).await?.topics {
            for answer in topic.partitions {
                let of = TopicPartition { topic: topic.name.clone(), partition: answer.partition_index };
                let outcome = start(&of, &answer);
                outcomes.insert(of, outcome);
            }
        }
        Ok(outcomes)
    }

    fn subject(of: &TopicPartition) -> String {
        partition_subject(of)
    }
}

fn start(of: &TopicPartition, answer: &DeleteRecordsPartitionResult) -> Result<Offset, Error> {
    Error::check(partition_subject(of), answer.error_code, None)?;
    Ok(Offset(answer.low_watermark))
}
