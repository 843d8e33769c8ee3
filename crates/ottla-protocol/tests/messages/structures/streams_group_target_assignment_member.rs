// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Structures of `StreamsGroupTargetAssignmentMember` out of random bytes.

use ottla_protocol::internal::streams_group_target_assignment_member;

use crate::source::Source;

pub(crate) fn streams_group_target_assignment_member_key(
    s: &mut Source<'_>,
    _version: i16,
) -> streams_group_target_assignment_member::StreamsGroupTargetAssignmentMemberKey {
    let mut value = streams_group_target_assignment_member::StreamsGroupTargetAssignmentMemberKey::default();
    value.group_id = s.string("group_id");
    value.member_id = s.string("member_id");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn streams_group_target_assignment_member_value(
    s: &mut Source<'_>,
    version: i16,
) -> streams_group_target_assignment_member::StreamsGroupTargetAssignmentMemberValue {
    let mut value =
        streams_group_target_assignment_member::StreamsGroupTargetAssignmentMemberValue::default();
    value.active_tasks = s.array(|s| task_ids(s, version));
    value.standby_tasks = s.array(|s| task_ids(s, version));
    value.warmup_tasks = s.array(|s| task_ids(s, version));
    value.unknown_tags = s.tags();
    value
}

fn task_ids(s: &mut Source<'_>, _version: i16) -> streams_group_target_assignment_member::TaskIds {
    let mut value = streams_group_target_assignment_member::TaskIds::default();
    value.subtopology_id = s.string("subtopology_id");
    value.partitions = s.array(|s| s.int32("partitions")).into();
    value.unknown_tags = s.tags();
    value
}
