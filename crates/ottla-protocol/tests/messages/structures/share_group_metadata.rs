// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Structures of `ShareGroupMetadata` out of random bytes.

use ottla_protocol::internal::share_group_metadata;

use crate::source::Source;

pub(crate) fn share_group_metadata_key(
    s: &mut Source<'_>,
    _version: i16,
) -> share_group_metadata::ShareGroupMetadataKey {
    let mut value = share_group_metadata::ShareGroupMetadataKey::default();
    value.group_id = s.string("group_id");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn share_group_metadata_value(
    s: &mut Source<'_>,
    _version: i16,
) -> share_group_metadata::ShareGroupMetadataValue {
    let mut value = share_group_metadata::ShareGroupMetadataValue::default();
    value.epoch = s.int32("epoch");
    value.metadata_hash = s.int64("metadata_hash");
    value.unknown_tags = s.tags();
    value
}
