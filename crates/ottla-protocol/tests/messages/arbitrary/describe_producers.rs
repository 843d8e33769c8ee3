// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `DescribeProducers` out of random bytes.

use ottla_protocol::messages::describe_producers;

use crate::source::Source;

pub(crate) fn describe_producers_request(
    s: &mut Source<'_>,
    version: i16,
) -> describe_producers::DescribeProducersRequest {
    let mut value = describe_producers::DescribeProducersRequest::default();
    value.topics = s.array(|s| topic_request(s, version));
    value.unknown_tags = s.tags();
    value
}

fn topic_request(s: &mut Source<'_>, _version: i16) -> describe_producers::TopicRequest {
    let mut value = describe_producers::TopicRequest::default();
    value.name = s.string("name");
    value.partition_indexes = s.array(|s| s.int32("partition_indexes")).into();
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn describe_producers_response(
    s: &mut Source<'_>,
    version: i16,
) -> describe_producers::DescribeProducersResponse {
    let mut value = describe_producers::DescribeProducersResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.topics = s.array(|s| topic_response(s, version));
    value.unknown_tags = s.tags();
    value
}

fn topic_response(s: &mut Source<'_>, version: i16) -> describe_producers::TopicResponse {
    let mut value = describe_producers::TopicResponse::default();
    value.name = s.string("name");
    value.partitions = s.array(|s| partition_response(s, version));
    value.unknown_tags = s.tags();
    value
}

fn partition_response(s: &mut Source<'_>, version: i16) -> describe_producers::PartitionResponse {
    let mut value = describe_producers::PartitionResponse::default();
    value.partition_index = s.int32("partition_index");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.active_producers = s.array(|s| producer_state(s, version));
    value.unknown_tags = s.tags();
    value
}

fn producer_state(s: &mut Source<'_>, _version: i16) -> describe_producers::ProducerState {
    let mut value = describe_producers::ProducerState::default();
    value.producer_id = s.int64("producer_id");
    value.producer_epoch = s.int32("producer_epoch");
    value.last_sequence = s.int32("last_sequence");
    value.last_timestamp = s.int64("last_timestamp");
    value.coordinator_epoch = s.int32("coordinator_epoch");
    value.current_txn_start_offset = s.int64("current_txn_start_offset");
    value.unknown_tags = s.tags();
    value
}
