// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `ReadShareGroupState` out of random bytes.

use ottla_protocol::messages::read_share_group_state;

use crate::source::Source;

pub(crate) fn read_share_group_state_request(
    s: &mut Source<'_>,
    version: i16,
) -> read_share_group_state::ReadShareGroupStateRequest {
    let mut value = read_share_group_state::ReadShareGroupStateRequest::default();
    value.group_id = s.string("group_id");
    value.topics = s.array(|s| read_state_data(s, version));
    value.unknown_tags = s.tags();
    value
}

fn read_state_data(s: &mut Source<'_>, version: i16) -> read_share_group_state::ReadStateData {
    let mut value = read_share_group_state::ReadStateData::default();
    value.topic_id = s.uuid("topic_id");
    value.partitions = s.array(|s| partition_data(s, version));
    value.unknown_tags = s.tags();
    value
}

fn partition_data(s: &mut Source<'_>, _version: i16) -> read_share_group_state::PartitionData {
    let mut value = read_share_group_state::PartitionData::default();
    value.partition = s.int32("partition");
    value.leader_epoch = s.int32("leader_epoch");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn read_share_group_state_response(
    s: &mut Source<'_>,
    version: i16,
) -> read_share_group_state::ReadShareGroupStateResponse {
    let mut value = read_share_group_state::ReadShareGroupStateResponse::default();
    value.results = s.array(|s| read_state_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn read_state_result(s: &mut Source<'_>, version: i16) -> read_share_group_state::ReadStateResult {
    let mut value = read_share_group_state::ReadStateResult::default();
    value.topic_id = s.uuid("topic_id");
    value.partitions = s.array(|s| partition_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn partition_result(s: &mut Source<'_>, version: i16) -> read_share_group_state::PartitionResult {
    let mut value = read_share_group_state::PartitionResult::default();
    value.partition = s.int32("partition");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.state_epoch = s.int32("state_epoch");
    value.start_offset = s.int64("start_offset");
    value.state_batches = s.array(|s| state_batch(s, version));
    value.unknown_tags = s.tags();
    value
}

fn state_batch(s: &mut Source<'_>, _version: i16) -> read_share_group_state::StateBatch {
    let mut value = read_share_group_state::StateBatch::default();
    value.first_offset = s.int64("first_offset");
    value.last_offset = s.int64("last_offset");
    value.delivery_state = s.int8("delivery_state");
    value.delivery_count = s.int16("delivery_count");
    value.unknown_tags = s.tags();
    value
}
