// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Structures of `ShareGroupMemberMetadata` out of random bytes.

use ottla_protocol::internal::share_group_member_metadata;

use crate::source::Source;

pub(crate) fn share_group_member_metadata_key(
    s: &mut Source<'_>,
    _version: i16,
) -> share_group_member_metadata::ShareGroupMemberMetadataKey {
    let mut value = share_group_member_metadata::ShareGroupMemberMetadataKey::default();
    value.group_id = s.string("group_id");
    value.member_id = s.string("member_id");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn share_group_member_metadata_value(
    s: &mut Source<'_>,
    _version: i16,
) -> share_group_member_metadata::ShareGroupMemberMetadataValue {
    let mut value = share_group_member_metadata::ShareGroupMemberMetadataValue::default();
    value.rack_id = s.nullable(true, |s| s.string("rack_id"));
    value.client_id = s.string("client_id");
    value.client_host = s.string("client_host");
    value.subscribed_topic_names = s.array(|s| s.string("subscribed_topic_names"));
    value.unknown_tags = s.tags();
    value
}
