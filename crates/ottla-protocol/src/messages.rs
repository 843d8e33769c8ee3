// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! The messages of the protocol, one module an API, and enums over all of them.
//!
//! Struct and field names are Kafka's own. What the fields mean to a broker or client is decided elsewhere; here
//! is how they lie in bytes. Every struct keeps tagged fields that this release does not know.

pub mod alter_configs;
pub mod api_versions;
pub mod create_partitions;
pub mod create_topics;
pub mod delete_groups;
pub mod delete_topics;
pub mod describe_cluster;
pub mod describe_configs;
pub mod describe_groups;
pub mod describe_log_dirs;
pub mod describe_topic_partitions;
pub mod fetch;
pub mod find_coordinator;
pub mod heartbeat;
pub mod incremental_alter_configs;
pub mod init_producer_id;
pub mod join_group;
pub mod leave_group;
pub mod list_groups;
pub mod list_offsets;
pub mod metadata;
pub mod offset_commit;
pub mod offset_delete;
pub mod offset_fetch;
pub mod offset_for_leader_epoch;
pub mod produce;
pub mod sync_group;

use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::ApiKey;
use crate::header::RequestHeader;
use crate::message::{Encode, Message, Request};
use crate::wire::{DecodeError, DecodeLimits, EncodeError, NoFile, Sink};

use self::alter_configs::{AlterConfigsRequest, AlterConfigsResponse};
use self::api_versions::{ApiVersionsRequest, ApiVersionsResponse};
use self::create_partitions::{CreatePartitionsRequest, CreatePartitionsResponse};
use self::create_topics::{CreateTopicsRequest, CreateTopicsResponse};
use self::delete_groups::{DeleteGroupsRequest, DeleteGroupsResponse};
use self::delete_topics::{DeleteTopicsRequest, DeleteTopicsResponse};
use self::describe_cluster::{DescribeClusterRequest, DescribeClusterResponse};
use self::describe_configs::{DescribeConfigsRequest, DescribeConfigsResponse};
use self::describe_groups::{DescribeGroupsRequest, DescribeGroupsResponse};
use self::describe_log_dirs::{DescribeLogDirsRequest, DescribeLogDirsResponse};
use self::describe_topic_partitions::{DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse};
use self::fetch::{FetchRequest, FetchResponse};
use self::find_coordinator::{FindCoordinatorRequest, FindCoordinatorResponse};
use self::heartbeat::{HeartbeatRequest, HeartbeatResponse};
use self::incremental_alter_configs::{IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse};
use self::init_producer_id::{InitProducerIdRequest, InitProducerIdResponse};
use self::join_group::{JoinGroupRequest, JoinGroupResponse};
use self::leave_group::{LeaveGroupRequest, LeaveGroupResponse};
use self::list_groups::{ListGroupsRequest, ListGroupsResponse};
use self::list_offsets::{ListOffsetsRequest, ListOffsetsResponse};
use self::metadata::{MetadataRequest, MetadataResponse};
use self::offset_commit::{OffsetCommitRequest, OffsetCommitResponse};
use self::offset_delete::{OffsetDeleteRequest, OffsetDeleteResponse};
use self::offset_fetch::{OffsetFetchRequest, OffsetFetchResponse};
use self::offset_for_leader_epoch::{OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse};
use self::produce::{ProduceRequest, ProduceResponse};
use self::sync_group::{SyncGroupRequest, SyncGroupResponse};

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

/// The APIs of this release, by key.
pub const APIS: &[Api] = &[
    Api::of::<ProduceRequest>(),
    Api::of::<FetchRequest>(),
    Api::of::<ListOffsetsRequest>(),
    Api::of::<MetadataRequest>(),
    Api::of::<OffsetCommitRequest>(),
    Api::of::<OffsetFetchRequest>(),
    Api::of::<FindCoordinatorRequest>(),
    Api::of::<JoinGroupRequest>(),
    Api::of::<HeartbeatRequest>(),
    Api::of::<LeaveGroupRequest>(),
    Api::of::<SyncGroupRequest>(),
    Api::of::<DescribeGroupsRequest>(),
    Api::of::<ListGroupsRequest>(),
    Api::of::<ApiVersionsRequest>(),
    Api::of::<CreateTopicsRequest>(),
    Api::of::<DeleteTopicsRequest>(),
    Api::of::<InitProducerIdRequest>(),
    Api::of::<OffsetForLeaderEpochRequest>(),
    Api::of::<DescribeConfigsRequest>(),
    Api::of::<AlterConfigsRequest>(),
    Api::of::<DescribeLogDirsRequest>(),
    Api::of::<CreatePartitionsRequest>(),
    Api::of::<DeleteGroupsRequest>(),
    Api::of::<IncrementalAlterConfigsRequest>(),
    Api::of::<OffsetDeleteRequest>(),
    Api::of::<DescribeClusterRequest>(),
    Api::of::<DescribeTopicPartitionsRequest>(),
];

