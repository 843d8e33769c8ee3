// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! The messages of the protocol, one module an API, and enums over all of them.
//!
//! Struct and field names are Kafka's own. What the fields mean to a broker or client is decided elsewhere; here
//! is how they lie in bytes. Every struct keeps tagged fields that this release does not know.

pub mod add_offsets_to_txn;
pub mod add_partitions_to_txn;
pub mod add_raft_voter;
pub mod alter_client_quotas;
pub mod alter_configs;
pub mod alter_partition_reassignments;
pub mod alter_replica_log_dirs;
pub mod alter_share_group_offsets;
pub mod alter_user_scram_credentials;
pub mod api_versions;
pub mod consumer_group_describe;
pub mod consumer_group_heartbeat;
pub mod create_acls;
pub mod create_delegation_token;
pub mod create_partitions;
pub mod create_topics;
pub mod delete_acls;
pub mod delete_groups;
pub mod delete_records;
pub mod delete_share_group_offsets;
pub mod delete_share_group_state;
pub mod delete_topics;
pub mod describe_acls;
pub mod describe_client_quotas;
pub mod describe_cluster;
pub mod describe_configs;
pub mod describe_delegation_token;
pub mod describe_groups;
pub mod describe_log_dirs;
pub mod describe_producers;
pub mod describe_quorum;
pub mod describe_share_group_offsets;
pub mod describe_topic_partitions;
pub mod describe_transactions;
pub mod describe_user_scram_credentials;
pub mod elect_leaders;
pub mod end_txn;
pub mod expire_delegation_token;
pub mod fetch;
pub mod find_coordinator;
pub mod get_telemetry_subscriptions;
pub mod heartbeat;
pub mod incremental_alter_configs;
pub mod init_producer_id;
pub mod initialize_share_group_state;
pub mod join_group;
pub mod leave_group;
pub mod list_config_resources;
pub mod list_groups;
pub mod list_offsets;
pub mod list_partition_reassignments;
pub mod list_transactions;
pub mod metadata;
pub mod offset_commit;
pub mod offset_delete;
pub mod offset_fetch;
pub mod offset_for_leader_epoch;
pub mod produce;
pub mod push_telemetry;
pub mod read_share_group_state;
pub mod read_share_group_state_summary;
pub mod remove_raft_voter;
pub mod renew_delegation_token;
pub mod sasl_authenticate;
pub mod sasl_handshake;
pub mod share_acknowledge;
pub mod share_fetch;
pub mod share_group_describe;
pub mod share_group_heartbeat;
pub mod streams_group_describe;
pub mod streams_group_heartbeat;
pub mod sync_group;
pub mod txn_offset_commit;
pub mod unregister_broker;
pub mod update_features;
pub mod write_share_group_state;
pub mod write_txn_markers;

use alloc::boxed::Box;
use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::ApiKey;
use crate::header::RequestHeader;
use crate::message::bodies::{bodies, from_unboxed};
use crate::message::{Encode, Message, Request};
use crate::wire::{DecodeError, DecodeLimits, EncodeError, NoFile, Sink};

