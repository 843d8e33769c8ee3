// Generated from schema/data/share_group_current_member_assignment.txt by `cargo xtask codegen`: change that file and run it again.
//! `ShareGroupCurrentMemberAssignment` (record type 14 of the group coordinator): what a member of a
//! share group reads.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::message::{Data, Encode, setters};
use crate::wire::{
    DecodeError, EncodeError, I32Array, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields, Uuid,
};

/// Which member of which group it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShareGroupCurrentMemberAssignmentKey {
    /// Id of the group.
    pub group_id: Str,
    /// Id of the member in its group.
    pub member_id: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ShareGroupCurrentMemberAssignmentKey {
    /// Type of the record, which stands where other structures have their version.
    pub const RECORD_TYPE: i16 = 14;
}

impl Data for ShareGroupCurrentMemberAssignmentKey {
    const NAME: &'static str = "ShareGroupCurrentMemberAssignmentKey";
    const VERSIONS: RangeInclusive<i16> = 14..=14;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ShareGroupCurrentMemberAssignmentKey {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ShareGroupCurrentMemberAssignmentKey {
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
    ShareGroupCurrentMemberAssignmentKey {
        with_group_id(group_id: impl Into<Str>);
        with_member_id(member_id: impl Into<Str>);
    }
}

/// What the member reads, and where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShareGroupCurrentMemberAssignmentValue {
    /// Epoch of the member.
    pub member_epoch: i32,
    /// Epoch that the member had before, with which it may still ask.
    pub previous_member_epoch: i32,
    /// State of the member, numbered as in groups of KIP-848.
    pub state: i8,
    /// The partitions that the member reads.
    pub assigned_partitions: Vec<TopicPartitions>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Data for ShareGroupCurrentMemberAssignmentValue {
    const NAME: &'static str = "ShareGroupCurrentMemberAssignmentValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ShareGroupCurrentMemberAssignmentValue {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ShareGroupCurrentMemberAssignmentValue {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            member_epoch: r.i32("member_epoch"),
            previous_member_epoch: r.i32("previous_member_epoch"),
            state: r.i8("state"),
            assigned_partitions: r.array("assigned_partitions", TopicPartitions::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.member_epoch);
        s.i32(self.previous_member_epoch);
        s.i8(self.state);
        s.array("assigned_partitions", &self.assigned_partitions, TopicPartitions::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ShareGroupCurrentMemberAssignmentValue {
        with_member_epoch(member_epoch: i32);
        with_previous_member_epoch(previous_member_epoch: i32);
        with_state(state: i8);
        with_assigned_partitions(assigned_partitions: Vec<TopicPartitions>);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicPartitions {
    /// Id of the topic; all zeros where it is known by name alone.
    pub topic_id: Uuid,
    /// Numbers of the partitions.
    pub partitions: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl TopicPartitions {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { topic_id: r.uuid("topic_id"), partitions: r.i32_array("partitions"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.uuid(self.topic_id);
        s.i32_array("partitions", &self.partitions);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    TopicPartitions {
        with_topic_id(topic_id: Uuid);
        with_partitions(partitions: impl Into<I32Array>);
    }
}