/// A request of any API. Not `non_exhaustive`: who serves requests should hear of a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestBody {
    /// [`ProduceRequest`].
    Produce(ProduceRequest),
    /// [`FetchRequest`].
    Fetch(FetchRequest),
    /// [`ListOffsetsRequest`].
    ListOffsets(ListOffsetsRequest),
    /// [`MetadataRequest`].
    Metadata(MetadataRequest),
    /// [`OffsetCommitRequest`].
    OffsetCommit(OffsetCommitRequest),
    /// [`OffsetFetchRequest`].
    OffsetFetch(OffsetFetchRequest),
    /// [`FindCoordinatorRequest`].
    FindCoordinator(FindCoordinatorRequest),
    /// [`JoinGroupRequest`].
    JoinGroup(JoinGroupRequest),
    /// [`HeartbeatRequest`].
    Heartbeat(HeartbeatRequest),
    /// [`LeaveGroupRequest`].
    LeaveGroup(LeaveGroupRequest),
    /// [`SyncGroupRequest`].
    SyncGroup(SyncGroupRequest),
    /// [`DescribeGroupsRequest`].
    DescribeGroups(DescribeGroupsRequest),
    /// [`ListGroupsRequest`].
    ListGroups(ListGroupsRequest),
    /// [`ApiVersionsRequest`].
    ApiVersions(ApiVersionsRequest),
    /// [`CreateTopicsRequest`].
    CreateTopics(CreateTopicsRequest),
    /// [`DeleteTopicsRequest`].
    DeleteTopics(DeleteTopicsRequest),
    /// [`InitProducerIdRequest`].
    InitProducerId(InitProducerIdRequest),
    /// [`OffsetForLeaderEpochRequest`].
    OffsetForLeaderEpoch(OffsetForLeaderEpochRequest),
    /// [`DescribeConfigsRequest`].
    DescribeConfigs(DescribeConfigsRequest),
    /// [`AlterConfigsRequest`].
    AlterConfigs(AlterConfigsRequest),
    /// [`DescribeLogDirsRequest`].
    DescribeLogDirs(DescribeLogDirsRequest),
    /// [`CreatePartitionsRequest`].
    CreatePartitions(CreatePartitionsRequest),
    /// [`DeleteGroupsRequest`].
    DeleteGroups(DeleteGroupsRequest),
    /// [`IncrementalAlterConfigsRequest`].
    IncrementalAlterConfigs(IncrementalAlterConfigsRequest),
    /// [`OffsetDeleteRequest`].
    OffsetDelete(OffsetDeleteRequest),
    /// [`DescribeClusterRequest`].
    DescribeCluster(DescribeClusterRequest),
    /// [`DescribeTopicPartitionsRequest`].
    DescribeTopicPartitions(DescribeTopicPartitionsRequest),
}

impl RequestBody {
    /// The API of the request.
    #[must_use]
    pub fn api_key(&self) -> ApiKey {
        match self {
            Self::Produce(_) => ApiKey::Produce,
            Self::Fetch(_) => ApiKey::Fetch,
            Self::ListOffsets(_) => ApiKey::ListOffsets,
            Self::Metadata(_) => ApiKey::Metadata,
            Self::OffsetCommit(_) => ApiKey::OffsetCommit,
            Self::OffsetFetch(_) => ApiKey::OffsetFetch,
            Self::FindCoordinator(_) => ApiKey::FindCoordinator,
            Self::JoinGroup(_) => ApiKey::JoinGroup,
            Self::Heartbeat(_) => ApiKey::Heartbeat,
            Self::LeaveGroup(_) => ApiKey::LeaveGroup,
            Self::SyncGroup(_) => ApiKey::SyncGroup,
            Self::DescribeGroups(_) => ApiKey::DescribeGroups,
            Self::ListGroups(_) => ApiKey::ListGroups,
            Self::ApiVersions(_) => ApiKey::ApiVersions,
            Self::CreateTopics(_) => ApiKey::CreateTopics,
            Self::DeleteTopics(_) => ApiKey::DeleteTopics,
            Self::InitProducerId(_) => ApiKey::InitProducerId,
            Self::OffsetForLeaderEpoch(_) => ApiKey::OffsetForLeaderEpoch,
            Self::DescribeConfigs(_) => ApiKey::DescribeConfigs,
            Self::AlterConfigs(_) => ApiKey::AlterConfigs,
            Self::DescribeLogDirs(_) => ApiKey::DescribeLogDirs,
            Self::CreatePartitions(_) => ApiKey::CreatePartitions,
            Self::DeleteGroups(_) => ApiKey::DeleteGroups,
            Self::IncrementalAlterConfigs(_) => ApiKey::IncrementalAlterConfigs,
            Self::OffsetDelete(_) => ApiKey::OffsetDelete,
            Self::DescribeCluster(_) => ApiKey::DescribeCluster,
            Self::DescribeTopicPartitions(_) => ApiKey::DescribeTopicPartitions,
        }
    }