use self::add_offsets_to_txn::{AddOffsetsToTxnRequest, AddOffsetsToTxnResponse};
use self::add_partitions_to_txn::{AddPartitionsToTxnRequest, AddPartitionsToTxnResponse};
use self::add_raft_voter::{AddRaftVoterRequest, AddRaftVoterResponse};
use self::alter_client_quotas::{AlterClientQuotasRequest, AlterClientQuotasResponse};
use self::alter_configs::{AlterConfigsRequest, AlterConfigsResponse};
use self::alter_partition_reassignments::{
    AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse,
};
use self::alter_replica_log_dirs::{AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse};
use self::alter_share_group_offsets::{AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse};
use self::alter_user_scram_credentials::{
    AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse,
};
use self::api_versions::{ApiVersionsRequest, ApiVersionsResponse};
use self::consumer_group_describe::{ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse};
use self::consumer_group_heartbeat::{ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse};
use self::create_acls::{CreateAclsRequest, CreateAclsResponse};
use self::create_delegation_token::{CreateDelegationTokenRequest, CreateDelegationTokenResponse};
use self::create_partitions::{CreatePartitionsRequest, CreatePartitionsResponse};
use self::create_topics::{CreateTopicsRequest, CreateTopicsResponse};
use self::delete_acls::{DeleteAclsRequest, DeleteAclsResponse};
use self::delete_groups::{DeleteGroupsRequest, DeleteGroupsResponse};
use self::delete_records::{DeleteRecordsRequest, DeleteRecordsResponse};
use self::delete_share_group_offsets::{DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse};
use self::delete_share_group_state::{DeleteShareGroupStateRequest, DeleteShareGroupStateResponse};
use self::delete_topics::{DeleteTopicsRequest, DeleteTopicsResponse};
use self::describe_acls::{DescribeAclsRequest, DescribeAclsResponse};
use self::describe_client_quotas::{DescribeClientQuotasRequest, DescribeClientQuotasResponse};
use self::describe_cluster::{DescribeClusterRequest, DescribeClusterResponse};
use self::describe_configs::{DescribeConfigsRequest, DescribeConfigsResponse};
use self::describe_delegation_token::{DescribeDelegationTokenRequest, DescribeDelegationTokenResponse};
use self::describe_groups::{DescribeGroupsRequest, DescribeGroupsResponse};
use self::describe_log_dirs::{DescribeLogDirsRequest, DescribeLogDirsResponse};
use self::describe_producers::{DescribeProducersRequest, DescribeProducersResponse};
use self::describe_quorum::{DescribeQuorumRequest, DescribeQuorumResponse};
use self::describe_share_group_offsets::{
    DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse,
};
use self::describe_topic_partitions::{DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse};
use self::describe_transactions::{DescribeTransactionsRequest, DescribeTransactionsResponse};
use self::describe_user_scram_credentials::{
    DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse,
};
use self::elect_leaders::{ElectLeadersRequest, ElectLeadersResponse};
use self::end_txn::{EndTxnRequest, EndTxnResponse};
use self::expire_delegation_token::{ExpireDelegationTokenRequest, ExpireDelegationTokenResponse};
use self::fetch::{FetchRequest, FetchResponse};
use self::find_coordinator::{FindCoordinatorRequest, FindCoordinatorResponse};
use self::get_telemetry_subscriptions::{
    GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse,
};
use self::heartbeat::{HeartbeatRequest, HeartbeatResponse};
use self::incremental_alter_configs::{IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse};
use self::init_producer_id::{InitProducerIdRequest, InitProducerIdResponse};
use self::initialize_share_group_state::{
    InitializeShareGroupStateRequest, InitializeShareGroupStateResponse,
};
use self::join_group::{JoinGroupRequest, JoinGroupResponse};
use self::leave_group::{LeaveGroupRequest, LeaveGroupResponse};
use self::list_config_resources::{ListConfigResourcesRequest, ListConfigResourcesResponse};
use self::list_groups::{ListGroupsRequest, ListGroupsResponse};
use self::list_offsets::{ListOffsetsRequest, ListOffsetsResponse};
use self::list_partition_reassignments::{
    ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse,
};
use self::list_transactions::{ListTransactionsRequest, ListTransactionsResponse};
use self::metadata::{MetadataRequest, MetadataResponse};
use self::offset_commit::{OffsetCommitRequest, OffsetCommitResponse};
use self::offset_delete::{OffsetDeleteRequest, OffsetDeleteResponse};
use self::offset_fetch::{OffsetFetchRequest, OffsetFetchResponse};
use self::offset_for_leader_epoch::{OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse};
use self::produce::{ProduceRequest, ProduceResponse};
use self::push_telemetry::{PushTelemetryRequest, PushTelemetryResponse};
use self::read_share_group_state::{ReadShareGroupStateRequest, ReadShareGroupStateResponse};
use self::read_share_group_state_summary::{
    ReadShareGroupStateSummaryRequest, ReadShareGroupStateSummaryResponse,
};
use self::remove_raft_voter::{RemoveRaftVoterRequest, RemoveRaftVoterResponse};
use self::renew_delegation_token::{RenewDelegationTokenRequest, RenewDelegationTokenResponse};
use self::sasl_authenticate::{SaslAuthenticateRequest, SaslAuthenticateResponse};
use self::sasl_handshake::{SaslHandshakeRequest, SaslHandshakeResponse};
use self::share_acknowledge::{ShareAcknowledgeRequest, ShareAcknowledgeResponse};
use self::share_fetch::{ShareFetchRequest, ShareFetchResponse};
use self::share_group_describe::{ShareGroupDescribeRequest, ShareGroupDescribeResponse};
use self::share_group_heartbeat::{ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse};
use self::streams_group_describe::{StreamsGroupDescribeRequest, StreamsGroupDescribeResponse};
use self::streams_group_heartbeat::{StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse};
use self::sync_group::{SyncGroupRequest, SyncGroupResponse};
use self::txn_offset_commit::{TxnOffsetCommitRequest, TxnOffsetCommitResponse};
use self::unregister_broker::{UnregisterBrokerRequest, UnregisterBrokerResponse};
use self::update_features::{UpdateFeaturesRequest, UpdateFeaturesResponse};
use self::write_share_group_state::{WriteShareGroupStateRequest, WriteShareGroupStateResponse};
use self::write_txn_markers::{WriteTxnMarkersRequest, WriteTxnMarkersResponse};

