// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Structures of `ConsumerGroupTargetAssignmentMetadata` out of random bytes.

use ottla_protocol::internal::consumer_group_target_assignment_metadata;

use crate::source::Source;

pub(crate) fn consumer_group_target_assignment_metadata_key(
    s: &mut Source<'_>,
    _version: i16,
) -> consumer_group_target_assignment_metadata::ConsumerGroupTargetAssignmentMetadataKey {
    let mut value =
        consumer_group_target_assignment_metadata::ConsumerGroupTargetAssignmentMetadataKey::default();
    value.group_id = s.string("group_id");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn consumer_group_target_assignment_metadata_value(
    s: &mut Source<'_>,
    _version: i16,
) -> consumer_group_target_assignment_metadata::ConsumerGroupTargetAssignmentMetadataValue {
    let mut value =
        consumer_group_target_assignment_metadata::ConsumerGroupTargetAssignmentMetadataValue::default();
    value.assignment_epoch = s.int32("assignment_epoch");
    value.assignment_timestamp = s.int64("assignment_timestamp");
    value.unknown_tags = s.tags();
    value
}
