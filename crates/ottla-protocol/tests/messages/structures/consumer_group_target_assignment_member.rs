// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Structures of `ConsumerGroupTargetAssignmentMember` out of random bytes.

use ottla_protocol::internal::consumer_group_target_assignment_member;

use crate::source::Source;

pub(crate) fn consumer_group_target_assignment_member_key(
    s: &mut Source<'_>,
    _version: i16,
) -> consumer_group_target_assignment_member::ConsumerGroupTargetAssignmentMemberKey {
    let mut value =
        consumer_group_target_assignment_member::ConsumerGroupTargetAssignmentMemberKey::default();
    value.group_id = s.string("group_id");
    value.member_id = s.string("member_id");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn consumer_group_target_assignment_member_value(
    s: &mut Source<'_>,
    version: i16,
) -> consumer_group_target_assignment_member::ConsumerGroupTargetAssignmentMemberValue {
    let mut value =
        consumer_group_target_assignment_member::ConsumerGroupTargetAssignmentMemberValue::default();
    value.topic_partitions = s.array(|s| topic_partition(s, version));
    value.unknown_tags = s.tags();
    value
}

fn topic_partition(
    s: &mut Source<'_>,
    _version: i16,
) -> consumer_group_target_assignment_member::TopicPartition {
    let mut value = consumer_group_target_assignment_member::TopicPartition::default();
    value.topic_id = s.uuid("topic_id");
    value.partitions = s.array(|s| s.int32("partitions")).into();
    value.unknown_tags = s.tags();
    value
}
