// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Structures of `StreamsGroupCurrentMemberAssignment` out of random bytes.

use ottla_protocol::internal::streams_group_current_member_assignment;

use crate::source::Source;

pub(crate) fn streams_group_current_member_assignment_key(
    s: &mut Source<'_>,
    _version: i16,
) -> streams_group_current_member_assignment::StreamsGroupCurrentMemberAssignmentKey {
    let mut value =
        streams_group_current_member_assignment::StreamsGroupCurrentMemberAssignmentKey::default();
    value.group_id = s.string("group_id");
    value.member_id = s.string("member_id");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn streams_group_current_member_assignment_value(
    s: &mut Source<'_>,
    version: i16,
) -> streams_group_current_member_assignment::StreamsGroupCurrentMemberAssignmentValue {
    let mut value =
        streams_group_current_member_assignment::StreamsGroupCurrentMemberAssignmentValue::default();
    value.member_epoch = s.int32("member_epoch");
    value.previous_member_epoch = s.int32("previous_member_epoch");
    value.state = s.int8("state");
    value.active_tasks = s.array(|s| task_ids(s, version));
    value.standby_tasks = s.array(|s| task_ids(s, version));
    value.warmup_tasks = s.array(|s| task_ids(s, version));
    value.active_tasks_pending_revocation = s.array(|s| task_ids(s, version));
    value.standby_tasks_pending_revocation = s.array(|s| task_ids(s, version));
    value.warmup_tasks_pending_revocation = s.array(|s| task_ids(s, version));
    value.unknown_tags = s.tags();
    value
}

fn task_ids(s: &mut Source<'_>, _version: i16) -> streams_group_current_member_assignment::TaskIds {
    let mut value = streams_group_current_member_assignment::TaskIds::default();
    value.subtopology_id = s.string("subtopology_id");
    value.partitions = s.array(|s| s.int32("partitions")).into();
    value.assignment_epochs = s.nullable(true, |s| s.array(|s| s.int32("assignment_epochs")).into());
    value.unknown_tags = s.tags();
    value
}
