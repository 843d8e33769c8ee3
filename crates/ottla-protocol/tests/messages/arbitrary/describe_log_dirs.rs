// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `DescribeLogDirs` out of random bytes.

use ottla_protocol::messages::describe_log_dirs;

use crate::source::Source;

pub(crate) fn describe_log_dirs_request(
    s: &mut Source<'_>,
    version: i16,
) -> describe_log_dirs::DescribeLogDirsRequest {
    let mut value = describe_log_dirs::DescribeLogDirsRequest::default();
    value.topics = s.nullable(true, |s| s.array(|s| describable_log_dir_topic(s, version)));
    value.unknown_tags = s.tags();
    value
}

fn describable_log_dir_topic(s: &mut Source<'_>, _version: i16) -> describe_log_dirs::DescribableLogDirTopic {
    let mut value = describe_log_dirs::DescribableLogDirTopic::default();
    value.topic = s.string("topic");
    value.partitions = s.array(|s| s.int32("partitions")).into();
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn describe_log_dirs_response(
    s: &mut Source<'_>,
    version: i16,
) -> describe_log_dirs::DescribeLogDirsResponse {
    let mut value = describe_log_dirs::DescribeLogDirsResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    if version >= 3 {
        value.error_code = s.error_code("error_code");
    }
    value.results = s.array(|s| describe_log_dirs_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn describe_log_dirs_result(s: &mut Source<'_>, version: i16) -> describe_log_dirs::DescribeLogDirsResult {
    let mut value = describe_log_dirs::DescribeLogDirsResult::default();
    value.error_code = s.error_code("error_code");
    value.log_dir = s.string("log_dir");
    value.topics = s.array(|s| describe_log_dirs_topic(s, version));
    if version >= 4 {
        value.total_bytes = s.int64("total_bytes");
    }
    if version >= 4 {
        value.usable_bytes = s.int64("usable_bytes");
    }
    if version >= 5 {
        value.is_cordoned = s.bool("is_cordoned");
    }
    value.unknown_tags = s.tags();
    value
}

fn describe_log_dirs_topic(s: &mut Source<'_>, version: i16) -> describe_log_dirs::DescribeLogDirsTopic {
    let mut value = describe_log_dirs::DescribeLogDirsTopic::default();
    value.name = s.string("name");
    value.partitions = s.array(|s| describe_log_dirs_partition(s, version));
    value.unknown_tags = s.tags();
    value
}

fn describe_log_dirs_partition(
    s: &mut Source<'_>,
    _version: i16,
) -> describe_log_dirs::DescribeLogDirsPartition {
    let mut value = describe_log_dirs::DescribeLogDirsPartition::default();
    value.partition_index = s.int32("partition_index");
    value.partition_size = s.int64("partition_size");
    value.offset_lag = s.int64("offset_lag");
    value.is_future_key = s.bool("is_future_key");
    value.unknown_tags = s.tags();
    value
}
