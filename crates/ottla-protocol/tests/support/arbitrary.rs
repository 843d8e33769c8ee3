// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Any message that a version can carry, made out of random bytes.
//!
//! Where the bytes come from, and how they become values, is in [`Source`].

use ottla_protocol::ApiKey;
use ottla_protocol::messages::{RequestBody, ResponseBody};
use ottla_protocol::messages::{
    api_versions, create_topics, delete_topics, describe_cluster, describe_configs, fetch, find_coordinator,
    init_producer_id, list_offsets, metadata, produce,
};

use super::source::Source;

/// Any request of this API that the version can carry.
pub fn request(s: &mut Source<'_>, api: ApiKey, version: i16) -> RequestBody {
    match api {
        ApiKey::Produce => produce_request(s, version).into(),
        ApiKey::Fetch => fetch_request(s, version).into(),
        ApiKey::ListOffsets => list_offsets_request(s, version).into(),
        ApiKey::Metadata => metadata_request(s, version).into(),
        ApiKey::FindCoordinator => find_coordinator_request(s, version).into(),
        ApiKey::ApiVersions => api_versions_request(s, version).into(),
        ApiKey::CreateTopics => create_topics_request(s, version).into(),
        ApiKey::DeleteTopics => delete_topics_request(s, version).into(),
        ApiKey::InitProducerId => init_producer_id_request(s, version).into(),
        ApiKey::DescribeConfigs => describe_configs_request(s, version).into(),
        ApiKey::DescribeCluster => describe_cluster_request(s, version).into(),
        other => panic!("{other} has no messages"),
    }
}

/// Any response of this API that the version can carry.
pub fn response(s: &mut Source<'_>, api: ApiKey, version: i16) -> ResponseBody {
    match api {
        ApiKey::Produce => produce_response(s, version).into(),
        ApiKey::Fetch => fetch_response(s, version).into(),
        ApiKey::ListOffsets => list_offsets_response(s, version).into(),
        ApiKey::Metadata => metadata_response(s, version).into(),
        ApiKey::FindCoordinator => find_coordinator_response(s, version).into(),
        ApiKey::ApiVersions => api_versions_response(s, version).into(),
        ApiKey::CreateTopics => create_topics_response(s, version).into(),
        ApiKey::DeleteTopics => delete_topics_response(s, version).into(),
        ApiKey::InitProducerId => init_producer_id_response(s, version).into(),
        ApiKey::DescribeConfigs => describe_configs_response(s, version).into(),
        ApiKey::DescribeCluster => describe_cluster_response(s, version).into(),
        other => panic!("{other} has no messages"),
    }
}

fn produce_request(s: &mut Source<'_>, version: i16) -> produce::ProduceRequest {
    let mut value = produce::ProduceRequest::default();
    value.transactional_id = s.nullable(true, |s| s.string());
    value.acks = s.int16();
    value.timeout_ms = s.int32();
    value.topic_data = s.array(|s| topic_produce_data(s, version));
    value.unknown_tags = s.tags();
    value
}

fn topic_produce_data(s: &mut Source<'_>, version: i16) -> produce::TopicProduceData {
    let mut value = produce::TopicProduceData::default();
    if version <= 12 {
        value.name = s.string();
    }
    if version >= 13 {
        value.topic_id = s.uuid();
    }
    value.partition_data = s.array(|s| partition_produce_data(s, version));
    value.unknown_tags = s.tags();
    value
}

fn partition_produce_data(s: &mut Source<'_>, _version: i16) -> produce::PartitionProduceData {
    let mut value = produce::PartitionProduceData::default();
    value.index = s.int32();
    value.records = s.nullable(true, |s| s.records());
    value.unknown_tags = s.tags();
    value
}

fn produce_response(s: &mut Source<'_>, version: i16) -> produce::ProduceResponse {
    let mut value = produce::ProduceResponse::default();
    value.responses = s.array(|s| topic_produce_response(s, version));
    value.throttle_time_ms = s.int32();
    if version >= 10 {
        value.node_endpoints = s.array(|s| node_endpoint(s, version));
    }
    value.unknown_tags = s.tags();
    value
}

