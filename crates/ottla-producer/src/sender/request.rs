//! Writing batches into a `Produce` request.

use std::sync::Arc;

use ottla_protocol::messages::produce::{PartitionProduceData, ProduceRequest, TopicProduceData};
use ottla_protocol::wire::{Records, Str, Uuid};

use super::Payload;
use crate::partition::Partition;

/// The first version of `Produce` that identifies topics by id; older ones name them.
pub(crate) const TOPIC_IDS_FROM: i16 = 13;

/// One batch on its way.
#[derive(Debug)]
pub(crate) struct Sending {
    topic: Str,
    topic_id: Uuid,
    partition: i32,
    payload: Payload,
}

impl Sending {
    pub(super) fn new(partition: &Arc<Partition>, topic_id: Uuid, payload: Payload) -> Self {
        Self { topic: partition.topic.clone(), topic_id, partition: partition.index, payload }
    }

    /// Whether every topic of `batches` has an id.
    pub(crate) fn all_have_ids(batches: &[Self]) -> bool {
        batches.iter().all(|sending| sending.topic_id != Uuid::ZERO)
    }

    /// The request that carries `batches`.
    pub(crate) fn request(batches: Vec<Self>, acks: i16, timeout_ms: i32, version: i16) -> ProduceRequest {
        let mut request = ProduceRequest::default();
        (request.acks, request.timeout_ms) = (acks, timeout_ms);
        for sending in batches {
            let mut data = PartitionProduceData::default();
            data.index = sending.partition;
            data.records = Some(Records::from(sending.payload));
            match request.topic_data.last_mut() {
                Some(topic) if topic.name == sending.topic => topic.partition_data.push(data),
                _ => {
                    let mut topic = TopicProduceData::default();
                    topic.name = sending.topic;
                    if version >= TOPIC_IDS_FROM {
                        topic.topic_id = sending.topic_id;
                    }
                    topic.partition_data.push(data);
                    request.topic_data.push(topic);
                }
            }
        }
        request
    }
}
