// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `DescribeShareGroupOffsets` out of random bytes.

use ottla_protocol::messages::describe_share_group_offsets;

use crate::source::Source;

pub(crate) fn describe_share_group_offsets_request(
    s: &mut Source<'_>,
    version: i16,
) -> describe_share_group_offsets::DescribeShareGroupOffsetsRequest {
    let mut value = describe_share_group_offsets::DescribeShareGroupOffsetsRequest::default();
    value.groups = s.array(|s| describe_share_group_offsets_request_group(s, version));
    value.unknown_tags = s.tags();
    value
}

fn describe_share_group_offsets_request_group(
    s: &mut Source<'_>,
    version: i16,
) -> describe_share_group_offsets::DescribeShareGroupOffsetsRequestGroup {
    let mut value = describe_share_group_offsets::DescribeShareGroupOffsetsRequestGroup::default();
    value.group_id = s.string("group_id");
    value.topics = s.nullable(true, |s| s.array(|s| describe_share_group_offsets_request_topic(s, version)));
    value.unknown_tags = s.tags();
    value
}

fn describe_share_group_offsets_request_topic(
    s: &mut Source<'_>,
    _version: i16,
) -> describe_share_group_offsets::DescribeShareGroupOffsetsRequestTopic {
    let mut value = describe_share_group_offsets::DescribeShareGroupOffsetsRequestTopic::default();
    value.topic_name = s.string("topic_name");
    value.partitions = s.array(|s| s.int32("partitions")).into();
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn describe_share_group_offsets_response(
    s: &mut Source<'_>,
    version: i16,
) -> describe_share_group_offsets::DescribeShareGroupOffsetsResponse {
    let mut value = describe_share_group_offsets::DescribeShareGroupOffsetsResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.groups = s.array(|s| describe_share_group_offsets_response_group(s, version));
    value.unknown_tags = s.tags();
    value
}

fn describe_share_group_offsets_response_group(
    s: &mut Source<'_>,
    version: i16,
) -> describe_share_group_offsets::DescribeShareGroupOffsetsResponseGroup {
    let mut value = describe_share_group_offsets::DescribeShareGroupOffsetsResponseGroup::default();
    value.group_id = s.string("group_id");
    value.topics = s.array(|s| describe_share_group_offsets_response_topic(s, version));
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.unknown_tags = s.tags();
    value
}

fn describe_share_group_offsets_response_topic(
    s: &mut Source<'_>,
    version: i16,
) -> describe_share_group_offsets::DescribeShareGroupOffsetsResponseTopic {
    let mut value = describe_share_group_offsets::DescribeShareGroupOffsetsResponseTopic::default();
    value.topic_name = s.string("topic_name");
    value.topic_id = s.uuid("topic_id");
    value.partitions = s.array(|s| describe_share_group_offsets_response_partition(s, version));
    value.unknown_tags = s.tags();
    value
}

fn describe_share_group_offsets_response_partition(
    s: &mut Source<'_>,
    version: i16,
) -> describe_share_group_offsets::DescribeShareGroupOffsetsResponsePartition {
    let mut value = describe_share_group_offsets::DescribeShareGroupOffsetsResponsePartition::default();
    value.partition_index = s.int32("partition_index");
    value.start_offset = s.int64("start_offset");
    value.leader_epoch = s.int32("leader_epoch");
    if version >= 1 {
        value.lag = s.int64("lag");
    }
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.unknown_tags = s.tags();
    value
}
