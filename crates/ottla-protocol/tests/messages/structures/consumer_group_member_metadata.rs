// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Structures of `ConsumerGroupMemberMetadata` out of random bytes.

use ottla_protocol::internal::consumer_group_member_metadata;

use crate::source::Source;

pub(crate) fn consumer_group_member_metadata_key(
    s: &mut Source<'_>,
    _version: i16,
) -> consumer_group_member_metadata::ConsumerGroupMemberMetadataKey {
    let mut value = consumer_group_member_metadata::ConsumerGroupMemberMetadataKey::default();
    value.group_id = s.string("group_id");
    value.member_id = s.string("member_id");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn consumer_group_member_metadata_value(
    s: &mut Source<'_>,
    version: i16,
) -> consumer_group_member_metadata::ConsumerGroupMemberMetadataValue {
    let mut value = consumer_group_member_metadata::ConsumerGroupMemberMetadataValue::default();
    value.instance_id = s.nullable(true, |s| s.string("instance_id"));
    value.rack_id = s.nullable(true, |s| s.string("rack_id"));
    value.client_id = s.string("client_id");
    value.client_host = s.string("client_host");
    value.subscribed_topic_names = s.array(|s| s.string("subscribed_topic_names"));
    value.subscribed_topic_regex = s.nullable(true, |s| s.string("subscribed_topic_regex"));
    value.rebalance_timeout_ms = s.int32("rebalance_timeout_ms");
    value.server_assignor = s.nullable(true, |s| s.string("server_assignor"));
    value.classic_member_metadata = s.nullable(true, |s| classic_member_metadata(s, version));
    value.unknown_tags = s.tags();
    value
}

fn classic_member_metadata(
    s: &mut Source<'_>,
    version: i16,
) -> consumer_group_member_metadata::ClassicMemberMetadata {
    let mut value = consumer_group_member_metadata::ClassicMemberMetadata::default();
    value.session_timeout_ms = s.int32("session_timeout_ms");
    value.supported_protocols = s.array(|s| classic_protocol(s, version));
    value.unknown_tags = s.tags();
    value
}

fn classic_protocol(s: &mut Source<'_>, _version: i16) -> consumer_group_member_metadata::ClassicProtocol {
    let mut value = consumer_group_member_metadata::ClassicProtocol::default();
    value.name = s.string("name");
    value.metadata = s.bytes("metadata");
    value.unknown_tags = s.tags();
    value
}