    /// Reads the body of a request; bytes left over are an error.
    ///
    /// # Errors
    /// An API or version that this release does not have, bytes that are not this message.
    pub fn decode(
        api: ApiKey,
        version: i16,
        body: &Bytes,
        limits: &DecodeLimits,
    ) -> Result<Self, DecodeError> {
        Ok(match api {
            ApiKey::Produce => Self::Produce(ProduceRequest::decode_whole(body, version, limits)?),
            ApiKey::Fetch => Self::Fetch(FetchRequest::decode_whole(body, version, limits)?),
            ApiKey::ListOffsets => {
                Self::ListOffsets(ListOffsetsRequest::decode_whole(body, version, limits)?)
            }
            ApiKey::Metadata => Self::Metadata(MetadataRequest::decode_whole(body, version, limits)?),
            ApiKey::OffsetCommit => {
                Self::OffsetCommit(OffsetCommitRequest::decode_whole(body, version, limits)?)
            }
            ApiKey::OffsetFetch => {
                Self::OffsetFetch(OffsetFetchRequest::decode_whole(body, version, limits)?)
            }
            ApiKey::FindCoordinator => {
                Self::FindCoordinator(FindCoordinatorRequest::decode_whole(body, version, limits)?)
            }
            ApiKey::JoinGroup => Self::JoinGroup(JoinGroupRequest::decode_whole(body, version, limits)?),
            ApiKey::Heartbeat => Self::Heartbeat(HeartbeatRequest::decode_whole(body, version, limits)?),
            ApiKey::LeaveGroup => Self::LeaveGroup(LeaveGroupRequest::decode_whole(body, version, limits)?),
            ApiKey::SyncGroup => Self::SyncGroup(SyncGroupRequest::decode_whole(body, version, limits)?),
            ApiKey::DescribeGroups => {
                Self::DescribeGroups(DescribeGroupsRequest::decode_whole(body, version, limits)?)
            }
            ApiKey::ListGroups => Self::ListGroups(ListGroupsRequest::decode_whole(body, version, limits)?),
            ApiKey::ApiVersions => {
                Self::ApiVersions(ApiVersionsRequest::decode_whole(body, version, limits)?)
            }
            ApiKey::CreateTopics => {
                Self::CreateTopics(CreateTopicsRequest::decode_whole(body, version, limits)?)
            }
            ApiKey::DeleteTopics => {
                Self::DeleteTopics(DeleteTopicsRequest::decode_whole(body, version, limits)?)
            }
            ApiKey::InitProducerId => {
                Self::InitProducerId(InitProducerIdRequest::decode_whole(body, version, limits)?)
            }
            ApiKey::OffsetForLeaderEpoch => {
                Self::OffsetForLeaderEpoch(OffsetForLeaderEpochRequest::decode_whole(body, version, limits)?)
            }
            ApiKey::DescribeConfigs => {
                Self::DescribeConfigs(DescribeConfigsRequest::decode_whole(body, version, limits)?)
            }
            ApiKey::AlterConfigs => {
                Self::AlterConfigs(AlterConfigsRequest::decode_whole(body, version, limits)?)
            }
            ApiKey::DescribeLogDirs => {
                Self::DescribeLogDirs(DescribeLogDirsRequest::decode_whole(body, version, limits)?)
            }
            ApiKey::CreatePartitions => {
                Self::CreatePartitions(CreatePartitionsRequest::decode_whole(body, version, limits)?)
            }
            ApiKey::DeleteGroups => {
                Self::DeleteGroups(DeleteGroupsRequest::decode_whole(body, version, limits)?)
            }
            ApiKey::IncrementalAlterConfigs => Self::IncrementalAlterConfigs(
                IncrementalAlterConfigsRequest::decode_whole(body, version, limits)?,
            ),
            ApiKey::OffsetDelete => {
                Self::OffsetDelete(OffsetDeleteRequest::decode_whole(body, version, limits)?)
            }
            ApiKey::DescribeCluster => {
                Self::DescribeCluster(DescribeClusterRequest::decode_whole(body, version, limits)?)
            }
            ApiKey::DescribeTopicPartitions => Self::DescribeTopicPartitions(
                DescribeTopicPartitionsRequest::decode_whole(body, version, limits)?,
            ),
            _ => return Err(DecodeError::UnknownApiKey { api_key: api.to_i16(), api_version: version }),
        })
    }
}

