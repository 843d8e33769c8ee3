// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Structures of `GroupMetadata` out of random bytes.

use ottla_protocol::internal::group_metadata;

use crate::source::Source;

pub(crate) fn group_metadata_key(s: &mut Source<'_>, _version: i16) -> group_metadata::GroupMetadataKey {
    let mut value = group_metadata::GroupMetadataKey::default();
    value.group = s.string("group");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn group_metadata_value(s: &mut Source<'_>, version: i16) -> group_metadata::GroupMetadataValue {
    let mut value = group_metadata::GroupMetadataValue::default();
    value.protocol_type = s.string("protocol_type");
    value.generation = s.int32("generation");
    value.protocol = s.nullable(true, |s| s.string("protocol"));
    value.leader = s.nullable(true, |s| s.string("leader"));
    if version >= 2 {
        value.current_state_timestamp = s.int64("current_state_timestamp");
    }
    value.members = s.array(|s| member_metadata(s, version));
    value.unknown_tags = s.tags();
    value
}

fn member_metadata(s: &mut Source<'_>, version: i16) -> group_metadata::MemberMetadata {
    let mut value = group_metadata::MemberMetadata::default();
    value.member_id = s.string("member_id");
    if version >= 3 {
        value.group_instance_id = s.nullable(true, |s| s.string("group_instance_id"));
    }
    value.client_id = s.string("client_id");
    value.client_host = s.string("client_host");
    if version >= 1 {
        value.rebalance_timeout = s.int32("rebalance_timeout");
    }
    value.session_timeout = s.int32("session_timeout");
    value.subscription = s.bytes("subscription");
    value.assignment = s.bytes("assignment");
    value.unknown_tags = s.tags();
    value
}
