// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `AlterReplicaLogDirs` out of random bytes.

use ottla_protocol::messages::alter_replica_log_dirs;

use crate::source::Source;

pub(crate) fn alter_replica_log_dirs_request(
    s: &mut Source<'_>,
    version: i16,
) -> alter_replica_log_dirs::AlterReplicaLogDirsRequest {
    let mut value = alter_replica_log_dirs::AlterReplicaLogDirsRequest::default();
    value.dirs = s.array(|s| alter_replica_log_dir(s, version));
    value.unknown_tags = s.tags();
    value
}

fn alter_replica_log_dir(s: &mut Source<'_>, version: i16) -> alter_replica_log_dirs::AlterReplicaLogDir {
    let mut value = alter_replica_log_dirs::AlterReplicaLogDir::default();
    value.path = s.string("path");
    value.topics = s.array(|s| alter_replica_log_dir_topic(s, version));
    value.unknown_tags = s.tags();
    value
}

fn alter_replica_log_dir_topic(
    s: &mut Source<'_>,
    _version: i16,
) -> alter_replica_log_dirs::AlterReplicaLogDirTopic {
    let mut value = alter_replica_log_dirs::AlterReplicaLogDirTopic::default();
    value.name = s.string("name");
    value.partitions = s.array(|s| s.int32("partitions")).into();
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn alter_replica_log_dirs_response(
    s: &mut Source<'_>,
    version: i16,
) -> alter_replica_log_dirs::AlterReplicaLogDirsResponse {
    let mut value = alter_replica_log_dirs::AlterReplicaLogDirsResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.results = s.array(|s| alter_replica_log_dir_topic_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn alter_replica_log_dir_topic_result(
    s: &mut Source<'_>,
    version: i16,
) -> alter_replica_log_dirs::AlterReplicaLogDirTopicResult {
    let mut value = alter_replica_log_dirs::AlterReplicaLogDirTopicResult::default();
    value.topic_name = s.string("topic_name");
    value.partitions = s.array(|s| alter_replica_log_dir_partition_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn alter_replica_log_dir_partition_result(
    s: &mut Source<'_>,
    _version: i16,
) -> alter_replica_log_dirs::AlterReplicaLogDirPartitionResult {
    let mut value = alter_replica_log_dirs::AlterReplicaLogDirPartitionResult::default();
    value.partition_index = s.int32("partition_index");
    value.error_code = s.error_code("error_code");
    value.unknown_tags = s.tags();
    value
}
