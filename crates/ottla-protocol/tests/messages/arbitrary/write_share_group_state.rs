// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `WriteShareGroupState` out of random bytes.

use ottla_protocol::messages::write_share_group_state;

use crate::source::Source;

pub(crate) fn write_share_group_state_request(
    s: &mut Source<'_>,
    version: i16,
) -> write_share_group_state::WriteShareGroupStateRequest {
    let mut value = write_share_group_state::WriteShareGroupStateRequest::default();
    value.group_id = s.string("group_id");
    value.topics = s.array(|s| write_state_data(s, version));
    value.unknown_tags = s.tags();
    value
}

fn write_state_data(s: &mut Source<'_>, version: i16) -> write_share_group_state::WriteStateData {
    let mut value = write_share_group_state::WriteStateData::default();
    value.topic_id = s.uuid("topic_id");
    value.partitions = s.array(|s| partition_data(s, version));
    value.unknown_tags = s.tags();
    value
}

fn partition_data(s: &mut Source<'_>, version: i16) -> write_share_group_state::PartitionData {
    let mut value = write_share_group_state::PartitionData::default();
    value.partition = s.int32("partition");
    value.state_epoch = s.int32("state_epoch");
    value.leader_epoch = s.int32("leader_epoch");
    value.start_offset = s.int64("start_offset");
    if version >= 1 {
        value.delivery_complete_count = s.int32("delivery_complete_count");
    }
    value.state_batches = s.array(|s| state_batch(s, version));
    value.unknown_tags = s.tags();
    value
}

fn state_batch(s: &mut Source<'_>, _version: i16) -> write_share_group_state::StateBatch {
    let mut value = write_share_group_state::StateBatch::default();
    value.first_offset = s.int64("first_offset");
    value.last_offset = s.int64("last_offset");
    value.delivery_state = s.int8("delivery_state");
    value.delivery_count = s.int16("delivery_count");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn write_share_group_state_response(
    s: &mut Source<'_>,
    version: i16,
) -> write_share_group_state::WriteShareGroupStateResponse {
    let mut value = write_share_group_state::WriteShareGroupStateResponse::default();
    value.results = s.array(|s| write_state_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn write_state_result(s: &mut Source<'_>, version: i16) -> write_share_group_state::WriteStateResult {
    let mut value = write_share_group_state::WriteStateResult::default();
    value.topic_id = s.uuid("topic_id");
    value.partitions = s.array(|s| partition_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn partition_result(s: &mut Source<'_>, _version: i16) -> write_share_group_state::PartitionResult {
    let mut value = write_share_group_state::PartitionResult::default();
    value.partition = s.int32("partition");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.unknown_tags = s.tags();
    value
}
