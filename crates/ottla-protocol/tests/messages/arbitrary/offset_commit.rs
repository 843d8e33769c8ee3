// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `OffsetCommit` out of random bytes.

use ottla_protocol::messages::offset_commit;

use crate::source::Source;

pub(crate) fn offset_commit_request(s: &mut Source<'_>, version: i16) -> offset_commit::OffsetCommitRequest {
    let mut value = offset_commit::OffsetCommitRequest::default();
    value.group_id = s.string("group_id");
    value.generation_id_or_member_epoch = s.int32("generation_id_or_member_epoch");
    value.member_id = s.string("member_id");
    if version >= 7 {
        value.group_instance_id = s.nullable(true, |s| s.string("group_instance_id"));
    }
    if version <= 4 {
        value.retention_time_ms = s.int64("retention_time_ms");
    }
    value.topics = s.array(|s| offset_commit_request_topic(s, version));
    value.unknown_tags = s.tags();
    value
}

fn offset_commit_request_topic(s: &mut Source<'_>, version: i16) -> offset_commit::OffsetCommitRequestTopic {
    let mut value = offset_commit::OffsetCommitRequestTopic::default();
    if version <= 9 {
        value.name = s.string("name");
    }
    if version >= 10 {
        value.topic_id = s.uuid("topic_id");
    }
    value.partitions = s.array(|s| offset_commit_request_partition(s, version));
    value.unknown_tags = s.tags();
    value
}

fn offset_commit_request_partition(
    s: &mut Source<'_>,
    version: i16,
) -> offset_commit::OffsetCommitRequestPartition {
    let mut value = offset_commit::OffsetCommitRequestPartition::default();
    value.partition_index = s.int32("partition_index");
    value.committed_offset = s.int64("committed_offset");
    if version >= 6 {
        value.committed_leader_epoch = s.int32("committed_leader_epoch");
    }
    value.committed_metadata = s.nullable(true, |s| s.string("committed_metadata"));
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn offset_commit_response(
    s: &mut Source<'_>,
    version: i16,
) -> offset_commit::OffsetCommitResponse {
    let mut value = offset_commit::OffsetCommitResponse::default();
    if version >= 3 {
        value.throttle_time_ms = s.int32("throttle_time_ms");
    }
    value.topics = s.array(|s| offset_commit_response_topic(s, version));
    value.unknown_tags = s.tags();
    value
}

fn offset_commit_response_topic(
    s: &mut Source<'_>,
    version: i16,
) -> offset_commit::OffsetCommitResponseTopic {
    let mut value = offset_commit::OffsetCommitResponseTopic::default();
    if version <= 9 {
        value.name = s.string("name");
    }
    if version >= 10 {
        value.topic_id = s.uuid("topic_id");
    }
    value.partitions = s.array(|s| offset_commit_response_partition(s, version));
    value.unknown_tags = s.tags();
    value
}

fn offset_commit_response_partition(
    s: &mut Source<'_>,
    _version: i16,
) -> offset_commit::OffsetCommitResponsePartition {
    let mut value = offset_commit::OffsetCommitResponsePartition::default();
    value.partition_index = s.int32("partition_index");
    value.error_code = s.error_code("error_code");
    value.unknown_tags = s.tags();
    value
}
