// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Which table belongs to which message.

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
mod data;
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

use super::schema::Schema;
use crate::api::ApiKey;

/// The request of an API.
pub(super) fn request(api: ApiKey) -> Option<&'static Schema> {
    Some(match api {
        ApiKey::Produce => &produce::REQUEST,
        ApiKey::Fetch => &fetch::REQUEST,
        ApiKey::ListOffsets => &list_offsets::REQUEST,
        ApiKey::Metadata => &metadata::REQUEST,
        ApiKey::OffsetCommit => &offset_commit::REQUEST,
        ApiKey::OffsetFetch => &offset_fetch::REQUEST,
        ApiKey::FindCoordinator => &find_coordinator::REQUEST,
        ApiKey::JoinGroup => &join_group::REQUEST,
        ApiKey::Heartbeat => &heartbeat::REQUEST,
        ApiKey::LeaveGroup => &leave_group::REQUEST,
        ApiKey::SyncGroup => &sync_group::REQUEST,
        ApiKey::DescribeGroups => &describe_groups::REQUEST,
        ApiKey::ListGroups => &list_groups::REQUEST,
        ApiKey::SaslHandshake => &sasl_handshake::REQUEST,
        ApiKey::ApiVersions => &api_versions::REQUEST,
        ApiKey::CreateTopics => &create_topics::REQUEST,
        ApiKey::DeleteTopics => &delete_topics::REQUEST,
        ApiKey::DeleteRecords => &delete_records::REQUEST,
        ApiKey::InitProducerId => &init_producer_id::REQUEST,
        ApiKey::OffsetForLeaderEpoch => &offset_for_leader_epoch::REQUEST,
        ApiKey::AddPartitionsToTxn => &add_partitions_to_txn::REQUEST,
        ApiKey::AddOffsetsToTxn => &add_offsets_to_txn::REQUEST,
        ApiKey::EndTxn => &end_txn::REQUEST,
        ApiKey::WriteTxnMarkers => &write_txn_markers::REQUEST,
        ApiKey::TxnOffsetCommit => &txn_offset_commit::REQUEST,
        ApiKey::DescribeAcls => &describe_acls::REQUEST,
        ApiKey::CreateAcls => &create_acls::REQUEST,
        ApiKey::DeleteAcls => &delete_acls::REQUEST,
        ApiKey::DescribeConfigs => &describe_configs::REQUEST,
        ApiKey::AlterConfigs => &alter_configs::REQUEST,
        ApiKey::AlterReplicaLogDirs => &alter_replica_log_dirs::REQUEST,
        ApiKey::DescribeLogDirs => &describe_log_dirs::REQUEST,
        ApiKey::SaslAuthenticate => &sasl_authenticate::REQUEST,
        ApiKey::CreatePartitions => &create_partitions::REQUEST,
        ApiKey::CreateDelegationToken => &create_delegation_token::REQUEST,
        ApiKey::RenewDelegationToken => &renew_delegation_token::REQUEST,
        ApiKey::ExpireDelegationToken => &expire_delegation_token::REQUEST,
        ApiKey::DescribeDelegationToken => &describe_delegation_token::REQUEST,
        ApiKey::DeleteGroups => &delete_groups::REQUEST,
        ApiKey::ElectLeaders => &elect_leaders::REQUEST,
        ApiKey::IncrementalAlterConfigs => &incremental_alter_configs::REQUEST,
        ApiKey::AlterPartitionReassignments => &alter_partition_reassignments::REQUEST,
        ApiKey::ListPartitionReassignments => &list_partition_reassignments::REQUEST,
        ApiKey::OffsetDelete => &offset_delete::REQUEST,
        ApiKey::DescribeClientQuotas => &describe_client_quotas::REQUEST,
        ApiKey::AlterClientQuotas => &alter_client_quotas::REQUEST,
        ApiKey::DescribeUserScramCredentials => &describe_user_scram_credentials::REQUEST,
        ApiKey::AlterUserScramCredentials => &alter_user_scram_credentials::REQUEST,
        ApiKey::DescribeQuorum => &describe_quorum::REQUEST,
        ApiKey::UpdateFeatures => &update_features::REQUEST,
        ApiKey::DescribeCluster => &describe_cluster::REQUEST,
        ApiKey::DescribeProducers => &describe_producers::REQUEST,
        ApiKey::UnregisterBroker => &unregister_broker::REQUEST,
        ApiKey::DescribeTransactions => &describe_transactions::REQUEST,
        ApiKey::ListTransactions => &list_transactions::REQUEST,
        ApiKey::ConsumerGroupHeartbeat => &consumer_group_heartbeat::REQUEST,
        ApiKey::ConsumerGroupDescribe => &consumer_group_describe::REQUEST,
        ApiKey::GetTelemetrySubscriptions => &get_telemetry_subscriptions::REQUEST,
        ApiKey::PushTelemetry => &push_telemetry::REQUEST,
        ApiKey::ListConfigResources => &list_config_resources::REQUEST,
        ApiKey::DescribeTopicPartitions => &describe_topic_partitions::REQUEST,
        ApiKey::ShareGroupHeartbeat => &share_group_heartbeat::REQUEST,
        ApiKey::ShareGroupDescribe => &share_group_describe::REQUEST,
        ApiKey::ShareFetch => &share_fetch::REQUEST,
        ApiKey::ShareAcknowledge => &share_acknowledge::REQUEST,
        ApiKey::AddRaftVoter => &add_raft_voter::REQUEST,
        ApiKey::RemoveRaftVoter => &remove_raft_voter::REQUEST,
        ApiKey::InitializeShareGroupState => &initialize_share_group_state::REQUEST,
        ApiKey::ReadShareGroupState => &read_share_group_state::REQUEST,
        ApiKey::WriteShareGroupState => &write_share_group_state::REQUEST,
        ApiKey::DeleteShareGroupState => &delete_share_group_state::REQUEST,
        ApiKey::ReadShareGroupStateSummary => &read_share_group_state_summary::REQUEST,
        ApiKey::StreamsGroupHeartbeat => &streams_group_heartbeat::REQUEST,
        ApiKey::StreamsGroupDescribe => &streams_group_describe::REQUEST,
        ApiKey::DescribeShareGroupOffsets => &describe_share_group_offsets::REQUEST,
        ApiKey::AlterShareGroupOffsets => &alter_share_group_offsets::REQUEST,
        ApiKey::DeleteShareGroupOffsets => &delete_share_group_offsets::REQUEST,
        _ => return None,
    })
}

