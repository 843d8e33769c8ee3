// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `DescribeTopicPartitions` out of random bytes.

use ottla_protocol::messages::describe_topic_partitions;

use crate::source::Source;

pub(crate) fn describe_topic_partitions_request(
    s: &mut Source<'_>,
    version: i16,
) -> describe_topic_partitions::DescribeTopicPartitionsRequest {
    let mut value = describe_topic_partitions::DescribeTopicPartitionsRequest::default();
    value.topics = s.array(|s| topic_request(s, version));
    value.response_partition_limit = s.int32("response_partition_limit");
    value.cursor = s.nullable(true, |s| cursor(s, version));
    value.unknown_tags = s.tags();
    value
}

fn topic_request(s: &mut Source<'_>, _version: i16) -> describe_topic_partitions::TopicRequest {
    let mut value = describe_topic_partitions::TopicRequest::default();
    value.name = s.string("name");
    value.unknown_tags = s.tags();
    value
}

fn cursor(s: &mut Source<'_>, _version: i16) -> describe_topic_partitions::Cursor {
    let mut value = describe_topic_partitions::Cursor::default();
    value.topic_name = s.string("topic_name");
    value.partition_index = s.int32("partition_index");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn describe_topic_partitions_response(
    s: &mut Source<'_>,
    version: i16,
) -> describe_topic_partitions::DescribeTopicPartitionsResponse {
    let mut value = describe_topic_partitions::DescribeTopicPartitionsResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.topics = s.array(|s| describe_topic_partitions_response_topic(s, version));
    value.next_cursor = s.nullable(true, |s| cursor(s, version));
    value.unknown_tags = s.tags();
    value
}

fn describe_topic_partitions_response_topic(
    s: &mut Source<'_>,
    version: i16,
) -> describe_topic_partitions::DescribeTopicPartitionsResponseTopic {
    let mut value = describe_topic_partitions::DescribeTopicPartitionsResponseTopic::default();
    value.error_code = s.error_code("error_code");
    value.name = s.nullable(true, |s| s.string("name"));
    value.topic_id = s.uuid("topic_id");
    value.is_internal = s.bool("is_internal");
    value.partitions = s.array(|s| describe_topic_partitions_response_partition(s, version));
    value.topic_authorized_operations = s.int32("topic_authorized_operations");
    value.unknown_tags = s.tags();
    value
}

fn describe_topic_partitions_response_partition(
    s: &mut Source<'_>,
    _version: i16,
) -> describe_topic_partitions::DescribeTopicPartitionsResponsePartition {
    let mut value = describe_topic_partitions::DescribeTopicPartitionsResponsePartition::default();
    value.error_code = s.error_code("error_code");
    value.partition_index = s.int32("partition_index");
    value.leader_id = s.int32("leader_id");
    value.leader_epoch = s.int32("leader_epoch");
    value.replica_nodes = s.array(|s| s.int32("replica_nodes")).into();
    value.isr_nodes = s.array(|s| s.int32("isr_nodes")).into();
    value.eligible_leader_replicas =
        s.nullable(true, |s| s.array(|s| s.int32("eligible_leader_replicas")).into());
    value.last_known_elr = s.nullable(true, |s| s.array(|s| s.int32("last_known_elr")).into());
    value.offline_replicas = s.array(|s| s.int32("offline_replicas")).into();
    value.unknown_tags = s.tags();
    value
}