impl Encode for RequestBody {
    fn encode<S: Sink>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        match self {
            Self::Produce(message) => message.encode(s, version),
            Self::Fetch(message) => message.encode(s, version),
            Self::ListOffsets(message) => message.encode(s, version),
            Self::Metadata(message) => message.encode(s, version),
            Self::OffsetCommit(message) => message.encode(s, version),
            Self::OffsetFetch(message) => message.encode(s, version),
            Self::FindCoordinator(message) => message.encode(s, version),
            Self::JoinGroup(message) => message.encode(s, version),
            Self::Heartbeat(message) => message.encode(s, version),
            Self::LeaveGroup(message) => message.encode(s, version),
            Self::SyncGroup(message) => message.encode(s, version),
            Self::DescribeGroups(message) => message.encode(s, version),
            Self::ListGroups(message) => message.encode(s, version),
            Self::ApiVersions(message) => message.encode(s, version),
            Self::CreateTopics(message) => message.encode(s, version),
            Self::DeleteTopics(message) => message.encode(s, version),
            Self::InitProducerId(message) => message.encode(s, version),
            Self::OffsetForLeaderEpoch(message) => message.encode(s, version),
            Self::DescribeConfigs(message) => message.encode(s, version),
            Self::AlterConfigs(message) => message.encode(s, version),
            Self::DescribeLogDirs(message) => message.encode(s, version),
            Self::CreatePartitions(message) => message.encode(s, version),
            Self::DeleteGroups(message) => message.encode(s, version),
            Self::IncrementalAlterConfigs(message) => message.encode(s, version),
            Self::OffsetDelete(message) => message.encode(s, version),
            Self::DescribeCluster(message) => message.encode(s, version),
            Self::DescribeTopicPartitions(message) => message.encode(s, version),
        }
    }
}

impl From<ProduceRequest> for RequestBody {
    fn from(message: ProduceRequest) -> Self {
        Self::Produce(message)
    }
}

impl From<FetchRequest> for RequestBody {
    fn from(message: FetchRequest) -> Self {
        Self::Fetch(message)
    }
}

impl From<ListOffsetsRequest> for RequestBody {
    fn from(message: ListOffsetsRequest) -> Self {
        Self::ListOffsets(message)
    }
}

impl From<MetadataRequest> for RequestBody {
    fn from(message: MetadataRequest) -> Self {
        Self::Metadata(message)
    }
}

impl From<OffsetCommitRequest> for RequestBody {
    fn from(message: OffsetCommitRequest) -> Self {
        Self::OffsetCommit(message)
    }
}

impl From<OffsetFetchRequest> for RequestBody {
    fn from(message: OffsetFetchRequest) -> Self {
        Self::OffsetFetch(message)
    }
}

impl From<FindCoordinatorRequest> for RequestBody {
    fn from(message: FindCoordinatorRequest) -> Self {
        Self::FindCoordinator(message)
    }
}

impl From<JoinGroupRequest> for RequestBody {
    fn from(message: JoinGroupRequest) -> Self {
        Self::JoinGroup(message)
    }
}

impl From<HeartbeatRequest> for RequestBody {
    fn from(message: HeartbeatRequest) -> Self {
        Self::Heartbeat(message)
    }
}

impl From<LeaveGroupRequest> for RequestBody {
    fn from(message: LeaveGroupRequest) -> Self {
        Self::LeaveGroup(message)
    }
}

impl From<SyncGroupRequest> for RequestBody {
    fn from(message: SyncGroupRequest) -> Self {
        Self::SyncGroup(message)
    }
}

impl From<DescribeGroupsRequest> for RequestBody {
    fn from(message: DescribeGroupsRequest) -> Self {
        Self::DescribeGroups(message)
    }
}

impl From<ListGroupsRequest> for RequestBody {
    fn from(message: ListGroupsRequest) -> Self {
        Self::ListGroups(message)
    }
}

impl From<ApiVersionsRequest> for RequestBody {
    fn from(message: ApiVersionsRequest) -> Self {
        Self::ApiVersions(message)
    }
}

impl From<CreateTopicsRequest> for RequestBody {
    fn from(message: CreateTopicsRequest) -> Self {
        Self::CreateTopics(message)
    }
}

