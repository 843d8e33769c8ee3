// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `ListOffsets` out of random bytes.

use ottla_protocol::messages::list_offsets;

use crate::source::Source;

pub(crate) fn list_offsets_request(s: &mut Source<'_>, version: i16) -> list_offsets::ListOffsetsRequest {
    let mut value = list_offsets::ListOffsetsRequest::default();
    value.replica_id = s.int32("replica_id");
    if version >= 2 {
        value.isolation_level = s.int8("isolation_level");
    }
    value.topics = s.array(|s| list_offsets_topic(s, version));
    if version >= 10 {
        value.timeout_ms = s.int32("timeout_ms");
    }
    value.unknown_tags = s.tags();
    value
}

fn list_offsets_topic(s: &mut Source<'_>, version: i16) -> list_offsets::ListOffsetsTopic {
    let mut value = list_offsets::ListOffsetsTopic::default();
    value.name = s.string("name");
    value.partitions = s.array(|s| list_offsets_partition(s, version));
    value.unknown_tags = s.tags();
    value
}

fn list_offsets_partition(s: &mut Source<'_>, version: i16) -> list_offsets::ListOffsetsPartition {
    let mut value = list_offsets::ListOffsetsPartition::default();
    value.partition_index = s.int32("partition_index");
    if version >= 4 {
        value.current_leader_epoch = s.int32("current_leader_epoch");
    }
    value.timestamp = s.int64("timestamp");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn list_offsets_response(s: &mut Source<'_>, version: i16) -> list_offsets::ListOffsetsResponse {
    let mut value = list_offsets::ListOffsetsResponse::default();
    if version >= 2 {
        value.throttle_time_ms = s.int32("throttle_time_ms");
    }
    value.topics = s.array(|s| list_offsets_topic_response(s, version));
    value.unknown_tags = s.tags();
    value
}

fn list_offsets_topic_response(s: &mut Source<'_>, version: i16) -> list_offsets::ListOffsetsTopicResponse {
    let mut value = list_offsets::ListOffsetsTopicResponse::default();
    value.name = s.string("name");
    value.partitions = s.array(|s| list_offsets_partition_response(s, version));
    value.unknown_tags = s.tags();
    value
}

fn list_offsets_partition_response(
    s: &mut Source<'_>,
    version: i16,
) -> list_offsets::ListOffsetsPartitionResponse {
    let mut value = list_offsets::ListOffsetsPartitionResponse::default();
    value.partition_index = s.int32("partition_index");
    value.error_code = s.error_code("error_code");
    value.timestamp = s.int64("timestamp");
    value.offset = s.int64("offset");
    if version >= 4 {
        value.leader_epoch = s.int32("leader_epoch");
    }
    value.unknown_tags = s.tags();
    value
}
