// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Structures of `ShareGroupStatePartitionMetadata` out of random bytes.

use ottla_protocol::internal::share_group_state_partition_metadata;

use crate::source::Source;

pub(crate) fn share_group_state_partition_metadata_key(
    s: &mut Source<'_>,
    _version: i16,
) -> share_group_state_partition_metadata::ShareGroupStatePartitionMetadataKey {
    let mut value = share_group_state_partition_metadata::ShareGroupStatePartitionMetadataKey::default();
    value.group_id = s.string("group_id");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn share_group_state_partition_metadata_value(
    s: &mut Source<'_>,
    version: i16,
) -> share_group_state_partition_metadata::ShareGroupStatePartitionMetadataValue {
    let mut value = share_group_state_partition_metadata::ShareGroupStatePartitionMetadataValue::default();
    value.initializing_topics = s.array(|s| topic_partitions_info(s, version));
    value.initialized_topics = s.array(|s| topic_partitions_info(s, version));
    value.deleting_topics = s.array(|s| topic_info(s, version));
    value.unknown_tags = s.tags();
    value
}

fn topic_partitions_info(
    s: &mut Source<'_>,
    _version: i16,
) -> share_group_state_partition_metadata::TopicPartitionsInfo {
    let mut value = share_group_state_partition_metadata::TopicPartitionsInfo::default();
    value.topic_id = s.uuid("topic_id");
    value.topic_name = s.string("topic_name");
    value.partitions = s.array(|s| s.int32("partitions")).into();
    value.unknown_tags = s.tags();
    value
}

fn topic_info(s: &mut Source<'_>, _version: i16) -> share_group_state_partition_metadata::TopicInfo {
    let mut value = share_group_state_partition_metadata::TopicInfo::default();
    value.topic_id = s.uuid("topic_id");
    value.topic_name = s.string("topic_name");
    value.unknown_tags = s.tags();
    value
}