fn topic_produce_response(s: &mut Source<'_>, version: i16) -> produce::TopicProduceResponse {
    let mut value = produce::TopicProduceResponse::default();
    if version <= 12 {
        value.name = s.string();
    }
    if version >= 13 {
        value.topic_id = s.uuid();
    }
    value.partition_responses = s.array(|s| partition_produce_response(s, version));
    value.unknown_tags = s.tags();
    value
}

fn partition_produce_response(s: &mut Source<'_>, version: i16) -> produce::PartitionProduceResponse {
    let mut value = produce::PartitionProduceResponse::default();
    value.index = s.int32();
    value.error_code = s.error_code();
    value.base_offset = s.int64();
    value.log_append_time_ms = s.int64();
    if version >= 5 {
        value.log_start_offset = s.int64();
    }
    if version >= 8 {
        value.record_errors = s.array(|s| batch_index_and_error_message(s, version));
    }
    if version >= 8 {
        value.error_message = s.nullable(true, |s| s.string());
    }
    if version >= 10 {
        value.current_leader = leader_id_and_epoch(s, version);
    }
    value.unknown_tags = s.tags();
    value
}

fn batch_index_and_error_message(s: &mut Source<'_>, _version: i16) -> produce::BatchIndexAndErrorMessage {
    let mut value = produce::BatchIndexAndErrorMessage::default();
    value.batch_index = s.int32();
    value.batch_index_error_message = s.nullable(true, |s| s.string());
    value.unknown_tags = s.tags();
    value
}

fn leader_id_and_epoch(s: &mut Source<'_>, _version: i16) -> produce::LeaderIdAndEpoch {
    let mut value = produce::LeaderIdAndEpoch::default();
    value.leader_id = s.int32();
    value.leader_epoch = s.int32();
    value.unknown_tags = s.tags();
    value
}

fn node_endpoint(s: &mut Source<'_>, _version: i16) -> produce::NodeEndpoint {
    let mut value = produce::NodeEndpoint::default();
    value.node_id = s.int32();
    value.host = s.string();
    value.port = s.int32();
    value.rack = s.nullable(true, |s| s.string());
    value.unknown_tags = s.tags();
    value
}

fn fetch_request(s: &mut Source<'_>, version: i16) -> fetch::FetchRequest {
    let mut value = fetch::FetchRequest::default();
    if version >= 12 {
        value.cluster_id = s.nullable(true, |s| s.string());
    }
    if version <= 14 {
        value.replica_id = s.int32();
    }
    if version >= 15 {
        value.replica_state = replica_state(s, version);
    }
    value.max_wait_ms = s.int32();
    value.min_bytes = s.int32();
    value.max_bytes = s.int32();
    value.isolation_level = s.int8();
    if version >= 7 {
        value.session_id = s.int32();
    }
    if version >= 7 {
        value.session_epoch = s.int32();
    }
    value.topics = s.array(|s| fetch_topic(s, version));
    if version >= 7 {
        value.forgotten_topics_data = s.array(|s| forgotten_topic(s, version));
    }
    if version >= 11 {
        value.rack_id = s.string();
    }
    value.unknown_tags = s.tags();
    value
}

fn replica_state(s: &mut Source<'_>, _version: i16) -> fetch::ReplicaState {
    let mut value = fetch::ReplicaState::default();
    value.replica_id = s.int32();
    value.replica_epoch = s.int64();
    value.unknown_tags = s.tags();
    value
}

fn fetch_topic(s: &mut Source<'_>, version: i16) -> fetch::FetchTopic {
    let mut value = fetch::FetchTopic::default();
    if version <= 12 {
        value.topic = s.string();
    }
    if version >= 13 {
        value.topic_id = s.uuid();
    }
    value.partitions = s.array(|s| fetch_partition(s, version));
    value.unknown_tags = s.tags();
    value
}

