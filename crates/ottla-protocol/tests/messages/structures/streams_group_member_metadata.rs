// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Structures of `StreamsGroupMemberMetadata` out of random bytes.

use ottla_protocol::internal::streams_group_member_metadata;

use crate::source::Source;

pub(crate) fn streams_group_member_metadata_key(
    s: &mut Source<'_>,
    _version: i16,
) -> streams_group_member_metadata::StreamsGroupMemberMetadataKey {
    let mut value = streams_group_member_metadata::StreamsGroupMemberMetadataKey::default();
    value.group_id = s.string("group_id");
    value.member_id = s.string("member_id");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn streams_group_member_metadata_value(
    s: &mut Source<'_>,
    version: i16,
) -> streams_group_member_metadata::StreamsGroupMemberMetadataValue {
    let mut value = streams_group_member_metadata::StreamsGroupMemberMetadataValue::default();
    value.instance_id = s.nullable(true, |s| s.string("instance_id"));
    value.rack_id = s.nullable(true, |s| s.string("rack_id"));
    value.client_id = s.string("client_id");
    value.client_host = s.string("client_host");
    value.rebalance_timeout_ms = s.int32("rebalance_timeout_ms");
    value.topology_epoch = s.int32("topology_epoch");
    value.process_id = s.string("process_id");
    value.user_endpoint = s.nullable(true, |s| endpoint(s, version));
    value.client_tags = s.array(|s| key_value(s, version));
    value.unknown_tags = s.tags();
    value
}

fn endpoint(s: &mut Source<'_>, _version: i16) -> streams_group_member_metadata::Endpoint {
    let mut value = streams_group_member_metadata::Endpoint::default();
    value.host = s.string("host");
    value.port = s.uint16("port");
    value.unknown_tags = s.tags();
    value
}

fn key_value(s: &mut Source<'_>, _version: i16) -> streams_group_member_metadata::KeyValue {
    let mut value = streams_group_member_metadata::KeyValue::default();
    value.key = s.string("key");
    value.value = s.string("value");
    value.unknown_tags = s.tags();
    value
}