/// The response of an API.
pub(super) fn response(api: ApiKey) -> Option<&'static Schema> {
    Some(match api {
        ApiKey::Produce => &produce::RESPONSE,
        ApiKey::Fetch => &fetch::RESPONSE,
        ApiKey::ListOffsets => &list_offsets::RESPONSE,
        ApiKey::Metadata => &metadata::RESPONSE,
        ApiKey::OffsetCommit => &offset_commit::RESPONSE,
        ApiKey::OffsetFetch => &offset_fetch::RESPONSE,
        ApiKey::FindCoordinator => &find_coordinator::RESPONSE,
        ApiKey::JoinGroup => &join_group::RESPONSE,
        ApiKey::Heartbeat => &heartbeat::RESPONSE,
        ApiKey::LeaveGroup => &leave_group::RESPONSE,
        ApiKey::SyncGroup => &sync_group::RESPONSE,
        ApiKey::DescribeGroups => &describe_groups::RESPONSE,
        ApiKey::ListGroups => &list_groups::RESPONSE,
        ApiKey::SaslHandshake => &sasl_handshake::RESPONSE,
        ApiKey::ApiVersions => &api_versions::RESPONSE,
        ApiKey::CreateTopics => &create_topics::RESPONSE,
        ApiKey::DeleteTopics => &delete_topics::RESPONSE,
        ApiKey::DeleteRecords => &delete_records::RESPONSE,
        ApiKey::InitProducerId => &init_producer_id::RESPONSE,
        ApiKey::OffsetForLeaderEpoch => &offset_for_leader_epoch::RESPONSE,
        ApiKey::AddPartitionsToTxn => &add_partitions_to_txn::RESPONSE,
        ApiKey::AddOffsetsToTxn => &add_offsets_to_txn::RESPONSE,
        ApiKey::EndTxn => &end_txn::RESPONSE,
        ApiKey::WriteTxnMarkers => &write_txn_markers::RESPONSE,
        ApiKey::TxnOffsetCommit => &txn_offset_commit::RESPONSE,
        ApiKey::DescribeAcls => &describe_acls::RESPONSE,
        ApiKey::CreateAcls => &create_acls::RESPONSE,
        ApiKey::DeleteAcls => &delete_acls::RESPONSE,
        ApiKey::DescribeConfigs => &describe_configs::RESPONSE,
        ApiKey::AlterConfigs => &alter_configs::RESPONSE,
        ApiKey::AlterReplicaLogDirs => &alter_replica_log_dirs::RESPONSE,
        ApiKey::DescribeLogDirs => &describe_log_dirs::RESPONSE,
        ApiKey::SaslAuthenticate => &sasl_authenticate::RESPONSE,
        ApiKey::CreatePartitions => &create_partitions::RESPONSE,
        ApiKey::CreateDelegationToken => &create_delegation_token::RESPONSE,
        ApiKey::RenewDelegationToken => &renew_delegation_token::RESPONSE,
        ApiKey::ExpireDelegationToken => &expire_delegation_token::RESPONSE,
        ApiKey::DescribeDelegationToken => &describe_delegation_token::RESPONSE,
        ApiKey::DeleteGroups => &delete_groups::RESPONSE,
        ApiKey::ElectLeaders => &elect_leaders::RESPONSE,
        ApiKey::IncrementalAlterConfigs => &incremental_alter_configs::RESPONSE,
        ApiKey::AlterPartitionReassignments => &alter_partition_reassignments::RESPONSE,
        ApiKey::ListPartitionReassignments => &list_partition_reassignments::RESPONSE,
        ApiKey::OffsetDelete => &offset_delete::RESPONSE,
        ApiKey::DescribeClientQuotas => &describe_client_quotas::RESPONSE,
        ApiKey::AlterClientQuotas => &alter_client_quotas::RESPONSE,
        ApiKey::DescribeUserScramCredentials => &describe_user_scram_credentials::RESPONSE,
        ApiKey::AlterUserScramCredentials => &alter_user_scram_credentials::RESPONSE,
        ApiKey::DescribeQuorum => &describe_quorum::RESPONSE,
        ApiKey::UpdateFeatures => &update_features::RESPONSE,
        ApiKey::DescribeCluster => &describe_cluster::RESPONSE,
        ApiKey::DescribeProducers => &describe_producers::RESPONSE,
        ApiKey::UnregisterBroker => &unregister_broker::RESPONSE,
        ApiKey::DescribeTransactions => &describe_transactions::RESPONSE,
        ApiKey::ListTransactions => &list_transactions::RESPONSE,
        ApiKey::ConsumerGroupHeartbeat => &consumer_group_heartbeat::RESPONSE,
        ApiKey::ConsumerGroupDescribe => &consumer_group_describe::RESPONSE,
        ApiKey::GetTelemetrySubscriptions => &get_telemetry_subscriptions::RESPONSE,
        ApiKey::PushTelemetry => &push_telemetry::RESPONSE,
        ApiKey::ListConfigResources => &list_config_resources::RESPONSE,
        ApiKey::DescribeTopicPartitions => &describe_topic_partitions::RESPONSE,
        ApiKey::ShareGroupHeartbeat => &share_group_heartbeat::RESPONSE,
        ApiKey::ShareGroupDescribe => &share_group_describe::RESPONSE,
        ApiKey::ShareFetch => &share_fetch::RESPONSE,
        ApiKey::ShareAcknowledge => &share_acknowledge::RESPONSE,
        ApiKey::AddRaftVoter => &add_raft_voter::RESPONSE,
        ApiKey::RemoveRaftVoter => &remove_raft_voter::RESPONSE,
        ApiKey::InitializeShareGroupState => &initialize_share_group_state::RESPONSE,
        ApiKey::ReadShareGroupState => &read_share_group_state::RESPONSE,
        ApiKey::WriteShareGroupState => &write_share_group_state::RESPONSE,
        ApiKey::DeleteShareGroupState => &delete_share_group_state::RESPONSE,
        ApiKey::ReadShareGroupStateSummary => &read_share_group_state_summary::RESPONSE,
        ApiKey::StreamsGroupHeartbeat => &streams_group_heartbeat::RESPONSE,
        ApiKey::StreamsGroupDescribe => &streams_group_describe::RESPONSE,
        ApiKey::DescribeShareGroupOffsets => &describe_share_group_offsets::RESPONSE,
        ApiKey::AlterShareGroupOffsets => &alter_share_group_offsets::RESPONSE,
        ApiKey::DeleteShareGroupOffsets => &delete_share_group_offsets::RESPONSE,
        _ => return None,
    })
}