fn fetch_partition(s: &mut Source<'_>, version: i16) -> fetch::FetchPartition {
    let mut value = fetch::FetchPartition::default();
    value.partition = s.int32();
    if version >= 9 {
        value.current_leader_epoch = s.int32();
    }
    value.fetch_offset = s.int64();
    if version >= 12 {
        value.last_fetched_epoch = s.int32();
    }
    if version >= 5 {
        value.log_start_offset = s.int64();
    }
    value.partition_max_bytes = s.int32();
    if version >= 17 {
        value.replica_directory_id = s.uuid();
    }
    if version >= 18 {
        value.high_watermark = s.int64();
    }
    value.unknown_tags = s.tags();
    value
}

fn forgotten_topic(s: &mut Source<'_>, version: i16) -> fetch::ForgottenTopic {
    let mut value = fetch::ForgottenTopic::default();
    if version <= 12 {
        value.topic = s.string();
    }
    if version >= 13 {
        value.topic_id = s.uuid();
    }
    value.partitions = s.array(|s| s.int32()).into();
    value.unknown_tags = s.tags();
    value
}

fn fetch_response(s: &mut Source<'_>, version: i16) -> fetch::FetchResponse {
    let mut value = fetch::FetchResponse::default();
    value.throttle_time_ms = s.int32();
    if version >= 7 {
        value.error_code = s.error_code();
    }
    if version >= 7 {
        value.session_id = s.int32();
    }
    value.responses = s.array(|s| fetchable_topic_response(s, version));
    if version >= 16 {
        value.node_endpoints = s.array(|s| node_endpoint(s, version));
    }
    value.unknown_tags = s.tags();
    value
}

fn fetchable_topic_response(s: &mut Source<'_>, version: i16) -> fetch::FetchableTopicResponse {
    let mut value = fetch::FetchableTopicResponse::default();
    if version <= 12 {
        value.topic = s.string();
    }
    if version >= 13 {
        value.topic_id = s.uuid();
    }
    value.partitions = s.array(|s| partition_data(s, version));
    value.unknown_tags = s.tags();
    value
}

fn partition_data(s: &mut Source<'_>, version: i16) -> fetch::PartitionData {
    let mut value = fetch::PartitionData::default();
    value.partition_index = s.int32();
    value.error_code = s.error_code();
    value.high_watermark = s.int64();
    value.last_stable_offset = s.int64();
    if version >= 5 {
        value.log_start_offset = s.int64();
    }
    if version >= 12 {
        value.diverging_epoch = epoch_end_offset(s, version);
    }
    if version >= 12 {
        value.current_leader = leader_id_and_epoch(s, version);
    }
    if version >= 12 {
        value.snapshot_id = snapshot_id(s, version);
    }
    value.aborted_transactions = s.nullable(true, |s| s.array(|s| aborted_transaction(s, version)));
    if version >= 11 {
        value.preferred_read_replica = s.int32();
    }
    value.records = s.nullable(true, |s| s.records());
    value.unknown_tags = s.tags();
    value
}

fn epoch_end_offset(s: &mut Source<'_>, _version: i16) -> fetch::EpochEndOffset {
    let mut value = fetch::EpochEndOffset::default();
    value.epoch = s.int32();
    value.end_offset = s.int64();
    value.unknown_tags = s.tags();
    value
}

fn leader_id_and_epoch(s: &mut Source<'_>, _version: i16) -> fetch::LeaderIdAndEpoch {
    let mut value = fetch::LeaderIdAndEpoch::default();
    value.leader_id = s.int32();
    value.leader_epoch = s.int32();
    value.unknown_tags = s.tags();
    value
}

fn snapshot_id(s: &mut Source<'_>, _version: i16) -> fetch::SnapshotId {
    let mut value = fetch::SnapshotId::default();
    value.end_offset = s.int64();
    value.epoch = s.int32();
    value.unknown_tags = s.tags();
    value
}

