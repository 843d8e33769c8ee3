// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Structures of `ConsumerGroupPartitionMetadata` out of random bytes.

use ottla_protocol::internal::consumer_group_partition_metadata;

use crate::source::Source;

pub(crate) fn consumer_group_partition_metadata_key(
    s: &mut Source<'_>,
    _version: i16,
) -> consumer_group_partition_metadata::ConsumerGroupPartitionMetadataKey {
    let mut value = consumer_group_partition_metadata::ConsumerGroupPartitionMetadataKey::default();
    value.group_id = s.string("group_id");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn consumer_group_partition_metadata_value(
    s: &mut Source<'_>,
    version: i16,
) -> consumer_group_partition_metadata::ConsumerGroupPartitionMetadataValue {
    let mut value = consumer_group_partition_metadata::ConsumerGroupPartitionMetadataValue::default();
    value.topics = s.array(|s| topic_metadata(s, version));
    value.unknown_tags = s.tags();
    value
}

fn topic_metadata(s: &mut Source<'_>, version: i16) -> consumer_group_partition_metadata::TopicMetadata {
    let mut value = consumer_group_partition_metadata::TopicMetadata::default();
    value.topic_id = s.uuid("topic_id");
    value.topic_name = s.string("topic_name");
    value.num_partitions = s.int32("num_partitions");
    value.partition_metadata = s.array(|s| partition_metadata(s, version));
    value.unknown_tags = s.tags();
    value
}

fn partition_metadata(
    s: &mut Source<'_>,
    _version: i16,
) -> consumer_group_partition_metadata::PartitionMetadata {
    let mut value = consumer_group_partition_metadata::PartitionMetadata::default();
    value.partition = s.int32("partition");
    value.racks = s.array(|s| s.string("racks"));
    value.unknown_tags = s.tags();
    value
}
