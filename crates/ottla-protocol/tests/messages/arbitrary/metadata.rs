// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `Metadata` out of random bytes.

use ottla_protocol::messages::metadata;

use crate::source::Source;

pub(crate) fn metadata_request(s: &mut Source<'_>, version: i16) -> metadata::MetadataRequest {
    let mut value = metadata::MetadataRequest::default();
    value.topics = s.nullable(version >= 1, |s| s.array(|s| metadata_request_topic(s, version)));
    if version >= 4 {
        value.allow_auto_topic_creation = s.bool("allow_auto_topic_creation");
    }
    if (8..=10).contains(&version) {
        value.include_cluster_authorized_operations = s.bool("include_cluster_authorized_operations");
    }
    if version >= 8 {
        value.include_topic_authorized_operations = s.bool("include_topic_authorized_operations");
    }
    value.unknown_tags = s.tags();
    value
}

fn metadata_request_topic(s: &mut Source<'_>, version: i16) -> metadata::MetadataRequestTopic {
    let mut value = metadata::MetadataRequestTopic::default();
    if version >= 10 {
        value.topic_id = s.uuid("topic_id");
    }
    value.name = s.nullable(version >= 10, |s| s.string("name"));
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn metadata_response(s: &mut Source<'_>, version: i16) -> metadata::MetadataResponse {
    let mut value = metadata::MetadataResponse::default();
    if version >= 3 {
        value.throttle_time_ms = s.int32("throttle_time_ms");
    }
    value.brokers = s.array(|s| metadata_response_broker(s, version));
    if version >= 2 {
        value.cluster_id = s.nullable(true, |s| s.string("cluster_id"));
    }
    if version >= 1 {
        value.controller_id = s.int32("controller_id");
    }
    value.topics = s.array(|s| metadata_response_topic(s, version));
    if (8..=10).contains(&version) {
        value.cluster_authorized_operations = s.int32("cluster_authorized_operations");
    }
    if version >= 13 {
        value.error_code = s.error_code("error_code");
    }
    value.unknown_tags = s.tags();
    value
}

fn metadata_response_broker(s: &mut Source<'_>, version: i16) -> metadata::MetadataResponseBroker {
    let mut value = metadata::MetadataResponseBroker::default();
    value.node_id = s.int32("node_id");
    value.host = s.string("host");
    value.port = s.int32("port");
    if version >= 1 {
        value.rack = s.nullable(true, |s| s.string("rack"));
    }
    value.unknown_tags = s.tags();
    value
}

fn metadata_response_topic(s: &mut Source<'_>, version: i16) -> metadata::MetadataResponseTopic {
    let mut value = metadata::MetadataResponseTopic::default();
    value.error_code = s.error_code("error_code");
    value.name = s.nullable(version >= 12, |s| s.string("name"));
    if version >= 10 {
        value.topic_id = s.uuid("topic_id");
    }
    if version >= 1 {
        value.is_internal = s.bool("is_internal");
    }
    value.partitions = s.array(|s| metadata_response_partition(s, version));
    if version >= 8 {
        value.topic_authorized_operations = s.int32("topic_authorized_operations");
    }
    value.unknown_tags = s.tags();
    value
}

fn metadata_response_partition(s: &mut Source<'_>, version: i16) -> metadata::MetadataResponsePartition {
    let mut value = metadata::MetadataResponsePartition::default();
    value.error_code = s.error_code("error_code");
    value.partition_index = s.int32("partition_index");
    value.leader_id = s.int32("leader_id");
    if version >= 7 {
        value.leader_epoch = s.int32("leader_epoch");
    }
    value.replica_nodes = s.array(|s| s.int32("replica_nodes")).into();
    value.isr_nodes = s.array(|s| s.int32("isr_nodes")).into();
    if version >= 5 {
        value.offline_replicas = s.array(|s| s.int32("offline_replicas")).into();
    }
    value.unknown_tags = s.tags();
    value
}
