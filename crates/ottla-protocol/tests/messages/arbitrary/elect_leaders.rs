// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `ElectLeaders` out of random bytes.

use ottla_protocol::messages::elect_leaders;

use crate::source::Source;

pub(crate) fn elect_leaders_request(s: &mut Source<'_>, version: i16) -> elect_leaders::ElectLeadersRequest {
    let mut value = elect_leaders::ElectLeadersRequest::default();
    if version >= 1 {
        value.election_type = s.int8("election_type");
    }
    value.topic_partitions = s.nullable(true, |s| s.array(|s| topic_partitions(s, version)));
    value.timeout_ms = s.int32("timeout_ms");
    value.unknown_tags = s.tags();
    value
}

fn topic_partitions(s: &mut Source<'_>, _version: i16) -> elect_leaders::TopicPartitions {
    let mut value = elect_leaders::TopicPartitions::default();
    value.topic = s.string("topic");
    value.partitions = s.array(|s| s.int32("partitions")).into();
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn elect_leaders_response(
    s: &mut Source<'_>,
    version: i16,
) -> elect_leaders::ElectLeadersResponse {
    let mut value = elect_leaders::ElectLeadersResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    if version >= 1 {
        value.error_code = s.error_code("error_code");
    }
    value.replica_election_results = s.array(|s| replica_election_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn replica_election_result(s: &mut Source<'_>, version: i16) -> elect_leaders::ReplicaElectionResult {
    let mut value = elect_leaders::ReplicaElectionResult::default();
    value.topic = s.string("topic");
    value.partition_result = s.array(|s| partition_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn partition_result(s: &mut Source<'_>, _version: i16) -> elect_leaders::PartitionResult {
    let mut value = elect_leaders::PartitionResult::default();
    value.partition_id = s.int32("partition_id");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.unknown_tags = s.tags();
    value
}
