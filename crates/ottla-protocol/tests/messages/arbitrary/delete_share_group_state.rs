// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `DeleteShareGroupState` out of random bytes.

use ottla_protocol::messages::delete_share_group_state;

use crate::source::Source;

pub(crate) fn delete_share_group_state_request(
    s: &mut Source<'_>,
    version: i16,
) -> delete_share_group_state::DeleteShareGroupStateRequest {
    let mut value = delete_share_group_state::DeleteShareGroupStateRequest::default();
    value.group_id = s.string("group_id");
    value.topics = s.array(|s| delete_state_data(s, version));
    value.unknown_tags = s.tags();
    value
}

fn delete_state_data(s: &mut Source<'_>, version: i16) -> delete_share_group_state::DeleteStateData {
    let mut value = delete_share_group_state::DeleteStateData::default();
    value.topic_id = s.uuid("topic_id");
    value.partitions = s.array(|s| partition_data(s, version));
    value.unknown_tags = s.tags();
    value
}

fn partition_data(s: &mut Source<'_>, _version: i16) -> delete_share_group_state::PartitionData {
    let mut value = delete_share_group_state::PartitionData::default();
    value.partition = s.int32("partition");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn delete_share_group_state_response(
    s: &mut Source<'_>,
    version: i16,
) -> delete_share_group_state::DeleteShareGroupStateResponse {
    let mut value = delete_share_group_state::DeleteShareGroupStateResponse::default();
    value.results = s.array(|s| delete_state_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn delete_state_result(s: &mut Source<'_>, version: i16) -> delete_share_group_state::DeleteStateResult {
    let mut value = delete_share_group_state::DeleteStateResult::default();
    value.topic_id = s.uuid("topic_id");
    value.partitions = s.array(|s| partition_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn partition_result(s: &mut Source<'_>, _version: i16) -> delete_share_group_state::PartitionResult {
    let mut value = delete_share_group_state::PartitionResult::default();
    value.partition = s.int32("partition");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.unknown_tags = s.tags();
    value
}
