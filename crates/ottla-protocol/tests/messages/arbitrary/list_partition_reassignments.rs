// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `ListPartitionReassignments` out of random bytes.

use ottla_protocol::messages::list_partition_reassignments;

use crate::source::Source;

pub(crate) fn list_partition_reassignments_request(
    s: &mut Source<'_>,
    version: i16,
) -> list_partition_reassignments::ListPartitionReassignmentsRequest {
    let mut value = list_partition_reassignments::ListPartitionReassignmentsRequest::default();
    value.timeout_ms = s.int32("timeout_ms");
    value.topics = s.nullable(true, |s| s.array(|s| list_partition_reassignments_topics(s, version)));
    value.unknown_tags = s.tags();
    value
}

fn list_partition_reassignments_topics(
    s: &mut Source<'_>,
    _version: i16,
) -> list_partition_reassignments::ListPartitionReassignmentsTopics {
    let mut value = list_partition_reassignments::ListPartitionReassignmentsTopics::default();
    value.name = s.string("name");
    value.partition_indexes = s.array(|s| s.int32("partition_indexes")).into();
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn list_partition_reassignments_response(
    s: &mut Source<'_>,
    version: i16,
) -> list_partition_reassignments::ListPartitionReassignmentsResponse {
    let mut value = list_partition_reassignments::ListPartitionReassignmentsResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.topics = s.array(|s| ongoing_topic_reassignment(s, version));
    value.unknown_tags = s.tags();
    value
}

fn ongoing_topic_reassignment(
    s: &mut Source<'_>,
    version: i16,
) -> list_partition_reassignments::OngoingTopicReassignment {
    let mut value = list_partition_reassignments::OngoingTopicReassignment::default();
    value.name = s.string("name");
    value.partitions = s.array(|s| ongoing_partition_reassignment(s, version));
    value.unknown_tags = s.tags();
    value
}

fn ongoing_partition_reassignment(
    s: &mut Source<'_>,
    _version: i16,
) -> list_partition_reassignments::OngoingPartitionReassignment {
    let mut value = list_partition_reassignments::OngoingPartitionReassignment::default();
    value.partition_index = s.int32("partition_index");
    value.replicas = s.array(|s| s.int32("replicas")).into();
    value.adding_replicas = s.array(|s| s.int32("adding_replicas")).into();
    value.removing_replicas = s.array(|s| s.int32("removing_replicas")).into();
    value.unknown_tags = s.tags();
    value
}