impl From<DeleteTopicsRequest> for RequestBody {
    fn from(message: DeleteTopicsRequest) -> Self {
        Self::DeleteTopics(message)
    }
}

impl From<InitProducerIdRequest> for RequestBody {
    fn from(message: InitProducerIdRequest) -> Self {
        Self::InitProducerId(message)
    }
}

impl From<OffsetForLeaderEpochRequest> for RequestBody {
    fn from(message: OffsetForLeaderEpochRequest) -> Self {
        Self::OffsetForLeaderEpoch(message)
    }
}

impl From<DescribeConfigsRequest> for RequestBody {
    fn from(message: DescribeConfigsRequest) -> Self {
        Self::DescribeConfigs(message)
    }
}

impl From<AlterConfigsRequest> for RequestBody {
    fn from(message: AlterConfigsRequest) -> Self {
        Self::AlterConfigs(message)
    }
}

impl From<DescribeLogDirsRequest> for RequestBody {
    fn from(message: DescribeLogDirsRequest) -> Self {
        Self::DescribeLogDirs(message)
    }
}

impl From<CreatePartitionsRequest> for RequestBody {
    fn from(message: CreatePartitionsRequest) -> Self {
        Self::CreatePartitions(message)
    }
}

impl From<DeleteGroupsRequest> for RequestBody {
    fn from(message: DeleteGroupsRequest) -> Self {
        Self::DeleteGroups(message)
    }
}

impl From<IncrementalAlterConfigsRequest> for RequestBody {
    fn from(message: IncrementalAlterConfigsRequest) -> Self {
        Self::IncrementalAlterConfigs(message)
    }
}

impl From<OffsetDeleteRequest> for RequestBody {
    fn from(message: OffsetDeleteRequest) -> Self {
        Self::OffsetDelete(message)
    }
}

impl From<DescribeClusterRequest> for RequestBody {
    fn from(message: DescribeClusterRequest) -> Self {
        Self::DescribeCluster(message)
    }
}

impl From<DescribeTopicPartitionsRequest> for RequestBody {
    fn from(message: DescribeTopicPartitionsRequest) -> Self {
        Self::DescribeTopicPartitions(message)
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

/// A response of any API; `F` is what record data outside memory comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResponseBody<F = NoFile> {
    /// [`ProduceResponse`].
    Produce(ProduceResponse),
    /// [`FetchResponse`].
    Fetch(FetchResponse<F>),
    /// [`ListOffsetsResponse`].
    ListOffsets(ListOffsetsResponse),
    /// [`MetadataResponse`].
    Metadata(MetadataResponse),
    /// [`OffsetCommitResponse`].
    OffsetCommit(OffsetCommitResponse),
    /// [`OffsetFetchResponse`].
    OffsetFetch(OffsetFetchResponse),
    /// [`FindCoordinatorResponse`].
    FindCoordinator(FindCoordinatorResponse),
    /// [`JoinGroupResponse`].
    JoinGroup(JoinGroupResponse),
    /// [`HeartbeatResponse`].
    Heartbeat(HeartbeatResponse),
    /// [`LeaveGroupResponse`].
    LeaveGroup(LeaveGroupResponse),
    /// [`SyncGroupResponse`].
    SyncGroup(SyncGroupResponse),
    /// [`DescribeGroupsResponse`].
    DescribeGroups(DescribeGroupsResponse),
    /// [`ListGroupsResponse`].
    ListGroups(ListGroupsResponse),
    /// [`ApiVersionsResponse`].
    ApiVersions(ApiVersionsResponse),
    /// [`CreateTopicsResponse`].
    CreateTopics(CreateTopicsResponse),
    /// [`DeleteTopicsResponse`].
    DeleteTopics(DeleteTopicsResponse),
    /// [`InitProducerIdResponse`].
    InitProducerId(InitProducerIdResponse),
    /// [`OffsetForLeaderEpochResponse`].
    OffsetForLeaderEpoch(OffsetForLeaderEpochResponse),
    /// [`DescribeConfigsResponse`].
    DescribeConfigs(DescribeConfigsResponse),
    /// [`AlterConfigsResponse`].
    AlterConfigs(AlterConfigsResponse),
    /// [`DescribeLogDirsResponse`].
    DescribeLogDirs(DescribeLogDirsResponse),
    /// [`CreatePartitionsResponse`].
    CreatePartitions(CreatePartitionsResponse),
    /// [`DeleteGroupsResponse`].
    DeleteGroups(DeleteGroupsResponse),
    /// [`IncrementalAlterConfigsResponse`].
    IncrementalAlterConfigs(IncrementalAlterConfigsResponse),
    /// [`OffsetDeleteResponse`].
    OffsetDelete(OffsetDeleteResponse),
    /// [`DescribeClusterResponse`].
    DescribeCluster(DescribeClusterResponse),
    /// [`DescribeTopicPartitionsResponse`].
    DescribeTopicPartitions(DescribeTopicPartitionsResponse),
}

impl<F> ResponseBody<F> {
    /// The API of the response.
    #[must_use]
    pub fn api_key(&self) -> ApiKey {
        match self {
            Self::Produce(_) => ApiKey::Produce,
            Self::Fetch(_) => ApiKey::Fetch,
            Self::ListOffsets(_) => ApiKey::ListOffsets,
            Self::Metadata(_) => ApiKey::Metadata,
            Self::OffsetCommit(_) => ApiKey::OffsetCommit,
            Self::OffsetFetch(_) => ApiKey::OffsetFetch,
            Self::FindCoordinator(_) => ApiKey::FindCoordinator,
            Self::JoinGroup(_) => ApiKey::JoinGroup,
            Self::Heartbeat(_) => ApiKey::Heartbeat,
            Self::LeaveGroup(_) => ApiKey::LeaveGroup,
            Self::SyncGroup(_) => ApiKey::SyncGroup,
            Self::DescribeGroups(_) => ApiKey::DescribeGroups,
            Self::ListGroups(_) => ApiKey::ListGroups,
            Self::ApiVersions(_) => ApiKey::ApiVersions,
            Self::CreateTopics(_) => ApiKey::CreateTopics,
            Self::DeleteTopics(_) => ApiKey::DeleteTopics,
            Self::InitProducerId(_) => ApiKey::InitProducerId,
            Self::OffsetForLeaderEpoch(_) => ApiKey::OffsetForLeaderEpoch,
            Self::DescribeConfigs(_) => ApiKey::DescribeConfigs,
            Self::AlterConfigs(_) => ApiKey::AlterConfigs,
            Self::DescribeLogDirs(_) => ApiKey::DescribeLogDirs,
            Self::CreatePartitions(_) => ApiKey::CreatePartitions,
            Self::DeleteGroups(_) => ApiKey::DeleteGroups,
            Self::IncrementalAlterConfigs(_) => ApiKey::IncrementalAlterConfigs,
            Self::OffsetDelete(_) => ApiKey::OffsetDelete,
            Self::DescribeCluster(_) => ApiKey::DescribeCluster,
            Self::DescribeTopicPartitions(_) => ApiKey::DescribeTopicPartitions,
        }
    }

