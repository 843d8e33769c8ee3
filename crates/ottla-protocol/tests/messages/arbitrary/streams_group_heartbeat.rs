// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `StreamsGroupHeartbeat` out of random bytes.

use ottla_protocol::messages::streams_group_heartbeat;

use crate::source::Source;

pub(crate) fn streams_group_heartbeat_request(
    s: &mut Source<'_>,
    version: i16,
) -> streams_group_heartbeat::StreamsGroupHeartbeatRequest {
    let mut value = streams_group_heartbeat::StreamsGroupHeartbeatRequest::default();
    value.group_id = s.string("group_id");
    value.member_id = s.string("member_id");
    value.member_epoch = s.int32("member_epoch");
    value.endpoint_information_epoch = s.int32("endpoint_information_epoch");
    value.instance_id = s.nullable(true, |s| s.string("instance_id"));
    value.rack_id = s.nullable(true, |s| s.string("rack_id"));
    value.rebalance_timeout_ms = s.int32("rebalance_timeout_ms");
    value.topology = s.nullable(true, |s| topology(s, version));
    value.active_tasks = s.nullable(true, |s| s.array(|s| task_ids(s, version)));
    value.standby_tasks = s.nullable(true, |s| s.array(|s| task_ids(s, version)));
    value.warmup_tasks = s.nullable(true, |s| s.array(|s| task_ids(s, version)));
    value.process_id = s.nullable(true, |s| s.string("process_id"));
    value.user_endpoint = s.nullable(true, |s| endpoint(s, version));
    value.client_tags = s.nullable(true, |s| s.array(|s| key_value(s, version)));
    value.task_offsets = s.nullable(true, |s| s.array(|s| task_offset(s, version)));
    value.task_end_offsets = s.nullable(true, |s| s.array(|s| task_offset(s, version)));
    value.shutdown_application = s.bool("shutdown_application");
    value.unknown_tags = s.tags();
    value
}

fn topology(s: &mut Source<'_>, version: i16) -> streams_group_heartbeat::Topology {
    let mut value = streams_group_heartbeat::Topology::default();
    value.epoch = s.int32("epoch");
    value.subtopologies = s.array(|s| subtopology(s, version));
    value.unknown_tags = s.tags();
    value
}

fn subtopology(s: &mut Source<'_>, version: i16) -> streams_group_heartbeat::Subtopology {
    let mut value = streams_group_heartbeat::Subtopology::default();
    value.subtopology_id = s.string("subtopology_id");
    value.source_topics = s.array(|s| s.string("source_topics"));
    value.source_topic_regex = s.array(|s| s.string("source_topic_regex"));
    value.state_changelog_topics = s.array(|s| topic_info(s, version));
    value.repartition_sink_topics = s.array(|s| s.string("repartition_sink_topics"));
    value.repartition_source_topics = s.array(|s| topic_info(s, version));
    value.copartition_groups = s.array(|s| copartition_group(s, version));
    value.unknown_tags = s.tags();
    value
}

fn topic_info(s: &mut Source<'_>, version: i16) -> streams_group_heartbeat::TopicInfo {
    let mut value = streams_group_heartbeat::TopicInfo::default();
    value.name = s.string("name");
    value.partitions = s.int32("partitions");
    value.replication_factor = s.int16("replication_factor");
    value.topic_configs = s.array(|s| key_value(s, version));
    value.unknown_tags = s.tags();
    value
}

fn key_value(s: &mut Source<'_>, _version: i16) -> streams_group_heartbeat::KeyValue {
    let mut value = streams_group_heartbeat::KeyValue::default();
    value.key = s.string("key");
    value.value = s.string("value");
    value.unknown_tags = s.tags();
    value
}

fn copartition_group(s: &mut Source<'_>, _version: i16) -> streams_group_heartbeat::CopartitionGroup {
    let mut value = streams_group_heartbeat::CopartitionGroup::default();
    value.source_topics = s.array(|s| s.int16("source_topics"));
    value.source_topic_regex = s.array(|s| s.int16("source_topic_regex"));
    value.repartition_source_topics = s.array(|s| s.int16("repartition_source_topics"));
    value.unknown_tags = s.tags();
    value
}

fn task_ids(s: &mut Source<'_>, _version: i16) -> streams_group_heartbeat::TaskIds {
    let mut value = streams_group_heartbeat::TaskIds::default();
    value.subtopology_id = s.string("subtopology_id");
    value.partitions = s.array(|s| s.int32("partitions")).into();
    value.unknown_tags = s.tags();
    value
}

fn endpoint(s: &mut Source<'_>, _version: i16) -> streams_group_heartbeat::Endpoint {
    let mut value = streams_group_heartbeat::Endpoint::default();
    value.host = s.string("host");
    value.port = s.uint16("port");
    value.unknown_tags = s.tags();
    value
}

fn task_offset(s: &mut Source<'_>, _version: i16) -> streams_group_heartbeat::TaskOffset {
    let mut value = streams_group_heartbeat::TaskOffset::default();
    value.subtopology_id = s.string("subtopology_id");
    value.partition = s.int32("partition");
    value.offset = s.int64("offset");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn streams_group_heartbeat_response(
    s: &mut Source<'_>,
    version: i16,
) -> streams_group_heartbeat::StreamsGroupHeartbeatResponse {
    let mut value = streams_group_heartbeat::StreamsGroupHeartbeatResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.member_id = s.string("member_id");
    value.member_epoch = s.int32("member_epoch");
    value.heartbeat_interval_ms = s.int32("heartbeat_interval_ms");
    value.acceptable_recovery_lag = s.int32("acceptable_recovery_lag");
    value.task_offset_interval_ms = s.int32("task_offset_interval_ms");
    value.status = s.nullable(true, |s| s.array(|s| status(s, version)));
    value.active_tasks = s.nullable(true, |s| s.array(|s| task_ids(s, version)));
    value.standby_tasks = s.nullable(true, |s| s.array(|s| task_ids(s, version)));
    value.warmup_tasks = s.nullable(true, |s| s.array(|s| task_ids(s, version)));
    value.endpoint_information_epoch = s.int32("endpoint_information_epoch");
    value.partitions_by_user_endpoint = s.nullable(true, |s| s.array(|s| endpoint_to_partitions(s, version)));
    value.unknown_tags = s.tags();
    value
}

fn status(s: &mut Source<'_>, _version: i16) -> streams_group_heartbeat::Status {
    let mut value = streams_group_heartbeat::Status::default();
    value.status_code = s.int8("status_code");
    value.status_detail = s.string("status_detail");
    value.unknown_tags = s.tags();
    value
}

fn endpoint_to_partitions(s: &mut Source<'_>, version: i16) -> streams_group_heartbeat::EndpointToPartitions {
    let mut value = streams_group_heartbeat::EndpointToPartitions::default();
    value.user_endpoint = endpoint(s, version);
    value.active_partitions = s.array(|s| topic_partition(s, version));
    value.standby_partitions = s.array(|s| topic_partition(s, version));
    value.unknown_tags = s.tags();
    value
}

fn topic_partition(s: &mut Source<'_>, _version: i16) -> streams_group_heartbeat::TopicPartition {
    let mut value = streams_group_heartbeat::TopicPartition::default();
    value.topic = s.string("topic");
    value.partitions = s.array(|s| s.int32("partitions")).into();
    value.unknown_tags = s.tags();
    value
}
