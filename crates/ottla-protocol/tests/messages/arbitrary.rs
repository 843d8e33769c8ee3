// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Any message that a version can carry, made out of random bytes by [`Source`].

use ottla_protocol::ApiKey;
use ottla_protocol::messages::{RequestBody, ResponseBody};

use super::source::Source;

mod alter_configs;
mod api_versions;
mod create_partitions;
mod create_topics;
mod delete_groups;
mod delete_topics;
mod describe_cluster;
mod describe_configs;
mod describe_groups;
mod describe_log_dirs;
mod describe_topic_partitions;
mod fetch;
mod find_coordinator;
mod heartbeat;
mod incremental_alter_configs;
mod init_producer_id;
mod join_group;
mod leave_group;
mod list_groups;
mod list_offsets;
mod metadata;
mod offset_commit;
mod offset_delete;
mod offset_fetch;
mod offset_for_leader_epoch;
mod produce;
mod sync_group;

/// Any request of this API that the version can carry.
pub(crate) fn request(s: &mut Source<'_>, api: ApiKey, version: i16) -> RequestBody {
    match api {
        ApiKey::Produce => produce::produce_request(s, version).into(),
        ApiKey::Fetch => fetch::fetch_request(s, version).into(),
        ApiKey::ListOffsets => list_offsets::list_offsets_request(s, version).into(),
        ApiKey::Metadata => metadata::metadata_request(s, version).into(),
        ApiKey::OffsetCommit => offset_commit::offset_commit_request(s, version).into(),
        ApiKey::OffsetFetch => offset_fetch::offset_fetch_request(s, version).into(),
        ApiKey::FindCoordinator => find_coordinator::find_coordinator_request(s, version).into(),
        ApiKey::JoinGroup => join_group::join_group_request(s, version).into(),
        ApiKey::Heartbeat => heartbeat::heartbeat_request(s, version).into(),
        ApiKey::LeaveGroup => leave_group::leave_group_request(s, version).into(),
        ApiKey::SyncGroup => sync_group::sync_group_request(s, version).into(),
        ApiKey::DescribeGroups => describe_groups::describe_groups_request(s, version).into(),
        ApiKey::ListGroups => list_groups::list_groups_request(s, version).into(),
        ApiKey::ApiVersions => api_versions::api_versions_request(s, version).into(),
        ApiKey::CreateTopics => create_topics::create_topics_request(s, version).into(),
        ApiKey::DeleteTopics => delete_topics::delete_topics_request(s, version).into(),
        ApiKey::InitProducerId => init_producer_id::init_producer_id_request(s, version).into(),
        ApiKey::OffsetForLeaderEpoch => {
            offset_for_leader_epoch::offset_for_leader_epoch_request(s, version).into()
        }
        ApiKey::DescribeConfigs => describe_configs::describe_configs_request(s, version).into(),
        ApiKey::AlterConfigs => alter_configs::alter_configs_request(s, version).into(),
        ApiKey::DescribeLogDirs => describe_log_dirs::describe_log_dirs_request(s, version).into(),
        ApiKey::CreatePartitions => create_partitions::create_partitions_request(s, version).into(),
        ApiKey::DeleteGroups => delete_groups::delete_groups_request(s, version).into(),
        ApiKey::IncrementalAlterConfigs => {
            incremental_alter_configs::incremental_alter_configs_request(s, version).into()
        }
        ApiKey::OffsetDelete => offset_delete::offset_delete_request(s, version).into(),
        ApiKey::DescribeCluster => describe_cluster::describe_cluster_request(s, version).into(),
        ApiKey::DescribeTopicPartitions => {
            describe_topic_partitions::describe_topic_partitions_request(s, version).into()
        }
        other => panic!("{other} has no messages"),
    }
}

/// Any response of this API that the version can carry.
pub(crate) fn response(s: &mut Source<'_>, api: ApiKey, version: i16) -> ResponseBody {
    match api {
        ApiKey::Produce => produce::produce_response(s, version).into(),
        ApiKey::Fetch => fetch::fetch_response(s, version).into(),
        ApiKey::ListOffsets => list_offsets::list_offsets_response(s, version).into(),
        ApiKey::Metadata => metadata::metadata_response(s, version).into(),
        ApiKey::OffsetCommit => offset_commit::offset_commit_response(s, version).into(),
        ApiKey::OffsetFetch => offset_fetch::offset_fetch_response(s, version).into(),
        ApiKey::FindCoordinator => find_coordinator::find_coordinator_response(s, version).into(),
        ApiKey::JoinGroup => join_group::join_group_response(s, version).into(),
        ApiKey::Heartbeat => heartbeat::heartbeat_response(s, version).into(),
        ApiKey::LeaveGroup => leave_group::leave_group_response(s, version).into(),
        ApiKey::SyncGroup => sync_group::sync_group_response(s, version).into(),
        ApiKey::DescribeGroups => describe_groups::describe_groups_response(s, version).into(),
        ApiKey::ListGroups => list_groups::list_groups_response(s, version).into(),
        ApiKey::ApiVersions => api_versions::api_versions_response(s, version).into(),
        ApiKey::CreateTopics => create_topics::create_topics_response(s, version).into(),
        ApiKey::DeleteTopics => delete_topics::delete_topics_response(s, version).into(),
        ApiKey::InitProducerId => init_producer_id::init_producer_id_response(s, version).into(),
        ApiKey::OffsetForLeaderEpoch => {
            offset_for_leader_epoch::offset_for_leader_epoch_response(s, version).into()
        }
        ApiKey::DescribeConfigs => describe_configs::describe_configs_response(s, version).into(),
        ApiKey::AlterConfigs => alter_configs::alter_configs_response(s, version).into(),
        ApiKey::DescribeLogDirs => describe_log_dirs::describe_log_dirs_response(s, version).into(),
        ApiKey::CreatePartitions => create_partitions::create_partitions_response(s, version).into(),
        ApiKey::DeleteGroups => delete_groups::delete_groups_response(s, version).into(),
        ApiKey::IncrementalAlterConfigs => {
            incremental_alter_configs::incremental_alter_configs_response(s, version).into()
        }
        ApiKey::OffsetDelete => offset_delete::offset_delete_response(s, version).into(),
        ApiKey::DescribeCluster => describe_cluster::describe_cluster_response(s, version).into(),
        ApiKey::DescribeTopicPartitions => {
            describe_topic_partitions::describe_topic_partitions_response(s, version).into()
        }
        other => panic!("{other} has no messages"),
    }
}