    /// Reads the body of a response; bytes left over are an error.
    ///
    /// # Errors
    /// An API or version that this release does not have, bytes that are not this message.
    pub fn decode(
        api: ApiKey,
        version: i16,
        body: &Bytes,
        limits: &DecodeLimits,
    ) -> Result<Self, DecodeError> {
        Ok(match api {
            ApiKey::Produce => Self::Produce(ProduceResponse::decode_whole(body, version, limits)?),
            ApiKey::Fetch => Self::Fetch(FetchResponse::decode_whole(body, version, limits)?),
            ApiKey::ListOffsets => {
                Self::ListOffsets(ListOffsetsResponse::decode_whole(body, version, limits)?)
            }
            ApiKey::Metadata => Self::Metadata(MetadataResponse::decode_whole(body, version, limits)?),
            ApiKey::OffsetCommit => {
                Self::OffsetCommit(OffsetCommitResponse::decode_whole(body, version, limits)?)
            }
            ApiKey::OffsetFetch => {
                Self::OffsetFetch(OffsetFetchResponse::decode_whole(body, version, limits)?)
            }
            ApiKey::FindCoordinator => {
                Self::FindCoordinator(FindCoordinatorResponse::decode_whole(body, version, limits)?)
            }
            ApiKey::JoinGroup => Self::JoinGroup(JoinGroupResponse::decode_whole(body, version, limits)?),
            ApiKey::Heartbeat => Self::Heartbeat(HeartbeatResponse::decode_whole(body, version, limits)?),
            ApiKey::LeaveGroup => Self::LeaveGroup(LeaveGroupResponse::decode_whole(body, version, limits)?),
            ApiKey::SyncGroup => Self::SyncGroup(SyncGroupResponse::decode_whole(body, version, limits)?),
            ApiKey::DescribeGroups => {
                Self::DescribeGroups(DescribeGroupsResponse::decode_whole(body, version, limits)?)
            }
            ApiKey::ListGroups => Self::ListGroups(ListGroupsResponse::decode_whole(body, version, limits)?),
            ApiKey::ApiVersions => {
                Self::ApiVersions(ApiVersionsResponse::decode_whole(body, version, limits)?)
            }
            ApiKey::CreateTopics => {
                Self::CreateTopics(CreateTopicsResponse::decode_whole(body, version, limits)?)
            }
            ApiKey::DeleteTopics => {
                Self::DeleteTopics(DeleteTopicsResponse::decode_whole(body, version, limits)?)
            }
            ApiKey::InitProducerId => {
                Self::InitProducerId(InitProducerIdResponse::decode_whole(body, version, limits)?)
            }
            ApiKey::OffsetForLeaderEpoch => {
                Self::OffsetForLeaderEpoch(OffsetForLeaderEpochResponse::decode_whole(body, version, limits)?)
            }
            ApiKey::DescribeConfigs => {
                Self::DescribeConfigs(DescribeConfigsResponse::decode_whole(body, version, limits)?)
            }
            ApiKey::AlterConfigs => {
                Self::AlterConfigs(AlterConfigsResponse::decode_whole(body, version, limits)?)
            }
            ApiKey::DescribeLogDirs => {
                Self::DescribeLogDirs(DescribeLogDirsResponse::decode_whole(body, version, limits)?)
            }
            ApiKey::CreatePartitions => {
                Self::CreatePartitions(CreatePartitionsResponse::decode_whole(body, version, limits)?)
            }
            ApiKey::DeleteGroups => {
                Self::DeleteGroups(DeleteGroupsResponse::decode_whole(body, version, limits)?)
            }
            ApiKey::IncrementalAlterConfigs => Self::IncrementalAlterConfigs(
                IncrementalAlterConfigsResponse::decode_whole(body, version, limits)?,
            ),
            ApiKey::OffsetDelete => {
                Self::OffsetDelete(OffsetDeleteResponse::decode_whole(body, version, limits)?)
            }
            ApiKey::DescribeCluster => {
                Self::DescribeCluster(DescribeClusterResponse::decode_whole(body, version, limits)?)
            }
            ApiKey::DescribeTopicPartitions => Self::DescribeTopicPartitions(
                DescribeTopicPartitionsResponse::decode_whole(body, version, limits)?,
            ),
            _ => return Err(DecodeError::UnknownApiKey { api_key: api.to_i16(), api_version: version }),
        })
    }
}

impl<F> Encode<F> for ResponseBody<F> {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        match self {
            Self::Produce(message) => message.encode(s, version),
            Self::Fetch(message) => message.encode(s, version),
            Self::ListOffsets(message) => message.encode(s, version),
            Self::Metadata(message) => message.encode(s, version),
            Self::OffsetCommit(message) => message.encode(s, version),
            Self::OffsetFetch(message) => message.encode(s, version),
            Self::FindCoordinator(message) => message.encode(s, version),
            Self::JoinGroup(message) => message.encode(s, version),
            Self::Heartbeat(message) => message.encode(s, version),
            Self::LeaveGroup(message) => message.encode(s, version),
            Self::SyncGroup(message) => message.encode(s, version),
            Self::DescribeGroups(message) => message.encode(s, version),
            Self::ListGroups(message) => message.encode(s, version),
            Self::ApiVersions(message) => message.encode(s, version),
            Self::CreateTopics(message) => message.encode(s, version),
            Self::DeleteTopics(message) => message.encode(s, version),
            Self::InitProducerId(message) => message.encode(s, version),
            Self::OffsetForLeaderEpoch(message) => message.encode(s, version),
            Self::DescribeConfigs(message) => message.encode(s, version),
            Self::AlterConfigs(message) => message.encode(s, version),
            Self::DescribeLogDirs(message) => message.encode(s, version),
            Self::CreatePartitions(message) => message.encode(s, version),
            Self::DeleteGroups(message) => message.encode(s, version),
            Self::IncrementalAlterConfigs(message) => message.encode(s, version),
            Self::OffsetDelete(message) => message.encode(s, version),
            Self::DescribeCluster(message) => message.encode(s, version),
            Self::DescribeTopicPartitions(message) => message.encode(s, version),
        }
    }
}

