// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `DescribeCluster` out of random bytes.

use ottla_protocol::messages::describe_cluster;

use crate::source::Source;

pub(crate) fn describe_cluster_request(
    s: &mut Source<'_>,
    version: i16,
) -> describe_cluster::DescribeClusterRequest {
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

pub(crate) fn describe_cluster_response(
    s: &mut Source<'_>,
    version: i16,
) -> describe_cluster::DescribeClusterResponse {
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
