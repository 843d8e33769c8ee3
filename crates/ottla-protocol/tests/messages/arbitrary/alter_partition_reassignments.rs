// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `AlterPartitionReassignments` out of random bytes.

use ottla_protocol::messages::alter_partition_reassignments;

use crate::source::Source;

pub(crate) fn alter_partition_reassignments_request(
    s: &mut Source<'_>,
    version: i16,
) -> alter_partition_reassignments::AlterPartitionReassignmentsRequest {
    let mut value = alter_partition_reassignments::AlterPartitionReassignmentsRequest::default();
    value.timeout_ms = s.int32("timeout_ms");
    if version >= 1 {
        value.allow_replication_factor_change = s.bool("allow_replication_factor_change");
    }
    value.topics = s.array(|s| reassignable_topic(s, version));
    value.unknown_tags = s.tags();
    value
}

fn reassignable_topic(s: &mut Source<'_>, version: i16) -> alter_partition_reassignments::ReassignableTopic {
    let mut value = alter_partition_reassignments::ReassignableTopic::default();
    value.name = s.string("name");
    value.partitions = s.array(|s| reassignable_partition(s, version));
    value.unknown_tags = s.tags();
    value
}

fn reassignable_partition(
    s: &mut Source<'_>,
    _version: i16,
) -> alter_partition_reassignments::ReassignablePartition {
    let mut value = alter_partition_reassignments::ReassignablePartition::default();
    value.partition_index = s.int32("partition_index");
    value.replicas = s.nullable(true, |s| s.array(|s| s.int32("replicas")).into());
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn alter_partition_reassignments_response(
    s: &mut Source<'_>,
    version: i16,
) -> alter_partition_reassignments::AlterPartitionReassignmentsResponse {
    let mut value = alter_partition_reassignments::AlterPartitionReassignmentsResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    if version >= 1 {
        value.allow_replication_factor_change = s.bool("allow_replication_factor_change");
    }
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.responses = s.array(|s| reassignable_topic_response(s, version));
    value.unknown_tags = s.tags();
    value
}

fn reassignable_topic_response(
    s: &mut Source<'_>,
    version: i16,
) -> alter_partition_reassignments::ReassignableTopicResponse {
    let mut value = alter_partition_reassignments::ReassignableTopicResponse::default();
    value.name = s.string("name");
    value.partitions = s.array(|s| reassignable_partition_response(s, version));
    value.unknown_tags = s.tags();
    value
}

fn reassignable_partition_response(
    s: &mut Source<'_>,
    _version: i16,
) -> alter_partition_reassignments::ReassignablePartitionResponse {
    let mut value = alter_partition_reassignments::ReassignablePartitionResponse::default();
    value.partition_index = s.int32("partition_index");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.unknown_tags = s.tags();
    value
}
