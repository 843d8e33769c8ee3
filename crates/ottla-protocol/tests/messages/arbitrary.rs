// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Any message that a version can carry, made out of random bytes by [`Source`].

use ottla_protocol::ApiKey;
use ottla_protocol::messages::{RequestBody, ResponseBody};

use super::source::Source;

mod api_versions;
mod create_topics;
mod delete_topics;
mod describe_cluster;
mod describe_configs;
mod fetch;
mod find_coordinator;
mod init_producer_id;
mod list_offsets;
mod metadata;
mod produce;

/// Any request of this API that the version can carry.
pub(crate) fn request(s: &mut Source<'_>, api: ApiKey, version: i16) -> RequestBody {
    match api {
        ApiKey::Produce => produce::produce_request(s, version).into(),
        ApiKey::Fetch => fetch::fetch_request(s, version).into(),
        ApiKey::ListOffsets => list_offsets::list_offsets_request(s, version).into(),
        ApiKey::Metadata => metadata::metadata_request(s, version).into(),
        ApiKey::FindCoordinator => find_coordinator::find_coordinator_request(s, version).into(),
        ApiKey::ApiVersions => api_versions::api_versions_request(s, version).into(),
        ApiKey::CreateTopics => create_topics::create_topics_request(s, version).into(),
        ApiKey::DeleteTopics => delete_topics::delete_topics_request(s, version).into(),
        ApiKey::InitProducerId => init_producer_id::init_producer_id_request(s, version).into(),
        ApiKey::DescribeConfigs => describe_configs::describe_configs_request(s, version).into(),
        ApiKey::DescribeCluster => describe_cluster::describe_cluster_request(s, version).into(),
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
        ApiKey::FindCoordinator => find_coordinator::find_coordinator_response(s, version).into(),
        ApiKey::ApiVersions => api_versions::api_versions_response(s, version).into(),
        ApiKey::CreateTopics => create_topics::create_topics_response(s, version).into(),
        ApiKey::DeleteTopics => delete_topics::delete_topics_response(s, version).into(),
        ApiKey::InitProducerId => init_producer_id::init_producer_id_response(s, version).into(),
        ApiKey::DescribeConfigs => describe_configs::describe_configs_response(s, version).into(),
        ApiKey::DescribeCluster => describe_cluster::describe_cluster_response(s, version).into(),
        other => panic!("{other} has no messages"),
    }
}
