// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `Produce` out of random bytes.

use ottla_protocol::messages::produce;

use crate::source::Source;

pub(crate) fn produce_request(s: &mut Source<'_>, version: i16) -> produce::ProduceRequest {
    let mut value = produce::ProduceRequest::default();
    value.transactional_id = s.nullable(true, |s| s.string("transactional_id"));
    value.acks = s.int16("acks");
    value.timeout_ms = s.int32("timeout_ms");
    value.topic_data = s.array(|s| topic_produce_data(s, version));
    value.unknown_tags = s.tags();
    value
}

fn topic_produce_data(s: &mut Source<'_>, version: i16) -> produce::TopicProduceData {
    let mut value = produce::TopicProduceData::default();
    if version <= 12 {
        value.name = s.string("name");
    }
    if version >= 13 {
        value.topic_id = s.uuid("topic_id");
    }
    value.partition_data = s.array(|s| partition_produce_data(s, version));
    value.unknown_tags = s.tags();
    value
}

fn partition_produce_data(s: &mut Source<'_>, _version: i16) -> produce::PartitionProduceData {
    let mut value = produce::PartitionProduceData::default();
    value.index = s.int32("index");
    value.records = s.nullable(true, |s| s.records("records"));
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn produce_response(s: &mut Source<'_>, version: i16) -> produce::ProduceResponse {
    let mut value = produce::ProduceResponse::default();
    value.responses = s.array(|s| topic_produce_response(s, version));
    value.throttle_time_ms = s.int32("throttle_time_ms");
    if version >= 10 {
        value.node_endpoints = s.array(|s| node_endpoint(s, version));
    }
    value.unknown_tags = s.tags();
    value
}

fn topic_produce_response(s: &mut Source<'_>, version: i16) -> produce::TopicProduceResponse {
    let mut value = produce::TopicProduceResponse::default();
    if version <= 12 {
        value.name = s.string("name");
    }
    if version >= 13 {
        value.topic_id = s.uuid("topic_id");
    }
    value.partition_responses = s.array(|s| partition_produce_response(s, version));
    value.unknown_tags = s.tags();
    value
}

fn partition_produce_response(s: &mut Source<'_>, version: i16) -> produce::PartitionProduceResponse {
    let mut value = produce::PartitionProduceResponse::default();
    value.index = s.int32("index");
    value.error_code = s.error_code("error_code");
    value.base_offset = s.int64("base_offset");
    value.log_append_time_ms = s.int64("log_append_time_ms");
    if version >= 5 {
        value.log_start_offset = s.int64("log_start_offset");
    }
    if version >= 8 {
        value.record_errors = s.array(|s| batch_index_and_error_message(s, version));
    }
    if version >= 8 {
        value.error_message = s.nullable(true, |s| s.string("error_message"));
    }
    if version >= 10 {
        value.current_leader = leader_id_and_epoch(s, version);
    }
    value.unknown_tags = s.tags();
    value
}

fn batch_index_and_error_message(s: &mut Source<'_>, _version: i16) -> produce::BatchIndexAndErrorMessage {
    let mut value = produce::BatchIndexAndErrorMessage::default();
    value.batch_index = s.int32("batch_index");
    value.batch_index_error_message = s.nullable(true, |s| s.string("batch_index_error_message"));
    value.unknown_tags = s.tags();
    value
}

fn leader_id_and_epoch(s: &mut Source<'_>, _version: i16) -> produce::LeaderIdAndEpoch {
    let mut value = produce::LeaderIdAndEpoch::default();
    value.leader_id = s.int32("leader_id");
    value.leader_epoch = s.int32("leader_epoch");
    value.unknown_tags = s.tags();
    value
}

fn node_endpoint(s: &mut Source<'_>, _version: i16) -> produce::NodeEndpoint {
    let mut value = produce::NodeEndpoint::default();
    value.node_id = s.int32("node_id");
    value.host = s.string("host");
    value.port = s.int32("port");
    value.rack = s.nullable(true, |s| s.string("rack"));
    value.unknown_tags = s.tags();
    value
}