fn aborted_transaction(s: &mut Source<'_>, _version: i16) -> fetch::AbortedTransaction {
    let mut value = fetch::AbortedTransaction::default();
    value.producer_id = s.int64();
    value.first_offset = s.int64();
    value.unknown_tags = s.tags();
    value
}

fn node_endpoint(s: &mut Source<'_>, _version: i16) -> fetch::NodeEndpoint {
    let mut value = fetch::NodeEndpoint::default();
    value.node_id = s.int32();
    value.host = s.string();
    value.port = s.int32();
    value.rack = s.nullable(true, |s| s.string());
    value.unknown_tags = s.tags();
    value
}

fn list_offsets_request(s: &mut Source<'_>, version: i16) -> list_offsets::ListOffsetsRequest {
    let mut value = list_offsets::ListOffsetsRequest::default();
    value.replica_id = s.int32();
    if version >= 2 {
        value.isolation_level = s.int8();
    }
    value.topics = s.array(|s| list_offsets_topic(s, version));
    if version >= 10 {
        value.timeout_ms = s.int32();
    }
    value.unknown_tags = s.tags();
    value
}

fn list_offsets_topic(s: &mut Source<'_>, version: i16) -> list_offsets::ListOffsetsTopic {
    let mut value = list_offsets::ListOffsetsTopic::default();
    value.name = s.string();
    value.partitions = s.array(|s| list_offsets_partition(s, version));
    value.unknown_tags = s.tags();
    value
}

fn list_offsets_partition(s: &mut Source<'_>, version: i16) -> list_offsets::ListOffsetsPartition {
    let mut value = list_offsets::ListOffsetsPartition::default();
    value.partition_index = s.int32();
    if version >= 4 {
        value.current_leader_epoch = s.int32();
    }
    value.timestamp = s.int64();
    value.unknown_tags = s.tags();
    value
}

fn list_offsets_response(s: &mut Source<'_>, version: i16) -> list_offsets::ListOffsetsResponse {
    let mut value = list_offsets::ListOffsetsResponse::default();
    if version >= 2 {
        value.throttle_time_ms = s.int32();
    }
    value.topics = s.array(|s| list_offsets_topic_response(s, version));
    value.unknown_tags = s.tags();
    value
}

fn list_offsets_topic_response(s: &mut Source<'_>, version: i16) -> list_offsets::ListOffsetsTopicResponse {
    let mut value = list_offsets::ListOffsetsTopicResponse::default();
    value.name = s.string();
    value.partitions = s.array(|s| list_offsets_partition_response(s, version));
    value.unknown_tags = s.tags();
    value
}

fn list_offsets_partition_response(
    s: &mut Source<'_>,
    version: i16,
) -> list_offsets::ListOffsetsPartitionResponse {
    let mut value = list_offsets::ListOffsetsPartitionResponse::default();
    value.partition_index = s.int32();
    value.error_code = s.error_code();
    value.timestamp = s.int64();
    value.offset = s.int64();
    if version >= 4 {
        value.leader_epoch = s.int32();
    }
    value.unknown_tags = s.tags();
    value
}

fn metadata_request(s: &mut Source<'_>, version: i16) -> metadata::MetadataRequest {
    let mut value = metadata::MetadataRequest::default();
    value.topics = s.nullable(version >= 1, |s| s.array(|s| metadata_request_topic(s, version)));
    if version >= 4 {
        value.allow_auto_topic_creation = s.bool();
    }
    if (8..=10).contains(&version) {
        value.include_cluster_authorized_operations = s.bool();
    }
    if version >= 8 {
        value.include_topic_authorized_operations = s.bool();
    }
    value.unknown_tags = s.tags();
    value
}

fn metadata_request_topic(s: &mut Source<'_>, version: i16) -> metadata::MetadataRequestTopic {
    let mut value = metadata::MetadataRequestTopic::default();
    if version >= 10 {
        value.topic_id = s.uuid();
    }
    value.name = s.nullable(version >= 10, |s| s.string());
    value.unknown_tags = s.tags();
    value
}