/// An API of this release.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Api {
    /// Its key.
    pub key: ApiKey,
    /// The versions that can be decoded and encoded.
    pub versions: RangeInclusive<i16>,
    /// Those of them that Kafka serves without being told to serve unstable ones.
    pub stable_versions: RangeInclusive<i16>,
}

impl Api {
    const fn of<R: Request>() -> Self {
        // The header of a message depends on its API alone, so the two must agree on what is flexible.
        assert!(
            matches!((R::FLEXIBLE_FROM, R::API_KEY.flexible_from()), (Some(a), Some(b)) if a == b)
                || (R::FLEXIBLE_FROM.is_none() && R::API_KEY.flexible_from().is_none())
        );
        let last = *R::VERSIONS.end() - R::LATEST_VERSION_UNSTABLE as i16;
        Self { key: R::API_KEY, versions: R::VERSIONS, stable_versions: *R::VERSIONS.start()..=last }
    }
}

/// Reads the body of a request that follows its header; bytes left over are an error.
///
/// # Errors
/// An API or version that this release does not have, bytes that are not this message.
pub fn decode_request_body(
    header: &RequestHeader,
    body: &Bytes,
    limits: &DecodeLimits,
) -> Result<RequestBody, DecodeError> {
    match ApiKey::from_i16(header.api_key) {
        Some(api) => RequestBody::decode(api, header.api_version, body, limits),
        None => Err(DecodeError::UnknownApiKey { api_key: header.api_key, api_version: header.api_version }),
    }
}