/// Key and value of a record of the group coordinator, by its type.
pub(super) fn group_record(record_type: i16) -> Option<(&'static Schema, &'static Schema)> {
    Some(match record_type {
        0 => (
            &data::legacy_offset_commit::LEGACY_OFFSET_COMMIT_KEY,
            &data::legacy_offset_commit::LEGACY_OFFSET_COMMIT_VALUE,
        ),
        1 => (&data::offset_commit::OFFSET_COMMIT_KEY, &data::offset_commit::OFFSET_COMMIT_VALUE),
        2 => (&data::group_metadata::GROUP_METADATA_KEY, &data::group_metadata::GROUP_METADATA_VALUE),
        3 => (
            &data::consumer_group_metadata::CONSUMER_GROUP_METADATA_KEY,
            &data::consumer_group_metadata::CONSUMER_GROUP_METADATA_VALUE,
        ),
        4 => (
            &data::consumer_group_partition_metadata::CONSUMER_GROUP_PARTITION_METADATA_KEY,
            &data::consumer_group_partition_metadata::CONSUMER_GROUP_PARTITION_METADATA_VALUE,
        ),
        5 => (
            &data::consumer_group_member_metadata::CONSUMER_GROUP_MEMBER_METADATA_KEY,
            &data::consumer_group_member_metadata::CONSUMER_GROUP_MEMBER_METADATA_VALUE,
        ),
        6 => (
            &data::consumer_group_target_assignment_metadata::CONSUMER_GROUP_TARGET_ASSIGNMENT_METADATA_KEY,
            &data::consumer_group_target_assignment_metadata::CONSUMER_GROUP_TARGET_ASSIGNMENT_METADATA_VALUE,
        ),
        7 => (
            &data::consumer_group_target_assignment_member::CONSUMER_GROUP_TARGET_ASSIGNMENT_MEMBER_KEY,
            &data::consumer_group_target_assignment_member::CONSUMER_GROUP_TARGET_ASSIGNMENT_MEMBER_VALUE,
        ),
        8 => (
            &data::consumer_group_current_member_assignment::CONSUMER_GROUP_CURRENT_MEMBER_ASSIGNMENT_KEY,
            &data::consumer_group_current_member_assignment::CONSUMER_GROUP_CURRENT_MEMBER_ASSIGNMENT_VALUE,
        ),
        10 => (
            &data::share_group_member_metadata::SHARE_GROUP_MEMBER_METADATA_KEY,
            &data::share_group_member_metadata::SHARE_GROUP_MEMBER_METADATA_VALUE,
        ),
        11 => (
            &data::share_group_metadata::SHARE_GROUP_METADATA_KEY,
            &data::share_group_metadata::SHARE_GROUP_METADATA_VALUE,
        ),
        12 => (
            &data::share_group_target_assignment_metadata::SHARE_GROUP_TARGET_ASSIGNMENT_METADATA_KEY,
            &data::share_group_target_assignment_metadata::SHARE_GROUP_TARGET_ASSIGNMENT_METADATA_VALUE,
        ),
        13 => (
            &data::share_group_target_assignment_member::SHARE_GROUP_TARGET_ASSIGNMENT_MEMBER_KEY,
            &data::share_group_target_assignment_member::SHARE_GROUP_TARGET_ASSIGNMENT_MEMBER_VALUE,
        ),
        14 => (
            &data::share_group_current_member_assignment::SHARE_GROUP_CURRENT_MEMBER_ASSIGNMENT_KEY,
            &data::share_group_current_member_assignment::SHARE_GROUP_CURRENT_MEMBER_ASSIGNMENT_VALUE,
        ),
        15 => (
            &data::share_group_state_partition_metadata::SHARE_GROUP_STATE_PARTITION_METADATA_KEY,
            &data::share_group_state_partition_metadata::SHARE_GROUP_STATE_PARTITION_METADATA_VALUE,
        ),
        16 => (
            &data::consumer_group_regular_expression::CONSUMER_GROUP_REGULAR_EXPRESSION_KEY,
            &data::consumer_group_regular_expression::CONSUMER_GROUP_REGULAR_EXPRESSION_VALUE,
        ),
        17 => (
            &data::streams_group_metadata::STREAMS_GROUP_METADATA_KEY,
            &data::streams_group_metadata::STREAMS_GROUP_METADATA_VALUE,
        ),
        19 => (
            &data::streams_group_member_metadata::STREAMS_GROUP_MEMBER_METADATA_KEY,
            &data::streams_group_member_metadata::STREAMS_GROUP_MEMBER_METADATA_VALUE,
        ),
        20 => (
            &data::streams_group_target_assignment_metadata::STREAMS_GROUP_TARGET_ASSIGNMENT_METADATA_KEY,
            &data::streams_group_target_assignment_metadata::STREAMS_GROUP_TARGET_ASSIGNMENT_METADATA_VALUE,
        ),
        21 => (
            &data::streams_group_target_assignment_member::STREAMS_GROUP_TARGET_ASSIGNMENT_MEMBER_KEY,
            &data::streams_group_target_assignment_member::STREAMS_GROUP_TARGET_ASSIGNMENT_MEMBER_VALUE,
        ),
        22 => (
            &data::streams_group_current_member_assignment::STREAMS_GROUP_CURRENT_MEMBER_ASSIGNMENT_KEY,
            &data::streams_group_current_member_assignment::STREAMS_GROUP_CURRENT_MEMBER_ASSIGNMENT_VALUE,
        ),
        23 => (
            &data::streams_group_topology::STREAMS_GROUP_TOPOLOGY_KEY,
            &data::streams_group_topology::STREAMS_GROUP_TOPOLOGY_VALUE,
        ),
        _ => return None,
    })
}