fn metadata_response(s: &mut Source<'_>, version: i16) -> metadata::MetadataResponse {
    let mut value = metadata::MetadataResponse::default();
    if version >= 3 {
        value.throttle_time_ms = s.int32();
    }
    value.brokers = s.array(|s| metadata_response_broker(s, version));
    if version >= 2 {
        value.cluster_id = s.nullable(true, |s| s.string());
    }
    if version >= 1 {
        value.controller_id = s.int32();
    }
    value.topics = s.array(|s| metadata_response_topic(s, version));
    if (8..=10).contains(&version) {
        value.cluster_authorized_operations = s.int32();
    }
    if version >= 13 {
        value.error_code = s.error_code();
    }
    value.unknown_tags = s.tags();
    value
}

fn metadata_response_broker(s: &mut Source<'_>, version: i16) -> metadata::MetadataResponseBroker {
    let mut value = metadata::MetadataResponseBroker::default();
    value.node_id = s.int32();
    value.host = s.string();
    value.port = s.int32();
    if version >= 1 {
        value.rack = s.nullable(true, |s| s.string());
    }
    value.unknown_tags = s.tags();
    value
}

fn metadata_response_topic(s: &mut Source<'_>, version: i16) -> metadata::MetadataResponseTopic {
    let mut value = metadata::MetadataResponseTopic::default();
    value.error_code = s.error_code();
    value.name = s.nullable(version >= 12, |s| s.string());
    if version >= 10 {
        value.topic_id = s.uuid();
    }
    if version >= 1 {
        value.is_internal = s.bool();
    }
    value.partitions = s.array(|s| metadata_response_partition(s, version));
    if version >= 8 {
        value.topic_authorized_operations = s.int32();
    }
    value.unknown_tags = s.tags();
    value
}

fn metadata_response_partition(s: &mut Source<'_>, version: i16) -> metadata::MetadataResponsePartition {
    let mut value = metadata::MetadataResponsePartition::default();
    value.error_code = s.error_code();
    value.partition_index = s.int32();
    value.leader_id = s.int32();
    if version >= 7 {
        value.leader_epoch = s.int32();
    }
    value.replica_nodes = s.array(|s| s.int32()).into();
    value.isr_nodes = s.array(|s| s.int32()).into();
    if version >= 5 {
        value.offline_replicas = s.array(|s| s.int32()).into();
    }
    value.unknown_tags = s.tags();
    value
}

fn find_coordinator_request(s: &mut Source<'_>, version: i16) -> find_coordinator::FindCoordinatorRequest {
    let mut value = find_coordinator::FindCoordinatorRequest::default();
    if version <= 3 {
        value.key = s.string();
    }
    if version >= 1 {
        value.key_type = s.int8();
    }
    if version >= 4 {
        value.coordinator_keys = s.array(|s| s.string());
    }
    value.unknown_tags = s.tags();
    value
}

fn find_coordinator_response(s: &mut Source<'_>, version: i16) -> find_coordinator::FindCoordinatorResponse {
    let mut value = find_coordinator::FindCoordinatorResponse::default();
    if version >= 1 {
        value.throttle_time_ms = s.int32();
    }
    if version <= 3 {
        value.error_code = s.error_code();
    }
    if (1..=3).contains(&version) {
        value.error_message = s.nullable(true, |s| s.string());
    }
    if version <= 3 {
        value.node_id = s.int32();
    }
    if version <= 3 {
        value.host = s.string();
    }
    if version <= 3 {
        value.port = s.int32();
    }
    if version >= 4 {
        value.coordinators = s.array(|s| coordinator(s, version));
    }
    value.unknown_tags = s.tags();
    value
}

fn coordinator(s: &mut Source<'_>, _version: i16) -> find_coordinator::Coordinator {
    let mut value = find_coordinator::Coordinator::default();
    value.key = s.string();
    value.node_id = s.int32();
    value.host = s.string();
    value.port = s.int32();
    value.error_code = s.error_code();
    value.error_message = s.nullable(true, |s| s.string());
    value.unknown_tags = s.tags();
    value
}