impl<F> From<ProduceResponse> for ResponseBody<F> {
    fn from(message: ProduceResponse) -> Self {
        Self::Produce(message)
    }
}

impl<F> From<FetchResponse<F>> for ResponseBody<F> {
    fn from(message: FetchResponse<F>) -> Self {
        Self::Fetch(message)
    }
}

impl<F> From<ListOffsetsResponse> for ResponseBody<F> {
    fn from(message: ListOffsetsResponse) -> Self {
        Self::ListOffsets(message)
    }
}

impl<F> From<MetadataResponse> for ResponseBody<F> {
    fn from(message: MetadataResponse) -> Self {
        Self::Metadata(message)
    }
}

impl<F> From<OffsetCommitResponse> for ResponseBody<F> {
    fn from(message: OffsetCommitResponse) -> Self {
        Self::OffsetCommit(message)
    }
}

impl<F> From<OffsetFetchResponse> for ResponseBody<F> {
    fn from(message: OffsetFetchResponse) -> Self {
        Self::OffsetFetch(message)
    }
}

impl<F> From<FindCoordinatorResponse> for ResponseBody<F> {
    fn from(message: FindCoordinatorResponse) -> Self {
        Self::FindCoordinator(message)
    }
}

impl<F> From<JoinGroupResponse> for ResponseBody<F> {
    fn from(message: JoinGroupResponse) -> Self {
        Self::JoinGroup(message)
    }
}

