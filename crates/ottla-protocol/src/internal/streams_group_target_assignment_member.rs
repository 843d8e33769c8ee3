// Generated from schema/data/streams_group_target_assignment_member.txt by `cargo xtask codegen`: change that file and run it again.
//! `StreamsGroupTargetAssignmentMember` (record type 21 of the group coordinator): what a member of a
//! Kafka Streams group is to do.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::message::{Data, Encode, setters};
use crate::wire::{
    DecodeError, EncodeError, I32Array, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields,
};

/// Which member of which group it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamsGroupTargetAssignmentMemberKey {
    /// Id of the group.
    pub group_id: Str,
    /// Id of the member in its group.
    pub member_id: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl StreamsGroupTargetAssignmentMemberKey {
    /// Type of the record, which stands where other structures have their version.
    pub const RECORD_TYPE: i16 = 21;
}

impl Data for StreamsGroupTargetAssignmentMemberKey {
    const NAME: &'static str = "StreamsGroupTargetAssignmentMemberKey";
    const VERSIONS: RangeInclusive<i16> = 21..=21;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for StreamsGroupTargetAssignmentMemberKey {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl StreamsGroupTargetAssignmentMemberKey {
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
    StreamsGroupTargetAssignmentMemberKey {
        with_group_id(group_id: impl Into<Str>);
        with_member_id(member_id: impl Into<Str>);
    }
}

/// What the member is to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamsGroupTargetAssignmentMemberValue {
    /// Tasks that the member is to run.
    pub active_tasks: Vec<TaskIds>,
    /// Tasks whose state it is to keep a copy of.
    pub standby_tasks: Vec<TaskIds>,
    /// Tasks whose state it is to catch up with.
    pub warmup_tasks: Vec<TaskIds>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Data for StreamsGroupTargetAssignmentMemberValue {
    const NAME: &'static str = "StreamsGroupTargetAssignmentMemberValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for StreamsGroupTargetAssignmentMemberValue {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl StreamsGroupTargetAssignmentMemberValue {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            active_tasks: r.array("active_tasks", TaskIds::read),
            standby_tasks: r.array("standby_tasks", TaskIds::read),
            warmup_tasks: r.array("warmup_tasks", TaskIds::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("active_tasks", &self.active_tasks, TaskIds::write);
        s.array("standby_tasks", &self.standby_tasks, TaskIds::write);
        s.array("warmup_tasks", &self.warmup_tasks, TaskIds::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    StreamsGroupTargetAssignmentMemberValue {
        with_active_tasks(active_tasks: Vec<TaskIds>);
        with_standby_tasks(standby_tasks: Vec<TaskIds>);
        with_warmup_tasks(warmup_tasks: Vec<TaskIds>);
    }
}

/// Tasks of one subtopology.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskIds {
    /// Id of the subtopology.
    pub subtopology_id: Str,
    /// Numbers of the partitions, one a task.
    pub partitions: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl TaskIds {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            subtopology_id: r.string("subtopology_id"),
            partitions: r.i32_array("partitions"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("subtopology_id", &self.subtopology_id);
        s.i32_array("partitions", &self.partitions);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    TaskIds {
        with_subtopology_id(subtopology_id: impl Into<Str>);
        with_partitions(partitions: impl Into<I32Array>);
    }
}
