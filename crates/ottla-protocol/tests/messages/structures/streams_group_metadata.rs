// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Structures of `StreamsGroupMetadata` out of random bytes.

use ottla_protocol::internal::streams_group_metadata;

use crate::source::Source;

pub(crate) fn streams_group_metadata_key(
    s: &mut Source<'_>,
    _version: i16,
) -> streams_group_metadata::StreamsGroupMetadataKey {
    let mut value = streams_group_metadata::StreamsGroupMetadataKey::default();
    value.group_id = s.string("group_id");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn streams_group_metadata_value(
    s: &mut Source<'_>,
    version: i16,
) -> streams_group_metadata::StreamsGroupMetadataValue {
    let mut value = streams_group_metadata::StreamsGroupMetadataValue::default();
    value.epoch = s.int32("epoch");
    value.metadata_hash = s.int64("metadata_hash");
    value.validated_topology_epoch = s.int32("validated_topology_epoch");
    value.last_assignment_configs = s.nullable(true, |s| s.array(|s| last_assignment_config(s, version)));
    value.unknown_tags = s.tags();
    value
}

fn last_assignment_config(s: &mut Source<'_>, _version: i16) -> streams_group_metadata::LastAssignmentConfig {
    let mut value = streams_group_metadata::LastAssignmentConfig::default();
    value.key = s.string("key");
    value.value = s.string("value");
    value.unknown_tags = s.tags();
    value
}
