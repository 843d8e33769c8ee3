//! `DescribeProducers` (key 61): the producers that partitions remember, and which of them have a transaction open (KIP-664).
//!
//! With it a transaction is found that hangs: one that its coordinator knows nothing of.

use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::describe_producers::{
    DescribeProducersRequest, DescribeProducersResponse, PartitionResponse, ProducerState, TopicResponse,
};
use ottla_protocol::wire::Str;
use ottla_storage::ActiveProducer;

use super::{Handling, told};
use crate::broker::Core;
use crate::topic_name;

/// What is told of a topic that does not exist, in the words of Kafka, which has none for a partition.
const NO_TOPIC: &str = "This server does not host this topic-partition.";

/// Answers each partition as often as it is asked for.
pub(crate) fn handle(core: &Arc<Core>, request: DescribeProducersRequest) -> Handling {
    let mut response = DescribeProducersResponse::default();
    for asked in request.topics {
        let topic = core.directory.by_name(&asked.name);
        let refusal = match (topic_name::validate(&asked.name), &topic) {
            (Err(error), _) => Some((ErrorCode::INVALID_TOPIC_EXCEPTION, told(error.to_string()))),
            (Ok(()), None) => Some((ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, Str::from_static(NO_TOPIC))),
            (Ok(()), Some(_)) => None,
        };
        let mut answer = TopicResponse::default();
        let partitions = asked.partition_indexes.iter().map(|index| {
            let mut answer = PartitionResponse::default();
            answer.partition_index = *index;
            if let Some((code, message)) = &refusal {
                (answer.error_code, answer.error_message) = (*code, Some(message.clone()));
                return answer;
            }
            match topic.as_ref().and_then(|topic| topic.partition(*index)) {
                Some(Some(partition)) => {
                    answer.active_producers = partition.active_producers().iter().map(state).collect();
                }
                Some(None) => answer.error_code = ErrorCode::KAFKA_STORAGE_ERROR,
                None => answer.error_code = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
            }
            answer
        });
        answer.partitions = partitions.collect();
        answer.name = asked.name;
        response.topics.push(answer);
    }
    Handling::respond(ResponseBody::DescribeProducers(response))
}

fn state(producer: &ActiveProducer) -> ProducerState {
    let mut state = ProducerState::default();
    state.producer_id = producer.producer_id;
    state.producer_epoch = i32::from(producer.epoch);
    state.last_sequence = producer.last_sequence;
    state.last_timestamp = producer.last_timestamp;
    state.coordinator_epoch = producer.coordinator_epoch;
    state.current_txn_start_offset = producer.transaction_start.map_or(-1, |start| start.0);
    state
}
