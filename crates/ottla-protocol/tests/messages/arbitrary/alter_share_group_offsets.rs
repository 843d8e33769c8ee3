// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `AlterShareGroupOffsets` out of random bytes.

use ottla_protocol::messages::alter_share_group_offsets;

use crate::source::Source;

pub(crate) fn alter_share_group_offsets_request(
    s: &mut Source<'_>,
    version: i16,
) -> alter_share_group_offsets::AlterShareGroupOffsetsRequest {
    let mut value = alter_share_group_offsets::AlterShareGroupOffsetsRequest::default();
    value.group_id = s.string("group_id");
    value.topics = s.array(|s| alter_share_group_offsets_request_topic(s, version));
    value.unknown_tags = s.tags();
    value
}

fn alter_share_group_offsets_request_topic(
    s: &mut Source<'_>,
    version: i16,
) -> alter_share_group_offsets::AlterShareGroupOffsetsRequestTopic {
    let mut value = alter_share_group_offsets::AlterShareGroupOffsetsRequestTopic::default();
    value.topic_name = s.string("topic_name");
    value.partitions = s.array(|s| alter_share_group_offsets_request_partition(s, version));
    value.unknown_tags = s.tags();
    value
}

fn alter_share_group_offsets_request_partition(
    s: &mut Source<'_>,
    _version: i16,
) -> alter_share_group_offsets::AlterShareGroupOffsetsRequestPartition {
    let mut value = alter_share_group_offsets::AlterShareGroupOffsetsRequestPartition::default();
    value.partition_index = s.int32("partition_index");
    value.start_offset = s.int64("start_offset");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn alter_share_group_offsets_response(
    s: &mut Source<'_>,
    version: i16,
) -> alter_share_group_offsets::AlterShareGroupOffsetsResponse {
    let mut value = alter_share_group_offsets::AlterShareGroupOffsetsResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.responses = s.array(|s| alter_share_group_offsets_response_topic(s, version));
    value.unknown_tags = s.tags();
    value
}

fn alter_share_group_offsets_response_topic(
    s: &mut Source<'_>,
    version: i16,
) -> alter_share_group_offsets::AlterShareGroupOffsetsResponseTopic {
    let mut value = alter_share_group_offsets::AlterShareGroupOffsetsResponseTopic::default();
    value.topic_name = s.string("topic_name");
    value.topic_id = s.uuid("topic_id");
    value.partitions = s.array(|s| alter_share_group_offsets_response_partition(s, version));
    value.unknown_tags = s.tags();
    value
}

fn alter_share_group_offsets_response_partition(
    s: &mut Source<'_>,
    _version: i16,
) -> alter_share_group_offsets::AlterShareGroupOffsetsResponsePartition {
    let mut value = alter_share_group_offsets::AlterShareGroupOffsetsResponsePartition::default();
    value.partition_index = s.int32("partition_index");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.unknown_tags = s.tags();
    value
}
