// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `OffsetDelete` out of random bytes.

use ottla_protocol::messages::offset_delete;

use crate::source::Source;

pub(crate) fn offset_delete_request(s: &mut Source<'_>, version: i16) -> offset_delete::OffsetDeleteRequest {
    let mut value = offset_delete::OffsetDeleteRequest::default();
    value.group_id = s.string("group_id");
    value.topics = s.array(|s| offset_delete_request_topic(s, version));
    value.unknown_tags = s.tags();
    value
}

fn offset_delete_request_topic(s: &mut Source<'_>, version: i16) -> offset_delete::OffsetDeleteRequestTopic {
    let mut value = offset_delete::OffsetDeleteRequestTopic::default();
    value.name = s.string("name");
    value.partitions = s.array(|s| offset_delete_request_partition(s, version));
    value.unknown_tags = s.tags();
    value
}

fn offset_delete_request_partition(
    s: &mut Source<'_>,
    _version: i16,
) -> offset_delete::OffsetDeleteRequestPartition {
    let mut value = offset_delete::OffsetDeleteRequestPartition::default();
    value.partition_index = s.int32("partition_index");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn offset_delete_response(
    s: &mut Source<'_>,
    version: i16,
) -> offset_delete::OffsetDeleteResponse {
    let mut value = offset_delete::OffsetDeleteResponse::default();
    value.error_code = s.error_code("error_code");
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.topics = s.array(|s| offset_delete_response_topic(s, version));
    value.unknown_tags = s.tags();
    value
}

fn offset_delete_response_topic(
    s: &mut Source<'_>,
    version: i16,
) -> offset_delete::OffsetDeleteResponseTopic {
    let mut value = offset_delete::OffsetDeleteResponseTopic::default();
    value.name = s.string("name");
    value.partitions = s.array(|s| offset_delete_response_partition(s, version));
    value.unknown_tags = s.tags();
    value
}

fn offset_delete_response_partition(
    s: &mut Source<'_>,
    _version: i16,
) -> offset_delete::OffsetDeleteResponsePartition {
    let mut value = offset_delete::OffsetDeleteResponsePartition::default();
    value.partition_index = s.int32("partition_index");
    value.error_code = s.error_code("error_code");
    value.unknown_tags = s.tags();
    value
}
