// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `ConsumerGroupHeartbeat` out of random bytes.

use ottla_protocol::messages::consumer_group_heartbeat;

use crate::source::Source;

pub(crate) fn consumer_group_heartbeat_request(
    s: &mut Source<'_>,
    version: i16,
) -> consumer_group_heartbeat::ConsumerGroupHeartbeatRequest {
    let mut value = consumer_group_heartbeat::ConsumerGroupHeartbeatRequest::default();
    value.group_id = s.string("group_id");
    value.member_id = s.string("member_id");
    value.member_epoch = s.int32("member_epoch");
    value.instance_id = s.nullable(true, |s| s.string("instance_id"));
    value.rack_id = s.nullable(true, |s| s.string("rack_id"));
    value.rebalance_timeout_ms = s.int32("rebalance_timeout_ms");
    value.subscribed_topic_names = s.nullable(true, |s| s.array(|s| s.string("subscribed_topic_names")));
    if version >= 1 {
        value.subscribed_topic_regex = s.nullable(true, |s| s.string("subscribed_topic_regex"));
    }
    value.server_assignor = s.nullable(true, |s| s.string("server_assignor"));
    value.topic_partitions = s.nullable(true, |s| s.array(|s| topic_partitions(s, version)));
    value.unknown_tags = s.tags();
    value
}

fn topic_partitions(s: &mut Source<'_>, _version: i16) -> consumer_group_heartbeat::TopicPartitions {
    let mut value = consumer_group_heartbeat::TopicPartitions::default();
    value.topic_id = s.uuid("topic_id");
    value.partitions = s.array(|s| s.int32("partitions")).into();
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn consumer_group_heartbeat_response(
    s: &mut Source<'_>,
    version: i16,
) -> consumer_group_heartbeat::ConsumerGroupHeartbeatResponse {
    let mut value = consumer_group_heartbeat::ConsumerGroupHeartbeatResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.member_id = s.nullable(true, |s| s.string("member_id"));
    value.member_epoch = s.int32("member_epoch");
    value.heartbeat_interval_ms = s.int32("heartbeat_interval_ms");
    value.assignment = s.nullable(true, |s| assignment(s, version));
    value.unknown_tags = s.tags();
    value
}

fn assignment(s: &mut Source<'_>, version: i16) -> consumer_group_heartbeat::Assignment {
    let mut value = consumer_group_heartbeat::Assignment::default();
    value.topic_partitions = s.array(|s| topic_partitions(s, version));
    value.unknown_tags = s.tags();
    value
}