fn api_versions_request(s: &mut Source<'_>, version: i16) -> api_versions::ApiVersionsRequest {
    let mut value = api_versions::ApiVersionsRequest::default();
    if version >= 3 {
        value.client_software_name = s.string();
    }
    if version >= 3 {
        value.client_software_version = s.string();
    }
    value.unknown_tags = s.tags();
    value
}

fn api_versions_response(s: &mut Source<'_>, version: i16) -> api_versions::ApiVersionsResponse {
    let mut value = api_versions::ApiVersionsResponse::default();
    value.error_code = s.error_code();
    value.api_keys = s.array(|s| api_version(s, version));
    if version >= 1 {
        value.throttle_time_ms = s.int32();
    }
    if version >= 3 {
        value.supported_features = s.array(|s| supported_feature_key(s, version));
    }
    if version >= 3 {
        value.finalized_features_epoch = s.int64();
    }
    if version >= 3 {
        value.finalized_features = s.array(|s| finalized_feature_key(s, version));
    }
    if version >= 3 {
        value.zk_migration_ready = s.bool();
    }
    value.unknown_tags = s.tags();
    value
}

fn api_version(s: &mut Source<'_>, version: i16) -> api_versions::ApiVersion {
    let mut value = api_versions::ApiVersion::default();
    value.api_key = s.int16();
    value.min_version = s.int16();
    value.max_version = s.int16();
    value.unknown_tags = s.tags();
    value
}

fn supported_feature_key(s: &mut Source<'_>, version: i16) -> api_versions::SupportedFeatureKey {
    let mut value = api_versions::SupportedFeatureKey::default();
    value.name = s.string();
    value.min_version = s.int16();
    value.max_version = s.int16();
    value.unknown_tags = s.tags();
    value
}

fn finalized_feature_key(s: &mut Source<'_>, version: i16) -> api_versions::FinalizedFeatureKey {
    let mut value = api_versions::FinalizedFeatureKey::default();
    value.name = s.string();
    value.max_version_level = s.int16();
    value.min_version_level = s.int16();
    value.unknown_tags = s.tags();
    value
}

fn create_topics_request(s: &mut Source<'_>, version: i16) -> create_topics::CreateTopicsRequest {
    let mut value = create_topics::CreateTopicsRequest::default();
    value.topics = s.array(|s| creatable_topic(s, version));
    value.timeout_ms = s.int32();
    value.validate_only = s.bool();
    value.unknown_tags = s.tags();
    value
}

fn creatable_topic(s: &mut Source<'_>, version: i16) -> create_topics::CreatableTopic {
    let mut value = create_topics::CreatableTopic::default();
    value.name = s.string();
    value.num_partitions = s.int32();
    value.replication_factor = s.int16();
    value.assignments = s.array(|s| creatable_replica_assignment(s, version));
    value.configs = s.array(|s| creatable_topic_config(s, version));
    value.unknown_tags = s.tags();
    value
}

fn creatable_replica_assignment(
    s: &mut Source<'_>,
    _version: i16,
) -> create_topics::CreatableReplicaAssignment {
    let mut value = create_topics::CreatableReplicaAssignment::default();
    value.partition_index = s.int32();
    value.broker_ids = s.array(|s| s.int32()).into();
    value.unknown_tags = s.tags();
    value
}

fn creatable_topic_config(s: &mut Source<'_>, _version: i16) -> create_topics::CreatableTopicConfig {
    let mut value = create_topics::CreatableTopicConfig::default();
    value.name = s.string();
    value.value = s.nullable(true, |s| s.string());
    value.unknown_tags = s.tags();
    value
}