/// Key and value of a record of the share coordinator, by its type.
pub(super) fn share_record(record_type: i16) -> Option<(&'static Schema, &'static Schema)> {
    Some(match record_type {
        0 => (&data::share_snapshot::SHARE_SNAPSHOT_KEY, &data::share_snapshot::SHARE_SNAPSHOT_VALUE),
        1 => (&data::share_update::SHARE_UPDATE_KEY, &data::share_update::SHARE_UPDATE_VALUE),
        _ => return None,
    })
}

/// Key and value of a record of the transaction coordinator, by its type.
pub(super) fn transaction_record(record_type: i16) -> Option<(&'static Schema, &'static Schema)> {
    Some(match record_type {
        0 => (&data::transaction_log::TRANSACTION_LOG_KEY, &data::transaction_log::TRANSACTION_LOG_VALUE),
        _ => return None,
    })
}

/// A structure that is no message, by Kafka's name for it.
pub(super) fn structure(name: &str) -> Option<&'static Schema> {
    Some(match name {
        "LegacyOffsetCommitKey" => &data::legacy_offset_commit::LEGACY_OFFSET_COMMIT_KEY,
        "LegacyOffsetCommitValue" => &data::legacy_offset_commit::LEGACY_OFFSET_COMMIT_VALUE,
        "OffsetCommitKey" => &data::offset_commit::OFFSET_COMMIT_KEY,
        "OffsetCommitValue" => &data::offset_commit::OFFSET_COMMIT_VALUE,
        "GroupMetadataKey" => &data::group_metadata::GROUP_METADATA_KEY,
        "GroupMetadataValue" => &data::group_metadata::GROUP_METADATA_VALUE,
        "ConsumerGroupMetadataKey" => &data::consumer_group_metadata::CONSUMER_GROUP_METADATA_KEY,
        "ConsumerGroupMetadataValue" => &data::consumer_group_metadata::CONSUMER_GROUP_METADATA_VALUE,
        "ConsumerGroupPartitionMetadataKey" => {
            &data::consumer_group_partition_metadata::CONSUMER_GROUP_PARTITION_METADATA_KEY
        }
        "ConsumerGroupPartitionMetadataValue" => {
            &data::consumer_group_partition_metadata::CONSUMER_GROUP_PARTITION_METADATA_VALUE
        }
        "ConsumerGroupMemberMetadataKey" => {
            &data::consumer_group_member_metadata::CONSUMER_GROUP_MEMBER_METADATA_KEY
        }
        "ConsumerGroupMemberMetadataValue" => {
            &data::consumer_group_member_metadata::CONSUMER_GROUP_MEMBER_METADATA_VALUE
        }
        "ConsumerGroupTargetAssignmentMetadataKey" => {
            &data::consumer_group_target_assignment_metadata::CONSUMER_GROUP_TARGET_ASSIGNMENT_METADATA_KEY
        }
        "ConsumerGroupTargetAssignmentMetadataValue" => {
            &data::consumer_group_target_assignment_metadata::CONSUMER_GROUP_TARGET_ASSIGNMENT_METADATA_VALUE
        }
        "ConsumerGroupTargetAssignmentMemberKey" => {
            &data::consumer_group_target_assignment_member::CONSUMER_GROUP_TARGET_ASSIGNMENT_MEMBER_KEY
        }
        "ConsumerGroupTargetAssignmentMemberValue" => {
            &data::consumer_group_target_assignment_member::CONSUMER_GROUP_TARGET_ASSIGNMENT_MEMBER_VALUE
        }
        "ConsumerGroupCurrentMemberAssignmentKey" => {
            &data::consumer_group_current_member_assignment::CONSUMER_GROUP_CURRENT_MEMBER_ASSIGNMENT_KEY
        }
        "ConsumerGroupCurrentMemberAssignmentValue" => {
            &data::consumer_group_current_member_assignment::CONSUMER_GROUP_CURRENT_MEMBER_ASSIGNMENT_VALUE
        }
        "ShareGroupMemberMetadataKey" => &data::share_group_member_metadata::SHARE_GROUP_MEMBER_METADATA_KEY,
        "ShareGroupMemberMetadataValue" => {
            &data::share_group_member_metadata::SHARE_GROUP_MEMBER_METADATA_VALUE
        }
        "ShareGroupMetadataKey" => &data::share_group_metadata::SHARE_GROUP_METADATA_KEY,
        "ShareGroupMetadataValue" => &data::share_group_metadata::SHARE_GROUP_METADATA_VALUE,
        "ShareGroupTargetAssignmentMetadataKey" => {
            &data::share_group_target_assignment_metadata::SHARE_GROUP_TARGET_ASSIGNMENT_METADATA_KEY
        }
        "ShareGroupTargetAssignmentMetadataValue" => {
            &data::share_group_target_assignment_metadata::SHARE_GROUP_TARGET_ASSIGNMENT_METADATA_VALUE
        }
        "ShareGroupTargetAssignmentMemberKey" => {
            &data::share_group_target_assignment_member::SHARE_GROUP_TARGET_ASSIGNMENT_MEMBER_KEY
        }
        "ShareGroupTargetAssignmentMemberValue" => {
            &data::share_group_target_assignment_member::SHARE_GROUP_TARGET_ASSIGNMENT_MEMBER_VALUE
        }
        "ShareGroupCurrentMemberAssignmentKey" => {
            &data::share_group_current_member_assignment::SHARE_GROUP_CURRENT_MEMBER_ASSIGNMENT_KEY
        }
        "ShareGroupCurrentMemberAssignmentValue" => {
            &data::share_group_current_member_assignment::SHARE_GROUP_CURRENT_MEMBER_ASSIGNMENT_VALUE
        }
        "ShareGroupStatePartitionMetadataKey" => {
            &data::share_group_state_partition_metadata::SHARE_GROUP_STATE_PARTITION_METADATA_KEY
        }
        "ShareGroupStatePartitionMetadataValue" => {
            &data::share_group_state_partition_metadata::SHARE_GROUP_STATE_PARTITION_METADATA_VALUE
        }
        "ConsumerGroupRegularExpressionKey" => {
            &data::consumer_group_regular_expression::CONSUMER_GROUP_REGULAR_EXPRESSION_KEY
        }
        "ConsumerGroupRegularExpressionValue" => {
            &data::consumer_group_regular_expression::CONSUMER_GROUP_REGULAR_EXPRESSION_VALUE
        }
        "StreamsGroupMetadataKey" => &data::streams_group_metadata::STREAMS_GROUP_METADATA_KEY,
        "StreamsGroupMetadataValue" => &data::streams_group_metadata::STREAMS_GROUP_METADATA_VALUE,
        "StreamsGroupMemberMetadataKey" => {
            &data::streams_group_member_metadata::STREAMS_GROUP_MEMBER_METADATA_KEY
        }
        "StreamsGroupMemberMetadataValue" => {
            &data::streams_group_member_metadata::STREAMS_GROUP_MEMBER_METADATA_VALUE
        }
        "StreamsGroupTargetAssignmentMetadataKey" => {
            &data::streams_group_target_assignment_metadata::STREAMS_GROUP_TARGET_ASSIGNMENT_METADATA_KEY
        }
        "StreamsGroupTargetAssignmentMetadataValue" => {
            &data::streams_group_target_assignment_metadata::STREAMS_GROUP_TARGET_ASSIGNMENT_METADATA_VALUE
        }
        "StreamsGroupTargetAssignmentMemberKey" => {
            &data::streams_group_target_assignment_member::STREAMS_GROUP_TARGET_ASSIGNMENT_MEMBER_KEY
        }
        "StreamsGroupTargetAssignmentMemberValue" => {
            &data::streams_group_target_assignment_member::STREAMS_GROUP_TARGET_ASSIGNMENT_MEMBER_VALUE
        }
        "StreamsGroupCurrentMemberAssignmentKey" => {
            &data::streams_group_current_member_assignment::STREAMS_GROUP_CURRENT_MEMBER_ASSIGNMENT_KEY
        }
        "StreamsGroupCurrentMemberAssignmentValue" => {
            &data::streams_group_current_member_assignment::STREAMS_GROUP_CURRENT_MEMBER_ASSIGNMENT_VALUE
        }
        "StreamsGroupTopologyKey" => &data::streams_group_topology::STREAMS_GROUP_TOPOLOGY_KEY,
        "StreamsGroupTopologyValue" => &data::streams_group_topology::STREAMS_GROUP_TOPOLOGY_VALUE,
        "ShareSnapshotKey" => &data::share_snapshot::SHARE_SNAPSHOT_KEY,
        "ShareSnapshotValue" => &data::share_snapshot::SHARE_SNAPSHOT_VALUE,
        "ShareUpdateKey" => &data::share_update::SHARE_UPDATE_KEY,
        "ShareUpdateValue" => &data::share_update::SHARE_UPDATE_VALUE,
        "TransactionLogKey" => &data::transaction_log::TRANSACTION_LOG_KEY,
        "TransactionLogValue" => &data::transaction_log::TRANSACTION_LOG_VALUE,
        "ConsumerProtocolSubscription" => &data::consumer_protocol::CONSUMER_PROTOCOL_SUBSCRIPTION,
        "ConsumerProtocolAssignment" => &data::consumer_protocol::CONSUMER_PROTOCOL_ASSIGNMENT,
        "ProducerSnapshot" => &data::producer_snapshot::PRODUCER_SNAPSHOT,
        "RemoteLogSegmentMetadataRecord" => &data::remote_log_metadata::REMOTE_LOG_SEGMENT_METADATA_RECORD,
        "RemoteLogSegmentMetadataUpdateRecord" => {
            &data::remote_log_metadata::REMOTE_LOG_SEGMENT_METADATA_UPDATE_RECORD
        }
        "RemotePartitionDeleteMetadataRecord" => {
            &data::remote_log_metadata::REMOTE_PARTITION_DELETE_METADATA_RECORD
        }
        "RemoteLogSegmentMetadataSnapshotRecord" => {
            &data::remote_log_metadata::REMOTE_LOG_SEGMENT_METADATA_SNAPSHOT_RECORD
        }
        _ => return None,
    })
}
