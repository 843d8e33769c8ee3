// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `OffsetFetch` out of random bytes.

use ottla_protocol::messages::offset_fetch;

use crate::source::Source;

pub(crate) fn offset_fetch_request(s: &mut Source<'_>, version: i16) -> offset_fetch::OffsetFetchRequest {
    let mut value = offset_fetch::OffsetFetchRequest::default();
    if version <= 7 {
        value.group_id = s.string("group_id");
    }
    if version <= 7 {
        value.topics = s.nullable(version >= 2, |s| s.array(|s| offset_fetch_request_topic(s, version)));
    }
    if version >= 8 {
        value.groups = s.array(|s| offset_fetch_request_group(s, version));
    }
    if version >= 7 {
        value.require_stable = s.bool("require_stable");
    }
    value.unknown_tags = s.tags();
    value
}

fn offset_fetch_request_topic(s: &mut Source<'_>, _version: i16) -> offset_fetch::OffsetFetchRequestTopic {
    let mut value = offset_fetch::OffsetFetchRequestTopic::default();
    value.name = s.string("name");
    value.partition_indexes = s.array(|s| s.int32("partition_indexes")).into();
    value.unknown_tags = s.tags();
    value
}

fn offset_fetch_request_group(s: &mut Source<'_>, version: i16) -> offset_fetch::OffsetFetchRequestGroup {
    let mut value = offset_fetch::OffsetFetchRequestGroup::default();
    value.group_id = s.string("group_id");
    if version >= 9 {
        value.member_id = s.nullable(true, |s| s.string("member_id"));
    }
    if version >= 9 {
        value.member_epoch = s.int32("member_epoch");
    }
    value.topics = s.nullable(true, |s| s.array(|s| offset_fetch_request_topics(s, version)));
    value.unknown_tags = s.tags();
    value
}

fn offset_fetch_request_topics(s: &mut Source<'_>, version: i16) -> offset_fetch::OffsetFetchRequestTopics {
    let mut value = offset_fetch::OffsetFetchRequestTopics::default();
    if version <= 9 {
        value.name = s.string("name");
    }
    if version >= 10 {
        value.topic_id = s.uuid("topic_id");
    }
    value.partition_indexes = s.array(|s| s.int32("partition_indexes")).into();
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn offset_fetch_response(s: &mut Source<'_>, version: i16) -> offset_fetch::OffsetFetchResponse {
    let mut value = offset_fetch::OffsetFetchResponse::default();
    if version >= 3 {
        value.throttle_time_ms = s.int32("throttle_time_ms");
    }
    if version <= 7 {
        value.topics = s.array(|s| offset_fetch_response_topic(s, version));
    }
    if (2..=7).contains(&version) {
        value.error_code = s.error_code("error_code");
    }
    if version >= 8 {
        value.groups = s.array(|s| offset_fetch_response_group(s, version));
    }
    value.unknown_tags = s.tags();
    value
}

fn offset_fetch_response_topic(s: &mut Source<'_>, version: i16) -> offset_fetch::OffsetFetchResponseTopic {
    let mut value = offset_fetch::OffsetFetchResponseTopic::default();
    value.name = s.string("name");
    value.partitions = s.array(|s| offset_fetch_response_partition(s, version));
    value.unknown_tags = s.tags();
    value
}

fn offset_fetch_response_partition(
    s: &mut Source<'_>,
    version: i16,
) -> offset_fetch::OffsetFetchResponsePartition {
    let mut value = offset_fetch::OffsetFetchResponsePartition::default();
    value.partition_index = s.int32("partition_index");
    value.committed_offset = s.int64("committed_offset");
    if version >= 5 {
        value.committed_leader_epoch = s.int32("committed_leader_epoch");
    }
    value.metadata = s.nullable(true, |s| s.string("metadata"));
    value.error_code = s.error_code("error_code");
    value.unknown_tags = s.tags();
    value
}

fn offset_fetch_response_group(s: &mut Source<'_>, version: i16) -> offset_fetch::OffsetFetchResponseGroup {
    let mut value = offset_fetch::OffsetFetchResponseGroup::default();
    value.group_id = s.string("group_id");
    value.topics = s.array(|s| offset_fetch_response_topics(s, version));
    value.error_code = s.error_code("error_code");
    value.unknown_tags = s.tags();
    value
}

fn offset_fetch_response_topics(s: &mut Source<'_>, version: i16) -> offset_fetch::OffsetFetchResponseTopics {
    let mut value = offset_fetch::OffsetFetchResponseTopics::default();
    if version <= 9 {
        value.name = s.string("name");
    }
    if version >= 10 {
        value.topic_id = s.uuid("topic_id");
    }
    value.partitions = s.array(|s| offset_fetch_response_partitions(s, version));
    value.unknown_tags = s.tags();
    value
}

fn offset_fetch_response_partitions(
    s: &mut Source<'_>,
    _version: i16,
) -> offset_fetch::OffsetFetchResponsePartitions {
    let mut value = offset_fetch::OffsetFetchResponsePartitions::default();
    value.partition_index = s.int32("partition_index");
    value.committed_offset = s.int64("committed_offset");
    value.committed_leader_epoch = s.int32("committed_leader_epoch");
    value.metadata = s.nullable(true, |s| s.string("metadata"));
    value.error_code = s.error_code("error_code");
    value.unknown_tags = s.tags();
    value
}