fn create_topics_response(s: &mut Source<'_>, version: i16) -> create_topics::CreateTopicsResponse {
    let mut value = create_topics::CreateTopicsResponse::default();
    value.throttle_time_ms = s.int32();
    value.topics = s.array(|s| creatable_topic_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn creatable_topic_result(s: &mut Source<'_>, version: i16) -> create_topics::CreatableTopicResult {
    let mut value = create_topics::CreatableTopicResult::default();
    value.name = s.string();
    if version >= 7 {
        value.topic_id = s.uuid();
    }
    value.error_code = s.error_code();
    value.error_message = s.nullable(true, |s| s.string());
    if version >= 5 {
        value.topic_config_error_code = s.error_code();
    }
    if version >= 5 {
        value.num_partitions = s.int32();
    }
    if version >= 5 {
        value.replication_factor = s.int16();
    }
    if version >= 5 {
        value.configs = s.nullable(true, |s| s.array(|s| creatable_topic_configs(s, version)));
    }
    value.unknown_tags = s.tags();
    value
}

fn creatable_topic_configs(s: &mut Source<'_>, _version: i16) -> create_topics::CreatableTopicConfigs {
    let mut value = create_topics::CreatableTopicConfigs::default();
    value.name = s.string();
    value.value = s.nullable(true, |s| s.string());
    value.read_only = s.bool();
    value.config_source = s.int8();
    value.is_sensitive = s.bool();
    value.unknown_tags = s.tags();
    value
}

fn delete_topics_request(s: &mut Source<'_>, version: i16) -> delete_topics::DeleteTopicsRequest {
    let mut value = delete_topics::DeleteTopicsRequest::default();
    if version >= 6 {
        value.topics = s.array(|s| delete_topic_state(s, version));
    }
    if version <= 5 {
        value.topic_names = s.array(|s| s.string());
    }
    value.timeout_ms = s.int32();
    value.unknown_tags = s.tags();
    value
}

fn delete_topic_state(s: &mut Source<'_>, _version: i16) -> delete_topics::DeleteTopicState {
    let mut value = delete_topics::DeleteTopicState::default();
    value.name = s.nullable(true, |s| s.string());
    value.topic_id = s.uuid();
    value.unknown_tags = s.tags();
    value
}

fn delete_topics_response(s: &mut Source<'_>, version: i16) -> delete_topics::DeleteTopicsResponse {
    let mut value = delete_topics::DeleteTopicsResponse::default();
    value.throttle_time_ms = s.int32();
    value.responses = s.array(|s| deletable_topic_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn deletable_topic_result(s: &mut Source<'_>, version: i16) -> delete_topics::DeletableTopicResult {
    let mut value = delete_topics::DeletableTopicResult::default();
    value.name = s.nullable(version >= 6, |s| s.string());
    if version >= 6 {
        value.topic_id = s.uuid();
    }
    value.error_code = s.error_code();
    if version >= 5 {
        value.error_message = s.nullable(true, |s| s.string());
    }
    value.unknown_tags = s.tags();
    value
}

fn init_producer_id_request(s: &mut Source<'_>, version: i16) -> init_producer_id::InitProducerIdRequest {
    let mut value = init_producer_id::InitProducerIdRequest::default();
    value.transactional_id = s.nullable(true, |s| s.string());
    value.transaction_timeout_ms = s.int32();
    if version >= 3 {
        value.producer_id = s.int64();
    }
    if version >= 3 {
        value.producer_epoch = s.int16();
    }
    if version >= 6 {
        value.enable2_pc = s.bool();
    }
    if version >= 6 {
        value.keep_prepared_txn = s.bool();
    }
    value.unknown_tags = s.tags();
    value
}

fn init_producer_id_response(s: &mut Source<'_>, version: i16) -> init_producer_id::InitProducerIdResponse {
    let mut value = init_producer_id::InitProducerIdResponse::default();
    value.throttle_time_ms = s.int32();
    value.error_code = s.error_code();
    value.producer_id = s.int64();
    value.producer_epoch = s.int16();
    if version >= 6 {
        value.ongoing_txn_producer_id = s.int64();
    }
    if version >= 6 {
        value.ongoing_txn_producer_epoch = s.int16();
    }
    value.unknown_tags = s.tags();
    value
}

fn describe_configs_request(s: &mut Source<'_>, version: i16) -> describe_configs::DescribeConfigsRequest {
    let mut value = describe_configs::DescribeConfigsRequest::default();
    value.resources = s.array(|s| describe_configs_resource(s, version));
    value.include_synonyms = s.bool();
    if version >= 3 {
        value.include_documentation = s.bool();
    }
    value.unknown_tags = s.tags();
    value
}

fn describe_configs_resource(s: &mut Source<'_>, _version: i16) -> describe_configs::DescribeConfigsResource {
    let mut value = describe_configs::DescribeConfigsResource::default();
    value.resource_type = s.int8();
    value.resource_name = s.string();
    value.configuration_keys = s.nullable(true, |s| s.array(|s| s.string()));
    value.unknown_tags = s.tags();
    value
}

fn describe_configs_response(s: &mut Source<'_>, version: i16) -> describe_configs::DescribeConfigsResponse {
    let mut value = describe_configs::DescribeConfigsResponse::default();
    value.throttle_time_ms = s.int32();
    value.results = s.array(|s| describe_configs_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn describe_configs_result(s: &mut Source<'_>, version: i16) -> describe_configs::DescribeConfigsResult {
    let mut value = describe_configs::DescribeConfigsResult::default();
    value.error_code = s.error_code();
    value.error_message = s.nullable(true, |s| s.string());
    value.resource_type = s.int8();
    value.resource_name = s.string();
    value.configs = s.array(|s| describe_configs_resource_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn describe_configs_resource_result(
    s: &mut Source<'_>,
    version: i16,
) -> describe_configs::DescribeConfigsResourceResult {
    let mut value = describe_configs::DescribeConfigsResourceResult::default();
    value.name = s.string();
    value.value = s.nullable(true, |s| s.string());
    value.read_only = s.bool();
    value.config_source = s.int8();
    value.is_sensitive = s.bool();
    value.synonyms = s.array(|s| describe_configs_synonym(s, version));
    if version >= 3 {
        value.config_type = s.int8();
    }
    if version >= 3 {
        value.documentation = s.nullable(true, |s| s.string());
    }
    value.unknown_tags = s.tags();
    value
}

fn describe_configs_synonym(s: &mut Source<'_>, _version: i16) -> describe_configs::DescribeConfigsSynonym {
    let mut value = describe_configs::DescribeConfigsSynonym::default();
    value.name = s.string();
    value.value = s.nullable(true, |s| s.string());
    value.source = s.int8();
    value.unknown_tags = s.tags();
    value
}

fn describe_cluster_request(s: &mut Source<'_>, version: i16) -> describe_cluster::DescribeClusterRequest {
    let mut value = describe_cluster::DescribeClusterRequest::default();
    value.include_cluster_authorized_operations = s.bool();
    if version >= 1 {
        value.endpoint_type = s.int8();
    }
    if version >= 2 {
        value.include_fenced_brokers = s.bool();
    }
    value.unknown_tags = s.tags();
    value
}

fn describe_cluster_response(s: &mut Source<'_>, version: i16) -> describe_cluster::DescribeClusterResponse {
    let mut value = describe_cluster::DescribeClusterResponse::default();
    value.throttle_time_ms = s.int32();
    value.error_code = s.error_code();
    value.error_message = s.nullable(true, |s| s.string());
    if version >= 1 {
        value.endpoint_type = s.int8();
    }
    value.cluster_id = s.string();
    value.controller_id = s.int32();
    value.brokers = s.array(|s| describe_cluster_broker(s, version));
    value.cluster_authorized_operations = s.int32();
    value.unknown_tags = s.tags();
    value
}

fn describe_cluster_broker(s: &mut Source<'_>, version: i16) -> describe_cluster::DescribeClusterBroker {
    let mut value = describe_cluster::DescribeClusterBroker::default();
    value.broker_id = s.int32();
    value.host = s.string();
    value.port = s.int32();
    value.rack = s.nullable(true, |s| s.string());
    if version >= 2 {
        value.is_fenced = s.bool();
    }
    value.unknown_tags = s.tags();
    value
}
