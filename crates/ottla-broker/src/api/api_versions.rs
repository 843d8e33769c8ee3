//! `ApiVersions` (key 18): what this broker serves.
//!
//! The ranges are those that Kafka 4.3.1 advertises, of the APIs that are served here. `Produce` 0 to 2 are
//! advertised and yet not served, there as here, because old librdkafka asks for their being listed
//! (KAFKA-18659).
//! The features and their levels are in [`crate::features`].

use ottla_protocol::api::{ApiKey, ErrorCode};
use ottla_protocol::header::RequestHeader;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::api_versions::{
    ApiVersion, ApiVersionsRequest, ApiVersionsResponse, FinalizedFeatureKey, SupportedFeatureKey,
};
use ottla_storage::FileRange;

use super::{Handling, Reply};
use crate::broker::{Core, Session};

/// An API that is served: its key, the versions that are advertised, and the first that is really served.
struct Served {
    key: ApiKey,
    min: i16,
    max: i16,
    first: i16,
}

const fn served(key: ApiKey, min: i16, max: i16) -> Served {
    Served { key, min, max, first: min }
}

const SERVED: &[Served] = &[
    Served { key: ApiKey::Produce, min: 0, max: 13, first: 3 },
    served(ApiKey::Fetch, 4, 18),
    served(ApiKey::ListOffsets, 1, 11),
    served(ApiKey::Metadata, 0, 13),
    served(ApiKey::OffsetCommit, 2, 10),
    served(ApiKey::OffsetFetch, 1, 10),
    served(ApiKey::FindCoordinator, 0, 6),
    served(ApiKey::JoinGroup, 0, 9),
    served(ApiKey::Heartbeat, 0, 4),
    served(ApiKey::LeaveGroup, 0, 5),
    served(ApiKey::SyncGroup, 0, 5),
    served(ApiKey::DescribeGroups, 0, 6),
    served(ApiKey::ListGroups, 0, 5),
    served(ApiKey::ApiVersions, 0, 4),
    served(ApiKey::CreateTopics, 2, 7),
    served(ApiKey::DeleteTopics, 1, 6),
    served(ApiKey::DeleteRecords, 0, 2),
    served(ApiKey::InitProducerId, 0, 5),
    served(ApiKey::AddPartitionsToTxn, 0, 5),
    served(ApiKey::AddOffsetsToTxn, 0, 4),
    served(ApiKey::EndTxn, 0, 5),
    served(ApiKey::OffsetForLeaderEpoch, 2, 4),
    served(ApiKey::WriteTxnMarkers, 1, 2),
    served(ApiKey::TxnOffsetCommit, 0, 5),
    served(ApiKey::DescribeConfigs, 1, 4),
    served(ApiKey::AlterConfigs, 0, 2),
    served(ApiKey::AlterReplicaLogDirs, 1, 2),
    served(ApiKey::DescribeLogDirs, 1, 5),
    served(ApiKey::CreatePartitions, 0, 3),
    served(ApiKey::DeleteGroups, 0, 2),
    served(ApiKey::IncrementalAlterConfigs, 0, 1),
    served(ApiKey::ElectLeaders, 0, 2),
    served(ApiKey::AlterPartitionReassignments, 0, 1),
    served(ApiKey::ListPartitionReassignments, 0, 0),
    served(ApiKey::OffsetDelete, 0, 0),
    served(ApiKey::DescribeQuorum, 0, 2),
    served(ApiKey::UpdateFeatures, 0, 2),
    served(ApiKey::DescribeCluster, 0, 2),
    served(ApiKey::DescribeProducers, 0, 0),
    served(ApiKey::UnregisterBroker, 0, 0),
    served(ApiKey::DescribeTransactions, 0, 0),
    served(ApiKey::ListTransactions, 0, 2),
    served(ApiKey::DescribeTopicPartitions, 0, 0),
    served(ApiKey::ConsumerGroupHeartbeat, 0, 1),
    served(ApiKey::ConsumerGroupDescribe, 0, 1),
    served(ApiKey::ShareGroupHeartbeat, 1, 1),
    served(ApiKey::ShareGroupDescribe, 1, 1),
    served(ApiKey::ShareFetch, 1, 2),
    served(ApiKey::ShareAcknowledge, 1, 2),
    served(ApiKey::InitializeShareGroupState, 0, 0),
    served(ApiKey::ReadShareGroupState, 0, 0),
    served(ApiKey::WriteShareGroupState, 0, 1),
    served(ApiKey::DeleteShareGroupState, 0, 0),
    served(ApiKey::ReadShareGroupStateSummary, 0, 1),
    served(ApiKey::DescribeShareGroupOffsets, 0, 1),
    served(ApiKey::AlterShareGroupOffsets, 0, 0),
    served(ApiKey::DeleteShareGroupOffsets, 0, 0),
    served(ApiKey::ListConfigResources, 0, 1),
];

