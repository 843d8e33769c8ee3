// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `TxnOffsetCommit` out of random bytes.

use ottla_protocol::messages::txn_offset_commit;

use crate::source::Source;

pub(crate) fn txn_offset_commit_request(
    s: &mut Source<'_>,
    version: i16,
) -> txn_offset_commit::TxnOffsetCommitRequest {
    let mut value = txn_offset_commit::TxnOffsetCommitRequest::default();
    value.transactional_id = s.string("transactional_id");
    value.group_id = s.string("group_id");
    value.producer_id = s.int64("producer_id");
    value.producer_epoch = s.int16("producer_epoch");
    if version >= 3 {
        value.generation_id = s.int32("generation_id");
    }
    if version >= 3 {
        value.member_id = s.string("member_id");
    }
    if version >= 3 {
        value.group_instance_id = s.nullable(true, |s| s.string("group_instance_id"));
    }
    value.topics = s.array(|s| txn_offset_commit_request_topic(s, version));
    value.unknown_tags = s.tags();
    value
}

fn txn_offset_commit_request_topic(
    s: &mut Source<'_>,
    version: i16,
) -> txn_offset_commit::TxnOffsetCommitRequestTopic {
    let mut value = txn_offset_commit::TxnOffsetCommitRequestTopic::default();
    value.name = s.string("name");
    value.partitions = s.array(|s| txn_offset_commit_request_partition(s, version));
    value.unknown_tags = s.tags();
    value
}

fn txn_offset_commit_request_partition(
    s: &mut Source<'_>,
    version: i16,
) -> txn_offset_commit::TxnOffsetCommitRequestPartition {
    let mut value = txn_offset_commit::TxnOffsetCommitRequestPartition::default();
    value.partition_index = s.int32("partition_index");
    value.committed_offset = s.int64("committed_offset");
    if version >= 2 {
        value.committed_leader_epoch = s.int32("committed_leader_epoch");
    }
    value.committed_metadata = s.nullable(true, |s| s.string("committed_metadata"));
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn txn_offset_commit_response(
    s: &mut Source<'_>,
    version: i16,
) -> txn_offset_commit::TxnOffsetCommitResponse {
    let mut value = txn_offset_commit::TxnOffsetCommitResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.topics = s.array(|s| txn_offset_commit_response_topic(s, version));
    value.unknown_tags = s.tags();
    value
}

fn txn_offset_commit_response_topic(
    s: &mut Source<'_>,
    version: i16,
) -> txn_offset_commit::TxnOffsetCommitResponseTopic {
    let mut value = txn_offset_commit::TxnOffsetCommitResponseTopic::default();
    value.name = s.string("name");
    value.partitions = s.array(|s| txn_offset_commit_response_partition(s, version));
    value.unknown_tags = s.tags();
    value
}

fn txn_offset_commit_response_partition(
    s: &mut Source<'_>,
    _version: i16,
) -> txn_offset_commit::TxnOffsetCommitResponsePartition {
    let mut value = txn_offset_commit::TxnOffsetCommitResponsePartition::default();
    value.partition_index = s.int32("partition_index");
    value.error_code = s.error_code("error_code");
    value.unknown_tags = s.tags();
    value
}
