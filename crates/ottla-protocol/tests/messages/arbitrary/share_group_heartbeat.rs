// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `ShareGroupHeartbeat` out of random bytes.

use ottla_protocol::messages::share_group_heartbeat;

use crate::source::Source;

pub(crate) fn share_group_heartbeat_request(
    s: &mut Source<'_>,
    _version: i16,
) -> share_group_heartbeat::ShareGroupHeartbeatRequest {
    let mut value = share_group_heartbeat::ShareGroupHeartbeatRequest::default();
    value.group_id = s.string("group_id");
    value.member_id = s.string("member_id");
    value.member_epoch = s.int32("member_epoch");
    value.rack_id = s.nullable(true, |s| s.string("rack_id"));
    value.subscribed_topic_names = s.nullable(true, |s| s.array(|s| s.string("subscribed_topic_names")));
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn share_group_heartbeat_response(
    s: &mut Source<'_>,
    version: i16,
) -> share_group_heartbeat::ShareGroupHeartbeatResponse {
    let mut value = share_group_heartbeat::ShareGroupHeartbeatResponse::default();
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

fn assignment(s: &mut Source<'_>, version: i16) -> share_group_heartbeat::Assignment {
    let mut value = share_group_heartbeat::Assignment::default();
    value.topic_partitions = s.array(|s| topic_partitions(s, version));
    value.unknown_tags = s.tags();
    value
}

fn topic_partitions(s: &mut Source<'_>, _version: i16) -> share_group_heartbeat::TopicPartitions {
    let mut value = share_group_heartbeat::TopicPartitions::default();
    value.topic_id = s.uuid("topic_id");
    value.partitions = s.array(|s| s.int32("partitions")).into();
    value.unknown_tags = s.tags();
    value
}
