// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Structures of `ConsumerProtocol` out of random bytes.

use ottla_protocol::consumer_protocol;

use crate::source::Source;

pub(crate) fn consumer_protocol_subscription(
    s: &mut Source<'_>,
    version: i16,
) -> consumer_protocol::ConsumerProtocolSubscription {
    let mut value = consumer_protocol::ConsumerProtocolSubscription::default();
    value.topics = s.array(|s| s.string("topics"));
    value.user_data = s.nullable(true, |s| s.bytes("user_data"));
    if version >= 1 {
        value.owned_partitions = s.array(|s| owned_partitions(s, version));
    }
    if version >= 2 {
        value.generation_id = s.int32("generation_id");
    }
    if version >= 3 {
        value.rack_id = s.nullable(true, |s| s.string("rack_id"));
    }
    value.unknown_tags = s.tags();
    value
}

fn owned_partitions(s: &mut Source<'_>, _version: i16) -> consumer_protocol::OwnedPartitions {
    let mut value = consumer_protocol::OwnedPartitions::default();
    value.topic = s.string("topic");
    value.partitions = s.array(|s| s.int32("partitions")).into();
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn consumer_protocol_assignment(
    s: &mut Source<'_>,
    version: i16,
) -> consumer_protocol::ConsumerProtocolAssignment {
    let mut value = consumer_protocol::ConsumerProtocolAssignment::default();
    value.assigned_partitions = s.array(|s| assigned_partitions(s, version));
    value.user_data = s.nullable(true, |s| s.bytes("user_data"));
    value.unknown_tags = s.tags();
    value
}

fn assigned_partitions(s: &mut Source<'_>, _version: i16) -> consumer_protocol::AssignedPartitions {
    let mut value = consumer_protocol::AssignedPartitions::default();
    value.topic = s.string("topic");
    value.partitions = s.array(|s| s.int32("partitions")).into();
    value.unknown_tags = s.tags();
    value
}
