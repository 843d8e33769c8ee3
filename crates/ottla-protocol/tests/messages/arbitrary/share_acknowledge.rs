// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `ShareAcknowledge` out of random bytes.

use ottla_protocol::messages::share_acknowledge;

use crate::source::Source;

pub(crate) fn share_acknowledge_request(
    s: &mut Source<'_>,
    version: i16,
) -> share_acknowledge::ShareAcknowledgeRequest {
    let mut value = share_acknowledge::ShareAcknowledgeRequest::default();
    value.group_id = s.nullable(true, |s| s.string("group_id"));
    value.member_id = s.nullable(true, |s| s.string("member_id"));
    value.share_session_epoch = s.int32("share_session_epoch");
    if version >= 2 {
        value.is_renew_ack = s.bool("is_renew_ack");
    }
    value.topics = s.array(|s| acknowledge_topic(s, version));
    value.unknown_tags = s.tags();
    value
}

fn acknowledge_topic(s: &mut Source<'_>, version: i16) -> share_acknowledge::AcknowledgeTopic {
    let mut value = share_acknowledge::AcknowledgeTopic::default();
    value.topic_id = s.uuid("topic_id");
    value.partitions = s.array(|s| acknowledge_partition(s, version));
    value.unknown_tags = s.tags();
    value
}

fn acknowledge_partition(s: &mut Source<'_>, version: i16) -> share_acknowledge::AcknowledgePartition {
    let mut value = share_acknowledge::AcknowledgePartition::default();
    value.partition_index = s.int32("partition_index");
    value.acknowledgement_batches = s.array(|s| acknowledgement_batch(s, version));
    value.unknown_tags = s.tags();
    value
}

fn acknowledgement_batch(s: &mut Source<'_>, _version: i16) -> share_acknowledge::AcknowledgementBatch {
    let mut value = share_acknowledge::AcknowledgementBatch::default();
    value.first_offset = s.int64("first_offset");
    value.last_offset = s.int64("last_offset");
    value.acknowledge_types = s.array(|s| s.int8("acknowledge_types"));
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn share_acknowledge_response(
    s: &mut Source<'_>,
    version: i16,
) -> share_acknowledge::ShareAcknowledgeResponse {
    let mut value = share_acknowledge::ShareAcknowledgeResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    if version >= 2 {
        value.acquisition_lock_timeout_ms = s.int32("acquisition_lock_timeout_ms");
    }
    value.responses = s.array(|s| share_acknowledge_topic_response(s, version));
    value.node_endpoints = s.array(|s| node_endpoint(s, version));
    value.unknown_tags = s.tags();
    value
}

fn share_acknowledge_topic_response(
    s: &mut Source<'_>,
    version: i16,
) -> share_acknowledge::ShareAcknowledgeTopicResponse {
    let mut value = share_acknowledge::ShareAcknowledgeTopicResponse::default();
    value.topic_id = s.uuid("topic_id");
    value.partitions = s.array(|s| partition_data(s, version));
    value.unknown_tags = s.tags();
    value
}

fn partition_data(s: &mut Source<'_>, version: i16) -> share_acknowledge::PartitionData {
    let mut value = share_acknowledge::PartitionData::default();
    value.partition_index = s.int32("partition_index");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.current_leader = leader_id_and_epoch(s, version);
    value.unknown_tags = s.tags();
    value
}

fn leader_id_and_epoch(s: &mut Source<'_>, _version: i16) -> share_acknowledge::LeaderIdAndEpoch {
    let mut value = share_acknowledge::LeaderIdAndEpoch::default();
    value.leader_id = s.int32("leader_id");
    value.leader_epoch = s.int32("leader_epoch");
    value.unknown_tags = s.tags();
    value
}

fn node_endpoint(s: &mut Source<'_>, _version: i16) -> share_acknowledge::NodeEndpoint {
    let mut value = share_acknowledge::NodeEndpoint::default();
    value.node_id = s.int32("node_id");
    value.host = s.string("host");
    value.port = s.int32("port");
    value.rack = s.nullable(true, |s| s.string("rack"));
    value.unknown_tags = s.tags();
    value
}
