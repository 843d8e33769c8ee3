// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `Fetch` out of random bytes.

use ottla_protocol::messages::fetch;

use crate::source::Source;

pub(crate) fn fetch_request(s: &mut Source<'_>, version: i16) -> fetch::FetchRequest {
    let mut value = fetch::FetchRequest::default();
    if version >= 12 {
        value.cluster_id = s.nullable(true, |s| s.string("cluster_id"));
    }
    if version <= 14 {
        value.replica_id = s.int32("replica_id");
    }
    if version >= 15 {
        value.replica_state = replica_state(s, version);
    }
    value.max_wait_ms = s.int32("max_wait_ms");
    value.min_bytes = s.int32("min_bytes");
    value.max_bytes = s.int32("max_bytes");
    value.isolation_level = s.int8("isolation_level");
    if version >= 7 {
        value.session_id = s.int32("session_id");
    }
    if version >= 7 {
        value.session_epoch = s.int32("session_epoch");
    }
    value.topics = s.array(|s| fetch_topic(s, version));
    if version >= 7 {
        value.forgotten_topics_data = s.array(|s| forgotten_topic(s, version));
    }
    if version >= 11 {
        value.rack_id = s.string("rack_id");
    }
    value.unknown_tags = s.tags();
    value
}

fn replica_state(s: &mut Source<'_>, _version: i16) -> fetch::ReplicaState {
    let mut value = fetch::ReplicaState::default();
    value.replica_id = s.int32("replica_id");
    value.replica_epoch = s.int64("replica_epoch");
    value.unknown_tags = s.tags();
    value
}

fn fetch_topic(s: &mut Source<'_>, version: i16) -> fetch::FetchTopic {
    let mut value = fetch::FetchTopic::default();
    if version <= 12 {
        value.topic = s.string("topic");
    }
    if version >= 13 {
        value.topic_id = s.uuid("topic_id");
    }
    value.partitions = s.array(|s| fetch_partition(s, version));
    value.unknown_tags = s.tags();
    value
}

fn fetch_partition(s: &mut Source<'_>, version: i16) -> fetch::FetchPartition {
    let mut value = fetch::FetchPartition::default();
    value.partition = s.int32("partition");
    if version >= 9 {
        value.current_leader_epoch = s.int32("current_leader_epoch");
    }
    value.fetch_offset = s.int64("fetch_offset");
    if version >= 12 {
        value.last_fetched_epoch = s.int32("last_fetched_epoch");
    }
    if version >= 5 {
        value.log_start_offset = s.int64("log_start_offset");
    }
    value.partition_max_bytes = s.int32("partition_max_bytes");
    if version >= 17 {
        value.replica_directory_id = s.uuid("replica_directory_id");
    }
    if version >= 18 {
        value.high_watermark = s.int64("high_watermark");
    }
    value.unknown_tags = s.tags();
    value
}

fn forgotten_topic(s: &mut Source<'_>, version: i16) -> fetch::ForgottenTopic {
    let mut value = fetch::ForgottenTopic::default();
    if version <= 12 {
        value.topic = s.string("topic");
    }
    if version >= 13 {
        value.topic_id = s.uuid("topic_id");
    }
    value.partitions = s.array(|s| s.int32("partitions")).into();
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn fetch_response(s: &mut Source<'_>, version: i16) -> fetch::FetchResponse {
    let mut value = fetch::FetchResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    if version >= 7 {
        value.error_code = s.error_code("error_code");
    }
    if version >= 7 {
        value.session_id = s.int32("session_id");
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
        value.topic = s.string("topic");
    }
    if version >= 13 {
        value.topic_id = s.uuid("topic_id");
    }
    value.partitions = s.array(|s| partition_data(s, version));
    value.unknown_tags = s.tags();
    value
}

fn partition_data(s: &mut Source<'_>, version: i16) -> fetch::PartitionData {
    let mut value = fetch::PartitionData::default();
    value.partition_index = s.int32("partition_index");
    value.error_code = s.error_code("error_code");
    value.high_watermark = s.int64("high_watermark");
    value.last_stable_offset = s.int64("last_stable_offset");
    if version >= 5 {
        value.log_start_offset = s.int64("log_start_offset");
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
        value.preferred_read_replica = s.int32("preferred_read_replica");
    }
    value.records = s.nullable(true, |s| s.records("records"));
    value.unknown_tags = s.tags();
    value
}

fn epoch_end_offset(s: &mut Source<'_>, _version: i16) -> fetch::EpochEndOffset {
    let mut value = fetch::EpochEndOffset::default();
    value.epoch = s.int32("epoch");
    value.end_offset = s.int64("end_offset");
    value.unknown_tags = s.tags();
    value
}

fn leader_id_and_epoch(s: &mut Source<'_>, _version: i16) -> fetch::LeaderIdAndEpoch {
    let mut value = fetch::LeaderIdAndEpoch::default();
    value.leader_id = s.int32("leader_id");
    value.leader_epoch = s.int32("leader_epoch");
    value.unknown_tags = s.tags();
    value
}

fn snapshot_id(s: &mut Source<'_>, _version: i16) -> fetch::SnapshotId {
    let mut value = fetch::SnapshotId::default();
    value.end_offset = s.int64("end_offset");
    value.epoch = s.int32("epoch");
    value.unknown_tags = s.tags();
    value
}

fn aborted_transaction(s: &mut Source<'_>, _version: i16) -> fetch::AbortedTransaction {
    let mut value = fetch::AbortedTransaction::default();
    value.producer_id = s.int64("producer_id");
    value.first_offset = s.int64("first_offset");
    value.unknown_tags = s.tags();
    value
}

fn node_endpoint(s: &mut Source<'_>, _version: i16) -> fetch::NodeEndpoint {
    let mut value = fetch::NodeEndpoint::default();
    value.node_id = s.int32("node_id");
    value.host = s.string("host");
    value.port = s.int32("port");
    value.rack = s.nullable(true, |s| s.string("rack"));
    value.unknown_tags = s.tags();
    value
}