impl<F> From<HeartbeatResponse> for ResponseBody<F> {
    fn from(message: HeartbeatResponse) -> Self {
        Self::Heartbeat(message)
    }
}

impl<F> From<LeaveGroupResponse> for ResponseBody<F> {
    fn from(message: LeaveGroupResponse) -> Self {
        Self::LeaveGroup(message)
    }
}

impl<F> From<SyncGroupResponse> for ResponseBody<F> {
    fn from(message: SyncGroupResponse) -> Self {
        Self::SyncGroup(message)
    }
}

impl<F> From<DescribeGroupsResponse> for ResponseBody<F> {
    fn from(message: DescribeGroupsResponse) -> Self {
        Self::DescribeGroups(message)
    }
}

impl<F> From<ListGroupsResponse> for ResponseBody<F> {
    fn from(message: ListGroupsResponse) -> Self {
        Self::ListGroups(message)
    }
}

impl<F> From<ApiVersionsResponse> for ResponseBody<F> {
    fn from(message: ApiVersionsResponse) -> Self {
        Self::ApiVersions(message)
    }
}

impl<F> From<CreateTopicsResponse> for ResponseBody<F> {
    fn from(message: CreateTopicsResponse) -> Self {
        Self::CreateTopics(message)
    }
}

impl<F> From<DeleteTopicsResponse> for ResponseBody<F> {
    fn from(message: DeleteTopicsResponse) -> Self {
        Self::DeleteTopics(message)
    }
}

impl<F> From<InitProducerIdResponse> for ResponseBody<F> {
    fn from(message: InitProducerIdResponse) -> Self {
        Self::InitProducerId(message)
    }
}

impl<F> From<OffsetForLeaderEpochResponse> for ResponseBody<F> {
    fn from(message: OffsetForLeaderEpochResponse) -> Self {
        Self::OffsetForLeaderEpoch(message)
    }
}

impl<F> From<DescribeConfigsResponse> for ResponseBody<F> {
    fn from(message: DescribeConfigsResponse) -> Self {
        Self::DescribeConfigs(message)
    }
}

impl<F> From<AlterConfigsResponse> for ResponseBody<F> {
    fn from(message: AlterConfigsResponse) -> Self {
        Self::AlterConfigs(message)
    }
}

impl<F> From<DescribeLogDirsResponse> for ResponseBody<F> {
    fn from(message: DescribeLogDirsResponse) -> Self {
        Self::DescribeLogDirs(message)
    }
}

impl<F> From<CreatePartitionsResponse> for ResponseBody<F> {
    fn from(message: CreatePartitionsResponse) -> Self {
        Self::CreatePartitions(message)
    }
}

impl<F> From<DeleteGroupsResponse> for ResponseBody<F> {
    fn from(message: DeleteGroupsResponse) -> Self {
        Self::DeleteGroups(message)
    }
}

impl<F> From<IncrementalAlterConfigsResponse> for ResponseBody<F> {
    fn from(message: IncrementalAlterConfigsResponse) -> Self {
        Self::IncrementalAlterConfigs(message)
    }
}

impl<F> From<OffsetDeleteResponse> for ResponseBody<F> {
    fn from(message: OffsetDeleteResponse) -> Self {
        Self::OffsetDelete(message)
    }
}

impl<F> From<DescribeClusterResponse> for ResponseBody<F> {
    fn from(message: DescribeClusterResponse) -> Self {
        Self::DescribeCluster(message)
    }
}

impl<F> From<DescribeTopicPartitionsResponse> for ResponseBody<F> {
    fn from(message: DescribeTopicPartitionsResponse) -> Self {
        Self::DescribeTopicPartitions(message)
    }
}
