// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `CreatePartitions` out of random bytes.

use ottla_protocol::messages::create_partitions;

use crate::source::Source;

pub(crate) fn create_partitions_request(
    s: &mut Source<'_>,
    version: i16,
) -> create_partitions::CreatePartitionsRequest {
    let mut value = create_partitions::CreatePartitionsRequest::default();
    value.topics = s.array(|s| create_partitions_topic(s, version));
    value.timeout_ms = s.int32("timeout_ms");
    value.validate_only = s.bool("validate_only");
    value.unknown_tags = s.tags();
    value
}

fn create_partitions_topic(s: &mut Source<'_>, version: i16) -> create_partitions::CreatePartitionsTopic {
    let mut value = create_partitions::CreatePartitionsTopic::default();
    value.name = s.string("name");
    value.count = s.int32("count");
    value.assignments = s.nullable(true, |s| s.array(|s| create_partitions_assignment(s, version)));
    value.unknown_tags = s.tags();
    value
}

fn create_partitions_assignment(
    s: &mut Source<'_>,
    _version: i16,
) -> create_partitions::CreatePartitionsAssignment {
    let mut value = create_partitions::CreatePartitionsAssignment::default();
    value.broker_ids = s.array(|s| s.int32("broker_ids")).into();
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn create_partitions_response(
    s: &mut Source<'_>,
    version: i16,
) -> create_partitions::CreatePartitionsResponse {
    let mut value = create_partitions::CreatePartitionsResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.results = s.array(|s| create_partitions_topic_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn create_partitions_topic_result(
    s: &mut Source<'_>,
    _version: i16,
) -> create_partitions::CreatePartitionsTopicResult {
    let mut value = create_partitions::CreatePartitionsTopicResult::default();
    value.name = s.string("name");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.unknown_tags = s.tags();
    value
}
