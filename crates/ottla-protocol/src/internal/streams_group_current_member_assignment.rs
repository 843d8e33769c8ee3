// Generated from schema/data/streams_group_current_member_assignment.txt by `cargo xtask codegen`: change that file and run it again.
//! `StreamsGroupCurrentMemberAssignment` (record type 22 of the group coordinator): what a member of a
//! Kafka Streams group does.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::message::{Data, Encode, setters};
use crate::wire::{
    DecodeError, EncodeError, I32Array, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields,
};

/// Which member of which group it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamsGroupCurrentMemberAssignmentKey {
    /// Id of the group.
    pub group_id: Str,
    /// Id of the member in its group.
    pub member_id: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl StreamsGroupCurrentMemberAssignmentKey {
    /// Type of the record, which stands where other structures have their version.
    pub const RECORD_TYPE: i16 = 22;
}

impl Data for StreamsGroupCurrentMemberAssignmentKey {
    const NAME: &'static str = "StreamsGroupCurrentMemberAssignmentKey";
    const VERSIONS: RangeInclusive<i16> = 22..=22;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for StreamsGroupCurrentMemberAssignmentKey {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl StreamsGroupCurrentMemberAssignmentKey {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { group_id: r.string("group_id"), member_id: r.string("member_id"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        s.string("member_id", &self.member_id);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    StreamsGroupCurrentMemberAssignmentKey {
        with_group_id(group_id: impl Into<Str>);
        with_member_id(member_id: impl Into<Str>);
    }
}

/// What the member does, and where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamsGroupCurrentMemberAssignmentValue {
    /// Epoch of the member.
    pub member_epoch: i32,
    /// Epoch that the member had before, with which it may still ask.
    pub previous_member_epoch: i32,
    /// State of the member: 1 stable, 2 it has tasks to give up, 3 it waits for tasks of others; 127
    /// unknown.
    pub state: i8,
    /// Tasks that the member runs.
    pub active_tasks: Vec<TaskIds>,
    /// Tasks whose state the member keeps a copy of.
    pub standby_tasks: Vec<TaskIds>,
    /// Tasks whose state the member is catching up with, to run them later.
    pub warmup_tasks: Vec<TaskIds>,
    /// Tasks that the member has to stop running.
    pub active_tasks_pending_revocation: Vec<TaskIds>,
    /// Tasks whose copy the member has to give up.
    pub standby_tasks_pending_revocation: Vec<TaskIds>,
    /// Tasks that the member has to stop catching up with.
    pub warmup_tasks_pending_revocation: Vec<TaskIds>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Data for StreamsGroupCurrentMemberAssignmentValue {
    const NAME: &'static str = "StreamsGroupCurrentMemberAssignmentValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for StreamsGroupCurrentMemberAssignmentValue {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl StreamsGroupCurrentMemberAssignmentValue {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            member_epoch: r.i32("member_epoch"),
            previous_member_epoch: r.i32("previous_member_epoch"),
            state: r.i8("state"),
            active_tasks: r.array("active_tasks", TaskIds::read),
            standby_tasks: r.array("standby_tasks", TaskIds::read),
            warmup_tasks: r.array("warmup_tasks", TaskIds::read),
            active_tasks_pending_revocation: r.array("active_tasks_pending_revocation", TaskIds::read),
            standby_tasks_pending_revocation: r.array("standby_tasks_pending_revocation", TaskIds::read),
            warmup_tasks_pending_revocation: r.array("warmup_tasks_pending_revocation", TaskIds::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.member_epoch);
        s.i32(self.previous_member_epoch);
        s.i8(self.state);
        s.array("active_tasks", &self.active_tasks, TaskIds::write);
        s.array("standby_tasks", &self.standby_tasks, TaskIds::write);
        s.array("warmup_tasks", &self.warmup_tasks, TaskIds::write);
        s.array("active_tasks_pending_revocation", &self.active_tasks_pending_revocation, TaskIds::write);
        s.array("standby_tasks_pending_revocation", &self.standby_tasks_pending_revocation, TaskIds::write);
        s.array("warmup_tasks_pending_revocation", &self.warmup_tasks_pending_revocation, TaskIds::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    StreamsGroupCurrentMemberAssignmentValue {
        with_member_epoch(member_epoch: i32);
        with_previous_member_epoch(previous_member_epoch: i32);
        with_state(state: i8);
        with_active_tasks(active_tasks: Vec<TaskIds>);
        with_standby_tasks(standby_tasks: Vec<TaskIds>);
        with_warmup_tasks(warmup_tasks: Vec<TaskIds>);
        with_active_tasks_pending_revocation(active_tasks_pending_revocation: Vec<TaskIds>);
        with_standby_tasks_pending_revocation(standby_tasks_pending_revocation: Vec<TaskIds>);
        with_warmup_tasks_pending_revocation(warmup_tasks_pending_revocation: Vec<TaskIds>);
    }
}

/// Tasks of one subtopology.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskIds {
    /// Id of the subtopology.
    pub subtopology_id: Str,
    /// Numbers of the partitions, one a task.
    pub partitions: I32Array,
    /// Epoch of the member in which it got each of the tasks; null if that is not known.
    pub assignment_epochs: Option<I32Array>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for TaskIds {
    fn default() -> Self {
        Self {
            subtopology_id: Str::EMPTY,
            partitions: I32Array::new(),
            assignment_epochs: Some(I32Array::new()),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl TaskIds {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        let mut message = Self {
            subtopology_id: r.string("subtopology_id"),
            partitions: r.i32_array("partitions"),
            assignment_epochs: Some(I32Array::new()),
            unknown_tags: TaggedFields::new(),
        };
        message.unknown_tags = r.known_tags(&mut |r, tag| {
            match tag {
                0 => message.assignment_epochs = r.nullable_i32_array("assignment_epochs"),
                _ => return false,
            }
            true
        });
        message
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("subtopology_id", &self.subtopology_id);
        s.i32_array("partitions", &self.partitions);
        let mut known = TaggedFields::new();
        if self.assignment_epochs.as_ref().is_none_or(|value| !value.is_empty()) {
            s.tag(&mut known, 0, &mut |s| {
                s.nullable_i32_array("assignment_epochs", self.assignment_epochs.as_ref());
            });
        }
        s.known_tags(&known, &self.unknown_tags);
    }
}

setters! {
    TaskIds {
        with_subtopology_id(subtopology_id: impl Into<Str>);
        with_partitions(partitions: impl Into<I32Array>);
        with_assignment_epochs(assignment_epochs: Option<I32Array>);
    }
}
