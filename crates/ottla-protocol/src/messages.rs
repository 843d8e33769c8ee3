// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! The messages of the protocol, one module an API, and enums over all of them.
//!
//! Struct and field names are Kafka's own. What the fields mean to a broker or client is decided elsewhere; here
//! is how they lie in bytes. Every struct keeps tagged fields that this release does not know.

pub mod api_versions;
pub mod create_topics;
pub mod delete_topics;
pub mod describe_cluster;
pub mod describe_configs;
pub mod fetch;
pub mod find_coordinator;
pub mod init_producer_id;
pub mod list_offsets;
pub mod metadata;
pub mod produce;

use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::ApiKey;
use crate::header::RequestHeader;
use crate::message::{Encode, Message, Request};
use crate::wire::{DecodeError, DecodeLimits, EncodeError, NoFile, Sink};

use self::api_versions::{ApiVersionsRequest, ApiVersionsResponse};
use self::create_topics::{CreateTopicsRequest, CreateTopicsResponse};
use self::delete_topics::{DeleteTopicsRequest, DeleteTopicsResponse};
use self::describe_cluster::{DescribeClusterRequest, DescribeClusterResponse};
use self::describe_configs::{DescribeConfigsRequest, DescribeConfigsResponse};
use self::fetch::{FetchRequest, FetchResponse};
use self::find_coordinator::{FindCoordinatorRequest, FindCoordinatorResponse};
use self::init_producer_id::{InitProducerIdRequest, InitProducerIdResponse};
use self::list_offsets::{ListOffsetsRequest, ListOffsetsResponse};
use self::metadata::{MetadataRequest, MetadataResponse};
use self::produce::{ProduceRequest, ProduceResponse};

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
    Api::of::<FindCoordinatorRequest>(),
    Api::of::<ApiVersionsRequest>(),
    Api::of::<CreateTopicsRequest>(),
    Api::of::<DeleteTopicsRequest>(),
    Api::of::<InitProducerIdRequest>(),
    Api::of::<DescribeConfigsRequest>(),
    Api::of::<DescribeClusterRequest>(),
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
    /// [`FindCoordinatorRequest`].
    FindCoordinator(FindCoordinatorRequest),
    /// [`ApiVersionsRequest`].
    ApiVersions(ApiVersionsRequest),
    /// [`CreateTopicsRequest`].
    CreateTopics(CreateTopicsRequest),
    /// [`DeleteTopicsRequest`].
    DeleteTopics(DeleteTopicsRequest),
    /// [`InitProducerIdRequest`].
    InitProducerId(InitProducerIdRequest),
    /// [`DescribeConfigsRequest`].
    DescribeConfigs(DescribeConfigsRequest),
    /// [`DescribeClusterRequest`].
    DescribeCluster(DescribeClusterRequest),
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
            Self::FindCoordinator(_) => ApiKey::FindCoordinator,
            Self::ApiVersions(_) => ApiKey::ApiVersions,
            Self::CreateTopics(_) => ApiKey::CreateTopics,
            Self::DeleteTopics(_) => ApiKey::DeleteTopics,
            Self::InitProducerId(_) => ApiKey::InitProducerId,
            Self::DescribeConfigs(_) => ApiKey::DescribeConfigs,
            Self::DescribeCluster(_) => ApiKey::DescribeCluster,
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
            ApiKey::FindCoordinator => {
                Self::FindCoordinator(FindCoordinatorRequest::decode_whole(body, version, limits)?)
            }
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
            ApiKey::DescribeConfigs => {
                Self::DescribeConfigs(DescribeConfigsRequest::decode_whole(body, version, limits)?)
            }
            ApiKey::DescribeCluster => {
                Self::DescribeCluster(DescribeClusterRequest::decode_whole(body, version, limits)?)
            }
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
            Self::FindCoordinator(message) => message.encode(s, version),
            Self::ApiVersions(message) => message.encode(s, version),
            Self::CreateTopics(message) => message.encode(s, version),
            Self::DeleteTopics(message) => message.encode(s, version),
            Self::InitProducerId(message) => message.encode(s, version),
            Self::DescribeConfigs(message) => message.encode(s, version),
            Self::DescribeCluster(message) => message.encode(s, version),
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

impl From<FindCoordinatorRequest> for RequestBody {
    fn from(message: FindCoordinatorRequest) -> Self {
        Self::FindCoordinator(message)
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

impl From<DescribeConfigsRequest> for RequestBody {
    fn from(message: DescribeConfigsRequest) -> Self {
        Self::DescribeConfigs(message)
    }
}

impl From<DescribeClusterRequest> for RequestBody {
    fn from(message: DescribeClusterRequest) -> Self {
        Self::DescribeCluster(message)
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
    /// [`FindCoordinatorResponse`].
    FindCoordinator(FindCoordinatorResponse),
    /// [`ApiVersionsResponse`].
    ApiVersions(ApiVersionsResponse),
    /// [`CreateTopicsResponse`].
    CreateTopics(CreateTopicsResponse),
    /// [`DeleteTopicsResponse`].
    DeleteTopics(DeleteTopicsResponse),
    /// [`InitProducerIdResponse`].
    InitProducerId(InitProducerIdResponse),
    /// [`DescribeConfigsResponse`].
    DescribeConfigs(DescribeConfigsResponse),
    /// [`DescribeClusterResponse`].
    DescribeCluster(DescribeClusterResponse),
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
            Self::FindCoordinator(_) => ApiKey::FindCoordinator,
            Self::ApiVersions(_) => ApiKey::ApiVersions,
            Self::CreateTopics(_) => ApiKey::CreateTopics,
            Self::DeleteTopics(_) => ApiKey::DeleteTopics,
            Self::InitProducerId(_) => ApiKey::InitProducerId,
            Self::DescribeConfigs(_) => ApiKey::DescribeConfigs,
            Self::DescribeCluster(_) => ApiKey::DescribeCluster,
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
            ApiKey::FindCoordinator => {
                Self::FindCoordinator(FindCoordinatorResponse::decode_whole(body, version, limits)?)
            }
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
            ApiKey::DescribeConfigs => {
                Self::DescribeConfigs(DescribeConfigsResponse::decode_whole(body, version, limits)?)
            }
            ApiKey::DescribeCluster => {
                Self::DescribeCluster(DescribeClusterResponse::decode_whole(body, version, limits)?)
            }
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
            Self::FindCoordinator(message) => message.encode(s, version),
            Self::ApiVersions(message) => message.encode(s, version),
            Self::CreateTopics(message) => message.encode(s, version),
            Self::DeleteTopics(message) => message.encode(s, version),
            Self::InitProducerId(message) => message.encode(s, version),
            Self::DescribeConfigs(message) => message.encode(s, version),
            Self::DescribeCluster(message) => message.encode(s, version),
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

impl<F> From<FindCoordinatorResponse> for ResponseBody<F> {
    fn from(message: FindCoordinatorResponse) -> Self {
        Self::FindCoordinator(message)
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

impl<F> From<DescribeConfigsResponse> for ResponseBody<F> {
    fn from(message: DescribeConfigsResponse) -> Self {
        Self::DescribeConfigs(message)
    }
}

impl<F> From<DescribeClusterResponse> for ResponseBody<F> {
    fn from(message: DescribeClusterResponse) -> Self {
        Self::DescribeCluster(message)
    }
}