/// Served too where the broker has somebody to hand the metrics of clients to.
const TELEMETRY: [Served; 2] =
    [served(ApiKey::GetTelemetrySubscriptions, 0, 0), served(ApiKey::PushTelemetry, 0, 0)];

fn all(core: &Core) -> impl Iterator<Item = &'static Served> {
    let telemetry: &'static [Served] = if core.telemetry.is_some() { &TELEMETRY } else { &[] };
    SERVED.iter().chain(telemetry)
}

/// Whether requests of this key and version are served.
pub(crate) fn is_served(core: &Core, api_key: i16, version: i16) -> bool {
    all(core).any(|served| served.key.to_i16() == api_key && (served.first..=served.max).contains(&version))
}

/// Answers what is served.
pub(crate) fn handle(
    core: &Core,
    session: &mut Session,
    version: i16,
    request: &ApiVersionsRequest,
) -> Handling {
    let mut response = ApiVersionsResponse::default();
    if version >= 3
        && !(is_software_label(&request.client_software_name)
            && is_software_label(&request.client_software_version))
    {
        response.error_code = ErrorCode::INVALID_REQUEST;
        return Handling::respond(ResponseBody::ApiVersions(response));
    }
    if version >= 3 {
        session.set_software(&request.client_software_name, &request.client_software_version);
    }
    response.api_keys = all(core).map(advertised).collect();
    // In this order, the epoch is never ahead of the levels.
    response.finalized_features_epoch = core.journal.published_end();
    for (feature, level) in core.features.all() {
        // Clients that ask in an older version take a lowest level of 0 for an error.
        if version >= 4 || feature.min > 0 {
            response.supported_features.push(
                SupportedFeatureKey::default()
                    .with_name(feature.name)
                    .with_min_version(feature.min)
                    .with_max_version(feature.max),
            );
        }
        if level > 0 {
            response.finalized_features.push(
                FinalizedFeatureKey::default()
                    .with_name(feature.name)
                    .with_min_version_level(level)
                    .with_max_version_level(level),
            );
        }
    }
    Handling::respond(ResponseBody::ApiVersions(response))
}

/// What to do with a request whose key or version is not served: an unknown version of `ApiVersions` is answered
/// in the form of version 0, so that a client of the future can ask again; all else closes the connection.
pub(crate) fn refuse(header: &RequestHeader) -> Reply {
    if header.api_key != ApiKey::ApiVersions.to_i16() {
        return Reply::Close(format!(
            "api key {} version {} is not served",
            header.api_key, header.api_version
        ));
    }
    let mut response = ApiVersionsResponse::default();
    response.error_code = ErrorCode::UNSUPPORTED_VERSION;
    response.api_keys =
        SERVED.iter().filter(|served| served.key == ApiKey::ApiVersions).map(advertised).collect();
    Reply::Respond(ResponseBody::<FileRange>::ApiVersions(response))
}

fn advertised(served: &Served) -> ApiVersion {
    let mut advertised = ApiVersion::default();
    advertised.api_key = served.key.to_i16();
    advertised.min_version = served.min;
    advertised.max_version = served.max;
    advertised
}

/// Letters, digits, dots and dashes, with a letter or digit at both ends (KIP-511).
fn is_software_label(label: &str) -> bool {
    let bytes = label.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
}