bodies! {
    Produce(ProduceRequest, ProduceResponse);
    Fetch(FetchRequest, FetchResponse<F>);
    ListOffsets(ListOffsetsRequest, ListOffsetsResponse);
    Metadata(MetadataRequest, MetadataResponse);
    OffsetCommit(OffsetCommitRequest, OffsetCommitResponse);
    OffsetFetch(OffsetFetchRequest, OffsetFetchResponse);
    FindCoordinator(FindCoordinatorRequest, FindCoordinatorResponse);
    JoinGroup(JoinGroupRequest, JoinGroupResponse);
    Heartbeat(HeartbeatRequest, HeartbeatResponse);
    LeaveGroup(LeaveGroupRequest, LeaveGroupResponse);
    SyncGroup(SyncGroupRequest, SyncGroupResponse);
    DescribeGroups(DescribeGroupsRequest, DescribeGroupsResponse);
    ListGroups(ListGroupsRequest, ListGroupsResponse);
    SaslHandshake(SaslHandshakeRequest, SaslHandshakeResponse);
    ApiVersions(ApiVersionsRequest, ApiVersionsResponse);
    CreateTopics(CreateTopicsRequest, CreateTopicsResponse);
    DeleteTopics(DeleteTopicsRequest, DeleteTopicsResponse);
    DeleteRecords(DeleteRecordsRequest, DeleteRecordsResponse);
    InitProducerId(InitProducerIdRequest, InitProducerIdResponse);
    OffsetForLeaderEpoch(OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse);
    AddPartitionsToTxn(AddPartitionsToTxnRequest, AddPartitionsToTxnResponse);
    AddOffsetsToTxn(AddOffsetsToTxnRequest, AddOffsetsToTxnResponse);
    EndTxn(EndTxnRequest, EndTxnResponse);
    WriteTxnMarkers(WriteTxnMarkersRequest, WriteTxnMarkersResponse);
    TxnOffsetCommit(TxnOffsetCommitRequest, TxnOffsetCommitResponse);
    DescribeAcls(DescribeAclsRequest, DescribeAclsResponse);
    CreateAcls(CreateAclsRequest, CreateAclsResponse);
    DeleteAcls(DeleteAclsRequest, DeleteAclsResponse);
    DescribeConfigs(DescribeConfigsRequest, DescribeConfigsResponse);
    AlterConfigs(AlterConfigsRequest, AlterConfigsResponse);
    AlterReplicaLogDirs(AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse);
    DescribeLogDirs(DescribeLogDirsRequest, DescribeLogDirsResponse);
    SaslAuthenticate(SaslAuthenticateRequest, SaslAuthenticateResponse);
    CreatePartitions(CreatePartitionsRequest, CreatePartitionsResponse);
    CreateDelegationToken(CreateDelegationTokenRequest, Box<CreateDelegationTokenResponse>);
    RenewDelegationToken(RenewDelegationTokenRequest, RenewDelegationTokenResponse);
    ExpireDelegationToken(ExpireDelegationTokenRequest, ExpireDelegationTokenResponse);
    DescribeDelegationToken(DescribeDelegationTokenRequest, DescribeDelegationTokenResponse);
    DeleteGroups(DeleteGroupsRequest, DeleteGroupsResponse);
    ElectLeaders(ElectLeadersRequest, ElectLeadersResponse);
    IncrementalAlterConfigs(IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse);
    AlterPartitionReassignments(AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse);
    ListPartitionReassignments(ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse);
    OffsetDelete(OffsetDeleteRequest, OffsetDeleteResponse);
    DescribeClientQuotas(DescribeClientQuotasRequest, DescribeClientQuotasResponse);
    AlterClientQuotas(AlterClientQuotasRequest, AlterClientQuotasResponse);
    DescribeUserScramCredentials(DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse);
    AlterUserScramCredentials(AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse);
    DescribeQuorum(DescribeQuorumRequest, DescribeQuorumResponse);
    UpdateFeatures(UpdateFeaturesRequest, UpdateFeaturesResponse);
    DescribeCluster(DescribeClusterRequest, DescribeClusterResponse);
    DescribeProducers(DescribeProducersRequest, DescribeProducersResponse);
    UnregisterBroker(UnregisterBrokerRequest, UnregisterBrokerResponse);
    DescribeTransactions(DescribeTransactionsRequest, DescribeTransactionsResponse);
    ListTransactions(ListTransactionsRequest, ListTransactionsResponse);
    ConsumerGroupHeartbeat(Box<ConsumerGroupHeartbeatRequest>, ConsumerGroupHeartbeatResponse);
    ConsumerGroupDescribe(ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse);
    GetTelemetrySubscriptions(GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse);
    PushTelemetry(PushTelemetryRequest, PushTelemetryResponse);
    ListConfigResources(ListConfigResourcesRequest, ListConfigResourcesResponse);
    DescribeTopicPartitions(DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse);
    ShareGroupHeartbeat(ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse);
    ShareGroupDescribe(ShareGroupDescribeRequest, ShareGroupDescribeResponse);
    ShareFetch(ShareFetchRequest, ShareFetchResponse<F>);
    ShareAcknowledge(ShareAcknowledgeRequest, ShareAcknowledgeResponse);
    AddRaftVoter(AddRaftVoterRequest, AddRaftVoterResponse);
    RemoveRaftVoter(RemoveRaftVoterRequest, RemoveRaftVoterResponse);
    InitializeShareGroupState(InitializeShareGroupStateRequest, InitializeShareGroupStateResponse);
    ReadShareGroupState(ReadShareGroupStateRequest, ReadShareGroupStateResponse);
    WriteShareGroupState(WriteShareGroupStateRequest, WriteShareGroupStateResponse);
    DeleteShareGroupState(DeleteShareGroupStateRequest, DeleteShareGroupStateResponse);
    ReadShareGroupStateSummary(ReadShareGroupStateSummaryRequest, ReadShareGroupStateSummaryResponse);
    StreamsGroupHeartbeat(Box<StreamsGroupHeartbeatRequest>, Box<StreamsGroupHeartbeatResponse>);
    StreamsGroupDescribe(StreamsGroupDescribeRequest, StreamsGroupDescribeResponse);
    DescribeShareGroupOffsets(DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse);
    AlterShareGroupOffsets(AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse);
    DeleteShareGroupOffsets(DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse);
}

from_unboxed!(RequestBody: ConsumerGroupHeartbeatRequest);
from_unboxed!(RequestBody: StreamsGroupHeartbeatRequest);
from_unboxed!(ResponseBody<F>: CreateDelegationTokenResponse);
from_unboxed!(ResponseBody<F>: StreamsGroupHeartbeatResponse);
