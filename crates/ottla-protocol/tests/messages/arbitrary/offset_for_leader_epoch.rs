// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `OffsetForLeaderEpoch` out of random bytes.

use ottla_protocol::messages::offset_for_leader_epoch;

use crate::source::Source;

pub(crate) fn offset_for_leader_epoch_request(
    s: &mut Source<'_>,
    version: i16,
) -> offset_for_leader_epoch::OffsetForLeaderEpochRequest {
    let mut value = offset_for_leader_epoch::OffsetForLeaderEpochRequest::default();
    if version >= 3 {
        value.replica_id = s.int32("replica_id");
    }
    value.topics = s.array(|s| offset_for_leader_topic(s, version));
    value.unknown_tags = s.tags();
    value
}

fn offset_for_leader_topic(
    s: &mut Source<'_>,
    version: i16,
) -> offset_for_leader_epoch::OffsetForLeaderTopic {
    let mut value = offset_for_leader_epoch::OffsetForLeaderTopic::default();
    value.topic = s.string("topic");
    value.partitions = s.array(|s| offset_for_leader_partition(s, version));
    value.unknown_tags = s.tags();
    value
}

fn offset_for_leader_partition(
    s: &mut Source<'_>,
    _version: i16,
) -> offset_for_leader_epoch::OffsetForLeaderPartition {
    let mut value = offset_for_leader_epoch::OffsetForLeaderPartition::default();
    value.partition = s.int32("partition");
    value.current_leader_epoch = s.int32("current_leader_epoch");
    value.leader_epoch = s.int32("leader_epoch");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn offset_for_leader_epoch_response(
    s: &mut Source<'_>,
    version: i16,
) -> offset_for_leader_epoch::OffsetForLeaderEpochResponse {
    let mut value = offset_for_leader_epoch::OffsetForLeaderEpochResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.topics = s.array(|s| offset_for_leader_topic_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn offset_for_leader_topic_result(
    s: &mut Source<'_>,
    version: i16,
) -> offset_for_leader_epoch::OffsetForLeaderTopicResult {
    let mut value = offset_for_leader_epoch::OffsetForLeaderTopicResult::default();
    value.topic = s.string("topic");
    value.partitions = s.array(|s| epoch_end_offset(s, version));
    value.unknown_tags = s.tags();
    value
}

fn epoch_end_offset(s: &mut Source<'_>, _version: i16) -> offset_for_leader_epoch::EpochEndOffset {
    let mut value = offset_for_leader_epoch::EpochEndOffset::default();
    value.error_code = s.error_code("error_code");
    value.partition = s.int32("partition");
    value.leader_epoch = s.int32("leader_epoch");
    value.end_offset = s.int64("end_offset");
    value.unknown_tags = s.tags();
    value
}
