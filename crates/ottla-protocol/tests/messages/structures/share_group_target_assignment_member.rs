// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Structures of `ShareGroupTargetAssignmentMember` out of random bytes.

use ottla_protocol::internal::share_group_target_assignment_member;

use crate::source::Source;

pub(crate) fn share_group_target_assignment_member_key(
    s: &mut Source<'_>,
    _version: i16,
) -> share_group_target_assignment_member::ShareGroupTargetAssignmentMemberKey {
    let mut value = share_group_target_assignment_member::ShareGroupTargetAssignmentMemberKey::default();
    value.group_id = s.string("group_id");
    value.member_id = s.string("member_id");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn share_group_target_assignment_member_value(
    s: &mut Source<'_>,
    version: i16,
) -> share_group_target_assignment_member::ShareGroupTargetAssignmentMemberValue {
    let mut value = share_group_target_assignment_member::ShareGroupTargetAssignmentMemberValue::default();
    value.topic_partitions = s.array(|s| topic_partition(s, version));
    value.unknown_tags = s.tags();
    value
}

fn topic_partition(
    s: &mut Source<'_>,
    _version: i16,
) -> share_group_target_assignment_member::TopicPartition {
    let mut value = share_group_target_assignment_member::TopicPartition::default();
    value.topic_id = s.uuid("topic_id");
    value.partitions = s.array(|s| s.int32("partitions")).into();
    value.unknown_tags = s.tags();
    value
}
