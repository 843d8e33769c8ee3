//! Writing a plan into a `Fetch` request.

use std::time::Duration;

use ottla_client::IsolationLevel;
use ottla_protocol::messages::fetch::{FetchPartition, FetchRequest, FetchTopic, ForgottenTopic};
use ottla_protocol::wire::{Str, Uuid};

use crate::session::Delta;

/// The first version of `Fetch` that identifies topics by id; older ones name them.
pub(crate) const TOPIC_IDS_FROM: i16 = 13;

/// One request to one broker.
#[derive(Clone, Debug)]
pub(crate) struct FetchPlan {
    pub(super) delta: Delta,
    /// Whether every topic has an id.
    pub(crate) names_ids: bool,
    pub(super) max_wait: Duration,
    pub(super) min_bytes: i32,
    pub(super) max_bytes: i32,
    pub(super) isolation: IsolationLevel,
    pub(super) rack: String,
}

impl FetchPlan {
    /// The request, in this version.
    pub(crate) fn into_request(self, version: i16) -> FetchRequest {
        let by_id = version >= TOPIC_IDS_FROM;
        let id = |topic_id| if by_id { topic_id } else { Uuid::ZERO };
        let mut request = FetchRequest::default();
        request.replica_id = -1;
        request.max_wait_ms = i32::try_from(self.max_wait.as_millis()).unwrap_or(i32::MAX);
        (request.min_bytes, request.max_bytes) = (self.min_bytes, self.max_bytes);
        request.isolation_level = self.isolation.to_wire();
        (request.session_id, request.session_epoch) = (self.delta.session_id, self.delta.session_epoch);
        request.rack_id = Str::from(self.rack);
        for (of, asked) in self.delta.asked {
            let mut partition = FetchPartition::default();
            partition.partition = of.partition;
            partition.current_leader_epoch = asked.leader_epoch;
            partition.fetch_offset = asked.fetch_offset;
            partition.partition_max_bytes = asked.bytes_max;
            match request.topics.last_mut() {
                Some(topic) if topic.topic == of.topic => topic.partitions.push(partition),
                _ => {
                    let mut topic = FetchTopic::default();
                    (topic.topic, topic.topic_id) = (of.topic, id(asked.topic_id));
                    topic.partitions.push(partition);
                    request.topics.push(topic);
                }
            }
        }
        for (of, topic_id) in self.delta.forgotten {
            let mut topic = ForgottenTopic::default();
            (topic.topic, topic.topic_id) = (of.topic, id(topic_id));
            topic.partitions = [of.partition].into();
            request.forgotten_topics_data.push(topic);
        }
        request
    }
}
