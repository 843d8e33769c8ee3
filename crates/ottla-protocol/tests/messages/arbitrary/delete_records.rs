// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `DeleteRecords` out of random bytes.

use ottla_protocol::messages::delete_records;

use crate::source::Source;

pub(crate) fn delete_records_request(
    s: &mut Source<'_>,
    version: i16,
) -> delete_records::DeleteRecordsRequest {
    let mut value = delete_records::DeleteRecordsRequest::default();
    value.topics = s.array(|s| delete_records_topic(s, version));
    value.timeout_ms = s.int32("timeout_ms");
    value.unknown_tags = s.tags();
    value
}

fn delete_records_topic(s: &mut Source<'_>, version: i16) -> delete_records::DeleteRecordsTopic {
    let mut value = delete_records::DeleteRecordsTopic::default();
    value.name = s.string("name");
    value.partitions = s.array(|s| delete_records_partition(s, version));
    value.unknown_tags = s.tags();
    value
}

fn delete_records_partition(s: &mut Source<'_>, _version: i16) -> delete_records::DeleteRecordsPartition {
    let mut value = delete_records::DeleteRecordsPartition::default();
    value.partition_index = s.int32("partition_index");
    value.offset = s.int64("offset");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn delete_records_response(
    s: &mut Source<'_>,
    version: i16,
) -> delete_records::DeleteRecordsResponse {
    let mut value = delete_records::DeleteRecordsResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.topics = s.array(|s| delete_records_topic_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn delete_records_topic_result(s: &mut Source<'_>, version: i16) -> delete_records::DeleteRecordsTopicResult {
    let mut value = delete_records::DeleteRecordsTopicResult::default();
    value.name = s.string("name");
    value.partitions = s.array(|s| delete_records_partition_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn delete_records_partition_result(
    s: &mut Source<'_>,
    _version: i16,
) -> delete_records::DeleteRecordsPartitionResult {
    let mut value = delete_records::DeleteRecordsPartitionResult::default();
    value.partition_index = s.int32("partition_index");
    value.low_watermark = s.int64("low_watermark");
    value.error_code = s.error_code("error_code");
    value.unknown_tags = s.tags();
    value
}
