// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `StreamsGroupDescribe` out of random bytes.

use ottla_protocol::messages::streams_group_describe;

use crate::source::Source;

pub(crate) fn streams_group_describe_request(
    s: &mut Source<'_>,
    _version: i16,
) -> streams_group_describe::StreamsGroupDescribeRequest {
    let mut value = streams_group_describe::StreamsGroupDescribeRequest::default();
    value.group_ids = s.array(|s| s.string("group_ids"));
    value.include_authorized_operations = s.bool("include_authorized_operations");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn streams_group_describe_response(
    s: &mut Source<'_>,
    version: i16,
) -> streams_group_describe::StreamsGroupDescribeResponse {
    let mut value = streams_group_describe::StreamsGroupDescribeResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.groups = s.array(|s| described_group(s, version));
    value.unknown_tags = s.tags();
    value
}

fn described_group(s: &mut Source<'_>, version: i16) -> streams_group_describe::DescribedGroup {
    let mut value = streams_group_describe::DescribedGroup::default();
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.group_id = s.string("group_id");
    value.group_state = s.string("group_state");
    value.group_epoch = s.int32("group_epoch");
    value.assignment_epoch = s.int32("assignment_epoch");
    value.topology = s.nullable(true, |s| topology(s, version));
    value.members = s.array(|s| member(s, version));
    value.authorized_operations = s.int32("authorized_operations");
    value.unknown_tags = s.tags();
    value
}

fn topology(s: &mut Source<'_>, version: i16) -> streams_group_describe::Topology {
    let mut value = streams_group_describe::Topology::default();
    value.epoch = s.int32("epoch");
    value.subtopologies = s.nullable(true, |s| s.array(|s| subtopology(s, version)));
    value.unknown_tags = s.tags();
    value
}

fn subtopology(s: &mut Source<'_>, version: i16) -> streams_group_describe::Subtopology {
    let mut value = streams_group_describe::Subtopology::default();
    value.subtopology_id = s.string("subtopology_id");
    value.source_topics = s.array(|s| s.string("source_topics"));
    value.repartition_sink_topics = s.array(|s| s.string("repartition_sink_topics"));
    value.state_changelog_topics = s.array(|s| topic_info(s, version));
    value.repartition_source_topics = s.array(|s| topic_info(s, version));
    value.unknown_tags = s.tags();
    value
}

fn topic_info(s: &mut Source<'_>, version: i16) -> streams_group_describe::TopicInfo {
    let mut value = streams_group_describe::TopicInfo::default();
    value.name = s.string("name");
    value.partitions = s.int32("partitions");
    value.replication_factor = s.int16("replication_factor");
    value.topic_configs = s.array(|s| key_value(s, version));
    value.unknown_tags = s.tags();
    value
}

fn key_value(s: &mut Source<'_>, _version: i16) -> streams_group_describe::KeyValue {
    let mut value = streams_group_describe::KeyValue::default();
    value.key = s.string("key");
    value.value = s.string("value");
    value.unknown_tags = s.tags();
    value
}

fn member(s: &mut Source<'_>, version: i16) -> streams_group_describe::Member {
    let mut value = streams_group_describe::Member::default();
    value.member_id = s.string("member_id");
    value.member_epoch = s.int32("member_epoch");
    value.instance_id = s.nullable(true, |s| s.string("instance_id"));
    value.rack_id = s.nullable(true, |s| s.string("rack_id"));
    value.client_id = s.string("client_id");
    value.client_host = s.string("client_host");
    value.topology_epoch = s.int32("topology_epoch");
    value.process_id = s.string("process_id");
    value.user_endpoint = s.nullable(true, |s| endpoint(s, version));
    value.client_tags = s.array(|s| key_value(s, version));
    value.task_offsets = s.array(|s| task_offset(s, version));
    value.task_end_offsets = s.array(|s| task_offset(s, version));
    value.assignment = assignment(s, version);
    value.target_assignment = assignment(s, version);
    value.is_classic = s.bool("is_classic");
    value.unknown_tags = s.tags();
    value
}

fn endpoint(s: &mut Source<'_>, _version: i16) -> streams_group_describe::Endpoint {
    let mut value = streams_group_describe::Endpoint::default();
    value.host = s.string("host");
    value.port = s.uint16("port");
    value.unknown_tags = s.tags();
    value
}

fn task_offset(s: &mut Source<'_>, _version: i16) -> streams_group_describe::TaskOffset {
    let mut value = streams_group_describe::TaskOffset::default();
    value.subtopology_id = s.string("subtopology_id");
    value.partition = s.int32("partition");
    value.offset = s.int64("offset");
    value.unknown_tags = s.tags();
    value
}

fn assignment(s: &mut Source<'_>, version: i16) -> streams_group_describe::Assignment {
    let mut value = streams_group_describe::Assignment::default();
    value.active_tasks = s.array(|s| task_ids(s, version));
    value.standby_tasks = s.array(|s| task_ids(s, version));
    value.warmup_tasks = s.array(|s| task_ids(s, version));
    value.unknown_tags = s.tags();
    value
}

fn task_ids(s: &mut Source<'_>, _version: i16) -> streams_group_describe::TaskIds {
    let mut value = streams_group_describe::TaskIds::default();
    value.subtopology_id = s.string("subtopology_id");
    value.partitions = s.array(|s| s.int32("partitions")).into();
    value.unknown_tags = s.tags();
    value
}
