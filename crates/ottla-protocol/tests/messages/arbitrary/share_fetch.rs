// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `ShareFetch` out of random bytes.

use ottla_protocol::messages::share_fetch;

use crate::source::Source;

pub(crate) fn share_fetch_request(s: &mut Source<'_>, version: i16) -> share_fetch::ShareFetchRequest {
    let mut value = share_fetch::ShareFetchRequest::default();
    value.group_id = s.nullable(true, |s| s.string("group_id"));
    value.member_id = s.nullable(true, |s| s.string("member_id"));
    value.share_session_epoch = s.int32("share_session_epoch");
    value.max_wait_ms = s.int32("max_wait_ms");
    value.min_bytes = s.int32("min_bytes");
    value.max_bytes = s.int32("max_bytes");
    value.max_records = s.int32("max_records");
    value.batch_size = s.int32("batch_size");
    if version >= 2 {
        value.share_acquire_mode = s.int8("share_acquire_mode");
    }
    if version >= 2 {
        value.is_renew_ack = s.bool("is_renew_ack");
    }
    value.topics = s.array(|s| fetch_topic(s, version));
    value.forgotten_topics_data = s.array(|s| forgotten_topic(s, version));
    value.unknown_tags = s.tags();
    value
}

fn fetch_topic(s: &mut Source<'_>, version: i16) -> share_fetch::FetchTopic {
    let mut value = share_fetch::FetchTopic::default();
    value.topic_id = s.uuid("topic_id");
    value.partitions = s.array(|s| fetch_partition(s, version));
    value.unknown_tags = s.tags();
    value
}

fn fetch_partition(s: &mut Source<'_>, version: i16) -> share_fetch::FetchPartition {
    let mut value = share_fetch::FetchPartition::default();
    value.partition_index = s.int32("partition_index");
    value.acknowledgement_batches = s.array(|s| acknowledgement_batch(s, version));
    value.unknown_tags = s.tags();
    value
}

fn acknowledgement_batch(s: &mut Source<'_>, _version: i16) -> share_fetch::AcknowledgementBatch {
    let mut value = share_fetch::AcknowledgementBatch::default();
    value.first_offset = s.int64("first_offset");
    value.last_offset = s.int64("last_offset");
    value.acknowledge_types = s.array(|s| s.int8("acknowledge_types"));
    value.unknown_tags = s.tags();
    value
}

fn forgotten_topic(s: &mut Source<'_>, _version: i16) -> share_fetch::ForgottenTopic {
    let mut value = share_fetch::ForgottenTopic::default();
    value.topic_id = s.uuid("topic_id");
    value.partitions = s.array(|s| s.int32("partitions")).into();
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn share_fetch_response(s: &mut Source<'_>, version: i16) -> share_fetch::ShareFetchResponse {
    let mut value = share_fetch::ShareFetchResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.acquisition_lock_timeout_ms = s.int32("acquisition_lock_timeout_ms");
    value.responses = s.array(|s| share_fetchable_topic_response(s, version));
    value.node_endpoints = s.array(|s| node_endpoint(s, version));
    value.unknown_tags = s.tags();
    value
}

fn share_fetchable_topic_response(
    s: &mut Source<'_>,
    version: i16,
) -> share_fetch::ShareFetchableTopicResponse {
    let mut value = share_fetch::ShareFetchableTopicResponse::default();
    value.topic_id = s.uuid("topic_id");
    value.partitions = s.array(|s| partition_data(s, version));
    value.unknown_tags = s.tags();
    value
}

fn partition_data(s: &mut Source<'_>, version: i16) -> share_fetch::PartitionData {
    let mut value = share_fetch::PartitionData::default();
    value.partition_index = s.int32("partition_index");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.acknowledge_error_code = s.error_code("acknowledge_error_code");
    value.acknowledge_error_message = s.nullable(true, |s| s.string("acknowledge_error_message"));
    value.current_leader = leader_id_and_epoch(s, version);
    value.records = s.records("records");
    value.acquired_records = s.array(|s| acquired_records(s, version));
    value.unknown_tags = s.tags();
    value
}

fn leader_id_and_epoch(s: &mut Source<'_>, _version: i16) -> share_fetch::LeaderIdAndEpoch {
    let mut value = share_fetch::LeaderIdAndEpoch::default();
    value.leader_id = s.int32("leader_id");
    value.leader_epoch = s.int32("leader_epoch");
    value.unknown_tags = s.tags();
    value
}

fn acquired_records(s: &mut Source<'_>, _version: i16) -> share_fetch::AcquiredRecords {
    let mut value = share_fetch::AcquiredRecords::default();
    value.first_offset = s.int64("first_offset");
    value.last_offset = s.int64("last_offset");
    value.delivery_count = s.int16("delivery_count");
    value.unknown_tags = s.tags();
    value
}

fn node_endpoint(s: &mut Source<'_>, _version: i16) -> share_fetch::NodeEndpoint {
    let mut value = share_fetch::NodeEndpoint::default();
    value.node_id = s.int32("node_id");
    value.host = s.string("host");
    value.port = s.int32("port");
    value.rack = s.nullable(true, |s| s.string("rack"));
    value.unknown_tags = s.tags();
    value
}
