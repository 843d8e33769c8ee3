// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `DescribeQuorum` out of random bytes.

use ottla_protocol::messages::describe_quorum;

use crate::source::Source;

pub(crate) fn describe_quorum_request(
    s: &mut Source<'_>,
    version: i16,
) -> describe_quorum::DescribeQuorumRequest {
    let mut value = describe_quorum::DescribeQuorumRequest::default();
    value.topics = s.array(|s| topic_data_request(s, version));
    value.unknown_tags = s.tags();
    value
}

fn topic_data_request(s: &mut Source<'_>, version: i16) -> describe_quorum::TopicDataRequest {
    let mut value = describe_quorum::TopicDataRequest::default();
    value.topic_name = s.string("topic_name");
    value.partitions = s.array(|s| partition_data_request(s, version));
    value.unknown_tags = s.tags();
    value
}

fn partition_data_request(s: &mut Source<'_>, _version: i16) -> describe_quorum::PartitionDataRequest {
    let mut value = describe_quorum::PartitionDataRequest::default();
    value.partition_index = s.int32("partition_index");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn describe_quorum_response(
    s: &mut Source<'_>,
    version: i16,
) -> describe_quorum::DescribeQuorumResponse {
    let mut value = describe_quorum::DescribeQuorumResponse::default();
    value.error_code = s.error_code("error_code");
    if version >= 2 {
        value.error_message = s.nullable(true, |s| s.string("error_message"));
    }
    value.topics = s.array(|s| topic_data(s, version));
    if version >= 2 {
        value.nodes = s.array(|s| node(s, version));
    }
    value.unknown_tags = s.tags();
    value
}

fn topic_data(s: &mut Source<'_>, version: i16) -> describe_quorum::TopicData {
    let mut value = describe_quorum::TopicData::default();
    value.topic_name = s.string("topic_name");
    value.partitions = s.array(|s| partition_data(s, version));
    value.unknown_tags = s.tags();
    value
}

fn partition_data(s: &mut Source<'_>, version: i16) -> describe_quorum::PartitionData {
    let mut value = describe_quorum::PartitionData::default();
    value.partition_index = s.int32("partition_index");
    value.error_code = s.error_code("error_code");
    if version >= 2 {
        value.error_message = s.nullable(true, |s| s.string("error_message"));
    }
    value.leader_id = s.int32("leader_id");
    value.leader_epoch = s.int32("leader_epoch");
    value.high_watermark = s.int64("high_watermark");
    value.current_voters = s.array(|s| replica_state(s, version));
    value.observers = s.array(|s| replica_state(s, version));
    value.unknown_tags = s.tags();
    value
}

fn replica_state(s: &mut Source<'_>, version: i16) -> describe_quorum::ReplicaState {
    let mut value = describe_quorum::ReplicaState::default();
    value.replica_id = s.int32("replica_id");
    if version >= 2 {
        value.replica_directory_id = s.uuid("replica_directory_id");
    }
    value.log_end_offset = s.int64("log_end_offset");
    if version >= 1 {
        value.last_fetch_timestamp = s.int64("last_fetch_timestamp");
    }
    if version >= 1 {
        value.last_caught_up_timestamp = s.int64("last_caught_up_timestamp");
    }
    value.unknown_tags = s.tags();
    value
}

fn node(s: &mut Source<'_>, version: i16) -> describe_quorum::Node {
    let mut value = describe_quorum::Node::default();
    value.node_id = s.int32("node_id");
    value.listeners = s.array(|s| listener(s, version));
    value.unknown_tags = s.tags();
    value
}

fn listener(s: &mut Source<'_>, _version: i16) -> describe_quorum::Listener {
    let mut value = describe_quorum::Listener::default();
    value.name = s.string("name");
    value.host = s.string("host");
    value.port = s.uint16("port");
    value.unknown_tags = s.tags();
    value
}
