// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Structures of `StreamsGroupTargetAssignmentMetadata` out of random bytes.

use ottla_protocol::internal::streams_group_target_assignment_metadata;

use crate::source::Source;

pub(crate) fn streams_group_target_assignment_metadata_key(
    s: &mut Source<'_>,
    _version: i16,
) -> streams_group_target_assignment_metadata::StreamsGroupTargetAssignmentMetadataKey {
    let mut value =
        streams_group_target_assignment_metadata::StreamsGroupTargetAssignmentMetadataKey::default();
    value.group_id = s.string("group_id");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn streams_group_target_assignment_metadata_value(
    s: &mut Source<'_>,
    _version: i16,
) -> streams_group_target_assignment_metadata::StreamsGroupTargetAssignmentMetadataValue {
    let mut value =
        streams_group_target_assignment_metadata::StreamsGroupTargetAssignmentMetadataValue::default();
    value.assignment_epoch = s.int32("assignment_epoch");
    value.assignment_timestamp = s.int64("assignment_timestamp");
    value.unknown_tags = s.tags();
    value
}
