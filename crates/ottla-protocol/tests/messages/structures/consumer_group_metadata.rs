// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Structures of `ConsumerGroupMetadata` out of random bytes.

use ottla_protocol::internal::consumer_group_metadata;

use crate::source::Source;

pub(crate) fn consumer_group_metadata_key(
    s: &mut Source<'_>,
    _version: i16,
) -> consumer_group_metadata::ConsumerGroupMetadataKey {
    let mut value = consumer_group_metadata::ConsumerGroupMetadataKey::default();
    value.group_id = s.string("group_id");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn consumer_group_metadata_value(
    s: &mut Source<'_>,
    _version: i16,
) -> consumer_group_metadata::ConsumerGroupMetadataValue {
    let mut value = consumer_group_metadata::ConsumerGroupMetadataValue::default();
    value.epoch = s.int32("epoch");
    value.metadata_hash = s.int64("metadata_hash");
    value.unknown_tags = s.tags();
    value
}
