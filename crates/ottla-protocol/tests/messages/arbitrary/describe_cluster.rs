// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `DescribeCluster` out of random bytes.

use ottla_protocol::messages::describe_cluster;

use crate::source::Source;

pub(crate) fn describe_cluster_request(
    s: &mut Source<'_>,
    version: i16,
) -> describe_cluster::DescribeClusterRequest {
    let mut value = describe_cluster::DescribeClusterRequest::default();
    value.include_cluster_authorized_operations = s.bool("include_cluster_authorized_operations");
    if version >= 1 {
        value.endpoint_type = s.int8("endpoint_type");
    }
    if version >= 2 {
        value.include_fenced_brokers = s.bool("include_fenced_brokers");
    }
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn describe_cluster_response(
    s: &mut Source<'_>,
    version: i16,
) -> describe_cluster::DescribeClusterResponse {
    let mut value = describe_cluster::DescribeClusterResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    if version >= 1 {
        value.endpoint_type = s.int8("endpoint_type");
    }
    value.cluster_id = s.string("cluster_id");
    value.controller_id = s.int32("controller_id");
    value.brokers = s.array(|s| describe_cluster_broker(s, version));
    value.cluster_authorized_operations = s.int32("cluster_authorized_operations");
    value.unknown_tags = s.tags();
    value
}

fn describe_cluster_broker(s: &mut Source<'_>, version: i16) -> describe_cluster::DescribeClusterBroker {
    let mut value = describe_cluster::DescribeClusterBroker::default();
    value.broker_id = s.int32("broker_id");
    value.host = s.string("host");
    value.port = s.int32("port");
    value.rack = s.nullable(true, |s| s.string("rack"));
    if version >= 2 {
        value.is_fenced = s.bool("is_fenced");
    }
    value.unknown_tags = s.tags();
    value
}
