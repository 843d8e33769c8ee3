// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Any message that a version can carry, made out of random bytes by [`Source`].

use ottla_protocol::ApiKey;
use ottla_protocol::messages::{RequestBody, ResponseBody};

use super::source::Source;

mod add_offsets_to_txn;
mod add_partitions_to_txn;
mod add_raft_voter;
mod alter_client_quotas;
mod alter_configs;
mod alter_partition_reassignments;
mod alter_replica_log_dirs;
mod alter_share_group_offsets;
mod alter_user_scram_credentials;
mod api_versions;
mod consumer_group_describe;
mod consumer_group_heartbeat;
mod create_acls;
mod create_delegation_token;
mod create_partitions;
mod create_topics;
mod delete_acls;
mod delete_groups;
mod delete_records;
mod delete_share_group_offsets;
mod delete_share_group_state;
mod delete_topics;
mod describe_acls;
mod describe_client_quotas;
mod describe_cluster;
mod describe_configs;
mod describe_delegation_token;
mod describe_groups;
mod describe_log_dirs;
mod describe_producers;
mod describe_quorum;
mod describe_share_group_offsets;
mod describe_topic_partitions;
mod describe_transactions;
mod describe_user_scram_credentials;
mod elect_leaders;
mod end_txn;
mod expire_delegation_token;
mod fetch;
mod find_coordinator;
mod get_telemetry_subscriptions;
mod heartbeat;
mod incremental_alter_configs;
mod init_producer_id;
mod initialize_share_group_state;
mod join_group;
mod leave_group;
mod list_config_resources;
mod list_groups;
mod list_offsets;
mod list_partition_reassignments;
mod list_transactions;
mod metadata;
mod offset_commit;
mod offset_delete;
mod offset_fetch;
mod offset_for_leader_epoch;
mod produce;
mod push_telemetry;
mod read_share_group_state;
mod read_share_group_state_summary;
mod remove_raft_voter;
mod renew_delegation_token;
mod sasl_authenticate;
mod sasl_handshake;
mod share_acknowledge;
mod share_fetch;
mod share_group_describe;
mod share_group_heartbeat;
mod streams_group_describe;
mod streams_group_heartbeat;
mod sync_group;
mod txn_offset_commit;
mod unregister_broker;
mod update_features;
mod write_share_group_state;
mod write_txn_markers;

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
        ApiKey::SaslHandshake => sasl_handshake::sasl_handshake_request(s, version).into(),
        ApiKey::ApiVersions => api_versions::api_versions_request(s, version).into(),
        ApiKey::CreateTopics => create_topics::create_topics_request(s, version).into(),
        ApiKey::DeleteTopics => delete_topics::delete_topics_request(s, version).into(),
        ApiKey::DeleteRecords => delete_records::delete_records_request(s, version).into(),
        ApiKey::InitProducerId => init_producer_id::init_producer_id_request(s, version).into(),
        ApiKey::OffsetForLeaderEpoch => {
            offset_for_leader_epoch::offset_for_leader_epoch_request(s, version).into()
        }
        ApiKey::AddPartitionsToTxn => add_partitions_to_txn::add_partitions_to_txn_request(s, version).into(),
        ApiKey::AddOffsetsToTxn => add_offsets_to_txn::add_offsets_to_txn_request(s, version).into(),
        ApiKey::EndTxn => end_txn::end_txn_request(s, version).into(),
        ApiKey::WriteTxnMarkers => write_txn_markers::write_txn_markers_request(s, version).into(),
        ApiKey::TxnOffsetCommit => txn_offset_commit::txn_offset_commit_request(s, version).into(),
        ApiKey::DescribeAcls => describe_acls::describe_acls_request(s, version).into(),
        ApiKey::CreateAcls => create_acls::create_acls_request(s, version).into(),
        ApiKey::DeleteAcls => delete_acls::delete_acls_request(s, version).into(),
        ApiKey::DescribeConfigs => describe_configs::describe_configs_request(s, version).into(),
        ApiKey::AlterConfigs => alter_configs::alter_configs_request(s, version).into(),
        ApiKey::AlterReplicaLogDirs => {
            alter_replica_log_dirs::alter_replica_log_dirs_request(s, version).into()
        }
        ApiKey::DescribeLogDirs => describe_log_dirs::describe_log_dirs_request(s, version).into(),
        ApiKey::SaslAuthenticate => sasl_authenticate::sasl_authenticate_request(s, version).into(),
        ApiKey::CreatePartitions => create_partitions::create_partitions_request(s, version).into(),
        ApiKey::CreateDelegationToken => {
            create_delegation_token::create_delegation_token_request(s, version).into()
        }
        ApiKey::RenewDelegationToken => {
            renew_delegation_token::renew_delegation_token_request(s, version).into()
        }
        ApiKey::ExpireDelegationToken => {
            expire_delegation_token::expire_delegation_token_request(s, version).into()
        }
        ApiKey::DescribeDelegationToken => {
            describe_delegation_token::describe_delegation_token_request(s, version).into()
        }
        ApiKey::DeleteGroups => delete_groups::delete_groups_request(s, version).into(),
        ApiKey::ElectLeaders => elect_leaders::elect_leaders_request(s, version).into(),
        ApiKey::IncrementalAlterConfigs => {
            incremental_alter_configs::incremental_alter_configs_request(s, version).into()
        }
        ApiKey::AlterPartitionReassignments => {
            alter_partition_reassignments::alter_partition_reassignments_request(s, version).into()
        }
        ApiKey::ListPartitionReassignments => {
            list_partition_reassignments::list_partition_reassignments_request(s, version).into()
        }
        ApiKey::OffsetDelete => offset_delete::offset_delete_request(s, version).into(),
        ApiKey::DescribeClientQuotas => {
            describe_client_quotas::describe_client_quotas_request(s, version).into()
        }
        ApiKey::AlterClientQuotas => alter_client_quotas::alter_client_quotas_request(s, version).into(),
        ApiKey::DescribeUserScramCredentials => {
            describe_user_scram_credentials::describe_user_scram_credentials_request(s, version).into()
        }
        ApiKey::AlterUserScramCredentials => {
            alter_user_scram_credentials::alter_user_scram_credentials_request(s, version).into()
        }
        ApiKey::DescribeQuorum => describe_quorum::describe_quorum_request(s, version).into(),
        ApiKey::UpdateFeatures => update_features::update_features_request(s, version).into(),
        ApiKey::DescribeCluster => describe_cluster::describe_cluster_request(s, version).into(),
        ApiKey::DescribeProducers => describe_producers::describe_producers_request(s, version).into(),
        ApiKey::UnregisterBroker => unregister_broker::unregister_broker_request(s, version).into(),
        ApiKey::DescribeTransactions => {
            describe_transactions::describe_transactions_request(s, version).into()
        }
        ApiKey::ListTransactions => list_transactions::list_transactions_request(s, version).into(),
        ApiKey::ConsumerGroupHeartbeat => {
            consumer_group_heartbeat::consumer_group_heartbeat_request(s, version).into()
        }
        ApiKey::ConsumerGroupDescribe => {
            consumer_group_describe::consumer_group_describe_request(s, version).into()
        }
        ApiKey::GetTelemetrySubscriptions => {
            get_telemetry_subscriptions::get_telemetry_subscriptions_request(s, version).into()
        }
        ApiKey::PushTelemetry => push_telemetry::push_telemetry_request(s, version).into(),
        ApiKey::ListConfigResources => {
            list_config_resources::list_config_resources_request(s, version).into()
        }
        ApiKey::DescribeTopicPartitions => {
            describe_topic_partitions::describe_topic_partitions_request(s, version).into()
        }
        ApiKey::ShareGroupHeartbeat => {
            share_group_heartbeat::share_group_heartbeat_request(s, version).into()
        }
        ApiKey::ShareGroupDescribe => share_group_describe::share_group_describe_request(s, version).into(),
        ApiKey::ShareFetch => share_fetch::share_fetch_request(s, version).into(),
        ApiKey::ShareAcknowledge => share_acknowledge::share_acknowledge_request(s, version).into(),
        ApiKey::AddRaftVoter => add_raft_voter::add_raft_voter_request(s, version).into(),
        ApiKey::RemoveRaftVoter => remove_raft_voter::remove_raft_voter_request(s, version).into(),
        ApiKey::InitializeShareGroupState => {
            initialize_share_group_state::initialize_share_group_state_request(s, version).into()
        }
        ApiKey::ReadShareGroupState => {
            read_share_group_state::read_share_group_state_request(s, version).into()
        }
        ApiKey::WriteShareGroupState => {
            write_share_group_state::write_share_group_state_request(s, version).into()
        }
        ApiKey::DeleteShareGroupState => {
            delete_share_group_state::delete_share_group_state_request(s, version).into()
        }
        ApiKey::ReadShareGroupStateSummary => {
            read_share_group_state_summary::read_share_group_state_summary_request(s, version).into()
        }
        ApiKey::StreamsGroupHeartbeat => {
            streams_group_heartbeat::streams_group_heartbeat_request(s, version).into()
        }
        ApiKey::StreamsGroupDescribe => {
            streams_group_describe::streams_group_describe_request(s, version).into()
        }
        ApiKey::DescribeShareGroupOffsets => {
            describe_share_group_offsets::describe_share_group_offsets_request(s, version).into()
        }
        ApiKey::AlterShareGroupOffsets => {
            alter_share_group_offsets::alter_share_group_offsets_request(s, version).into()
        }
        ApiKey::DeleteShareGroupOffsets => {
            delete_share_group_offsets::delete_share_group_offsets_request(s, version).into()
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
        ApiKey::SaslHandshake => sasl_handshake::sasl_handshake_response(s, version).into(),
        ApiKey::ApiVersions => api_versions::api_versions_response(s, version).into(),
        ApiKey::CreateTopics => create_topics::create_topics_response(s, version).into(),
        ApiKey::DeleteTopics => delete_topics::delete_topics_response(s, version).into(),
        ApiKey::DeleteRecords => delete_records::delete_records_response(s, version).into(),
        ApiKey::InitProducerId => init_producer_id::init_producer_id_response(s, version).into(),
        ApiKey::OffsetForLeaderEpoch => {
            offset_for_leader_epoch::offset_for_leader_epoch_response(s, version).into()
        }
        ApiKey::AddPartitionsToTxn => {
            add_partitions_to_txn::add_partitions_to_txn_response(s, version).into()
        }
        ApiKey::AddOffsetsToTxn => add_offsets_to_txn::add_offsets_to_txn_response(s, version).into(),
        ApiKey::EndTxn => end_txn::end_txn_response(s, version).into(),
        ApiKey::WriteTxnMarkers => write_txn_markers::write_txn_markers_response(s, version).into(),
        ApiKey::TxnOffsetCommit => txn_offset_commit::txn_offset_commit_response(s, version).into(),
        ApiKey::DescribeAcls => describe_acls::describe_acls_response(s, version).into(),
        ApiKey::CreateAcls => create_acls::create_acls_response(s, version).into(),
        ApiKey::DeleteAcls => delete_acls::delete_acls_response(s, version).into(),
        ApiKey::DescribeConfigs => describe_configs::describe_configs_response(s, version).into(),
        ApiKey::AlterConfigs => alter_configs::alter_configs_response(s, version).into(),
        ApiKey::AlterReplicaLogDirs => {
            alter_replica_log_dirs::alter_replica_log_dirs_response(s, version).into()
        }
        ApiKey::DescribeLogDirs => describe_log_dirs::describe_log_dirs_response(s, version).into(),
        ApiKey::SaslAuthenticate => sasl_authenticate::sasl_authenticate_response(s, version).into(),
        ApiKey::CreatePartitions => create_partitions::create_partitions_response(s, version).into(),
        ApiKey::CreateDelegationToken => {
            create_delegation_token::create_delegation_token_response(s, version).into()
        }
        ApiKey::RenewDelegationToken => {
            renew_delegation_token::renew_delegation_token_response(s, version).into()
        }
        ApiKey::ExpireDelegationToken => {
            expire_delegation_token::expire_delegation_token_response(s, version).into()
        }
        ApiKey::DescribeDelegationToken => {
            describe_delegation_token::describe_delegation_token_response(s, version).into()
        }
        ApiKey::DeleteGroups => delete_groups::delete_groups_response(s, version).into(),
        ApiKey::ElectLeaders => elect_leaders::elect_leaders_response(s, version).into(),
        ApiKey::IncrementalAlterConfigs => {
            incremental_alter_configs::incremental_alter_configs_response(s, version).into()
        }
        ApiKey::AlterPartitionReassignments => {
            alter_partition_reassignments::alter_partition_reassignments_response(s, version).into()
        }
        ApiKey::ListPartitionReassignments => {
            list_partition_reassignments::list_partition_reassignments_response(s, version).into()
        }
        ApiKey::OffsetDelete => offset_delete::offset_delete_response(s, version).into(),
        ApiKey::DescribeClientQuotas => {
            describe_client_quotas::describe_client_quotas_response(s, version).into()
        }
        ApiKey::AlterClientQuotas => alter_client_quotas::alter_client_quotas_response(s, version).into(),
        ApiKey::DescribeUserScramCredentials => {
            describe_user_scram_credentials::describe_user_scram_credentials_response(s, version).into()
        }
        ApiKey::AlterUserScramCredentials => {
            alter_user_scram_credentials::alter_user_scram_credentials_response(s, version).into()
        }
        ApiKey::DescribeQuorum => describe_quorum::describe_quorum_response(s, version).into(),
        ApiKey::UpdateFeatures => update_features::update_features_response(s, version).into(),
        ApiKey::DescribeCluster => describe_cluster::describe_cluster_response(s, version).into(),
        ApiKey::DescribeProducers => describe_producers::describe_producers_response(s, version).into(),
        ApiKey::UnregisterBroker => unregister_broker::unregister_broker_response(s, version).into(),
        ApiKey::DescribeTransactions => {
            describe_transactions::describe_transactions_response(s, version).into()
        }
        ApiKey::ListTransactions => list_transactions::list_transactions_response(s, version).into(),
        ApiKey::ConsumerGroupHeartbeat => {
            consumer_group_heartbeat::consumer_group_heartbeat_response(s, version).into()
        }
        ApiKey::ConsumerGroupDescribe => {
            consumer_group_describe::consumer_group_describe_response(s, version).into()
        }
        ApiKey::GetTelemetrySubscriptions => {
            get_telemetry_subscriptions::get_telemetry_subscriptions_response(s, version).into()
        }
        ApiKey::PushTelemetry => push_telemetry::push_telemetry_response(s, version).into(),
        ApiKey::ListConfigResources => {
            list_config_resources::list_config_resources_response(s, version).into()
        }
        ApiKey::DescribeTopicPartitions => {
            describe_topic_partitions::describe_topic_partitions_response(s, version).into()
        }
        ApiKey::ShareGroupHeartbeat => {
            share_group_heartbeat::share_group_heartbeat_response(s, version).into()
        }
        ApiKey::ShareGroupDescribe => share_group_describe::share_group_describe_response(s, version).into(),
        ApiKey::ShareFetch => share_fetch::share_fetch_response(s, version).into(),
        ApiKey::ShareAcknowledge => share_acknowledge::share_acknowledge_response(s, version).into(),
        ApiKey::AddRaftVoter => add_raft_voter::add_raft_voter_response(s, version).into(),
        ApiKey::RemoveRaftVoter => remove_raft_voter::remove_raft_voter_response(s, version).into(),
        ApiKey::InitializeShareGroupState => {
            initialize_share_group_state::initialize_share_group_state_response(s, version).into()
        }
        ApiKey::ReadShareGroupState => {
            read_share_group_state::read_share_group_state_response(s, version).into()
        }
        ApiKey::WriteShareGroupState => {
            write_share_group_state::write_share_group_state_response(s, version).into()
        }
        ApiKey::DeleteShareGroupState => {
            delete_share_group_state::delete_share_group_state_response(s, version).into()
        }
        ApiKey::ReadShareGroupStateSummary => {
            read_share_group_state_summary::read_share_group_state_summary_response(s, version).into()
        }
        ApiKey::StreamsGroupHeartbeat => {
            streams_group_heartbeat::streams_group_heartbeat_response(s, version).into()
        }
        ApiKey::StreamsGroupDescribe => {
            streams_group_describe::streams_group_describe_response(s, version).into()
        }
        ApiKey::DescribeShareGroupOffsets => {
            describe_share_group_offsets::describe_share_group_offsets_response(s, version).into()
        }
        ApiKey::AlterShareGroupOffsets => {
            alter_share_group_offsets::alter_share_group_offsets_response(s, version).into()
        }
        ApiKey::DeleteShareGroupOffsets => {
            delete_share_group_offsets::delete_share_group_offsets_response(s, version).into()
        }
        other => panic!("{other} has no messages"),
    }
}
