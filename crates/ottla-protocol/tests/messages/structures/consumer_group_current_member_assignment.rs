// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Structures of `ConsumerGroupCurrentMemberAssignment` out of random bytes.

use ottla_protocol::internal::consumer_group_current_member_assignment;

use crate::source::Source;

pub(crate) fn consumer_group_current_member_assignment_key(
    s: &mut Source<'_>,
    _version: i16,
) -> consumer_group_current_member_assignment::ConsumerGroupCurrentMemberAssignmentKey {
    let mut value =
        consumer_group_current_member_assignment::ConsumerGroupCurrentMemberAssignmentKey::default();
    value.group_id = s.string("group_id");
    value.member_id = s.string("member_id");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn consumer_group_current_member_assignment_value(
    s: &mut Source<'_>,
    version: i16,
) -> consumer_group_current_member_assignment::ConsumerGroupCurrentMemberAssignmentValue {
    let mut value =
        consumer_group_current_member_assignment::ConsumerGroupCurrentMemberAssignmentValue::default();
    value.member_epoch = s.int32("member_epoch");
    value.previous_member_epoch = s.int32("previous_member_epoch");
    value.state = s.int8("state");
    value.assigned_partitions = s.array(|s| topic_partitions(s, version));
    value.partitions_pending_revocation = s.array(|s| topic_partitions(s, version));
    value.unknown_tags = s.tags();
    value
}

fn topic_partitions(
    s: &mut Source<'_>,
    _version: i16,
) -> consumer_group_current_member_assignment::TopicPartitions {
    let mut value = consumer_group_current_member_assignment::TopicPartitions::default();
    value.topic_id = s.uuid("topic_id");
    value.partitions = s.array(|s| s.int32("partitions")).into();
    value.assignment_epochs = s.nullable(true, |s| s.array(|s| s.int32("assignment_epochs")).into());
    value.unknown_tags = s.tags();
    value
}
