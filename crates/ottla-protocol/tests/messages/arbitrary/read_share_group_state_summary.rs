// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `ReadShareGroupStateSummary` out of random bytes.

use ottla_protocol::messages::read_share_group_state_summary;

use crate::source::Source;

pub(crate) fn read_share_group_state_summary_request(
    s: &mut Source<'_>,
    version: i16,
) -> read_share_group_state_summary::ReadShareGroupStateSummaryRequest {
    let mut value = read_share_group_state_summary::ReadShareGroupStateSummaryRequest::default();
    value.group_id = s.string("group_id");
    value.topics = s.array(|s| read_state_summary_data(s, version));
    value.unknown_tags = s.tags();
    value
}

fn read_state_summary_data(
    s: &mut Source<'_>,
    version: i16,
) -> read_share_group_state_summary::ReadStateSummaryData {
    let mut value = read_share_group_state_summary::ReadStateSummaryData::default();
    value.topic_id = s.uuid("topic_id");
    value.partitions = s.array(|s| partition_data(s, version));
    value.unknown_tags = s.tags();
    value
}

fn partition_data(s: &mut Source<'_>, _version: i16) -> read_share_group_state_summary::PartitionData {
    let mut value = read_share_group_state_summary::PartitionData::default();
    value.partition = s.int32("partition");
    value.leader_epoch = s.int32("leader_epoch");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn read_share_group_state_summary_response(
    s: &mut Source<'_>,
    version: i16,
) -> read_share_group_state_summary::ReadShareGroupStateSummaryResponse {
    let mut value = read_share_group_state_summary::ReadShareGroupStateSummaryResponse::default();
    value.results = s.array(|s| read_state_summary_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn read_state_summary_result(
    s: &mut Source<'_>,
    version: i16,
) -> read_share_group_state_summary::ReadStateSummaryResult {
    let mut value = read_share_group_state_summary::ReadStateSummaryResult::default();
    value.topic_id = s.uuid("topic_id");
    value.partitions = s.array(|s| partition_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn partition_result(s: &mut Source<'_>, version: i16) -> read_share_group_state_summary::PartitionResult {
    let mut value = read_share_group_state_summary::PartitionResult::default();
    value.partition = s.int32("partition");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.state_epoch = s.int32("state_epoch");
    value.leader_epoch = s.int32("leader_epoch");
    value.start_offset = s.int64("start_offset");
    if version >= 1 {
        value.delivery_complete_count = s.int32("delivery_complete_count");
    }
    value.unknown_tags = s.tags();
    value
}
