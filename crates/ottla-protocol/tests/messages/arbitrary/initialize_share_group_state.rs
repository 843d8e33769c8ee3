// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `InitializeShareGroupState` out of random bytes.

use ottla_protocol::messages::initialize_share_group_state;

use crate::source::Source;

pub(crate) fn initialize_share_group_state_request(
    s: &mut Source<'_>,
    version: i16,
) -> initialize_share_group_state::InitializeShareGroupStateRequest {
    let mut value = initialize_share_group_state::InitializeShareGroupStateRequest::default();
    value.group_id = s.string("group_id");
    value.topics = s.array(|s| initialize_state_data(s, version));
    value.unknown_tags = s.tags();
    value
}

fn initialize_state_data(
    s: &mut Source<'_>,
    version: i16,
) -> initialize_share_group_state::InitializeStateData {
    let mut value = initialize_share_group_state::InitializeStateData::default();
    value.topic_id = s.uuid("topic_id");
    value.partitions = s.array(|s| partition_data(s, version));
    value.unknown_tags = s.tags();
    value
}

fn partition_data(s: &mut Source<'_>, _version: i16) -> initialize_share_group_state::PartitionData {
    let mut value = initialize_share_group_state::PartitionData::default();
    value.partition = s.int32("partition");
    value.state_epoch = s.int32("state_epoch");
    value.start_offset = s.int64("start_offset");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn initialize_share_group_state_response(
    s: &mut Source<'_>,
    version: i16,
) -> initialize_share_group_state::InitializeShareGroupStateResponse {
    let mut value = initialize_share_group_state::InitializeShareGroupStateResponse::default();
    value.results = s.array(|s| initialize_state_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn initialize_state_result(
    s: &mut Source<'_>,
    version: i16,
) -> initialize_share_group_state::InitializeStateResult {
    let mut value = initialize_share_group_state::InitializeStateResult::default();
    value.topic_id = s.uuid("topic_id");
    value.partitions = s.array(|s| partition_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn partition_result(s: &mut Source<'_>, _version: i16) -> initialize_share_group_state::PartitionResult {
    let mut value = initialize_share_group_state::PartitionResult::default();
    value.partition = s.int32("partition");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.unknown_tags = s.tags();
    value
}
