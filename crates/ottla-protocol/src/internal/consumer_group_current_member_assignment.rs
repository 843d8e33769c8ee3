// Generated from schema/data/consumer_group_current_member_assignment.txt by `cargo xtask codegen`: change that file and run it again.
//! `ConsumerGroupCurrentMemberAssignment` (record type 8 of the group coordinator): what a member of a
//! KIP-848 group owns.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::message::{Data, Encode, setters};
use crate::wire::{
    DecodeError, EncodeError, I32Array, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields, Uuid,
};

/// Which member of which group it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsumerGroupCurrentMemberAssignmentKey {
    /// Id of the group.
    pub group_id: Str,
    /// Id of the member in its group.
    pub member_id: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ConsumerGroupCurrentMemberAssignmentKey {
    /// Type of the record, which stands where other structures have their version.
    pub const RECORD_TYPE: i16 = 8;
}

impl Data for ConsumerGroupCurrentMemberAssignmentKey {
    const NAME: &'static str = "ConsumerGroupCurrentMemberAssignmentKey";
    const VERSIONS: RangeInclusive<i16> = 8..=8;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ConsumerGroupCurrentMemberAssignmentKey {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ConsumerGroupCurrentMemberAssignmentKey {
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
    ConsumerGroupCurrentMemberAssignmentKey {
        with_group_id(group_id: impl Into<Str>);
        with_member_id(member_id: impl Into<Str>);
    }
}

/// What the member owns, and where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsumerGroupCurrentMemberAssignmentValue {
    /// Epoch of the member.
    pub member_epoch: i32,
    /// Epoch that the member had before, with which it may still ask.
    pub previous_member_epoch: i32,
    /// State of the member: 0 stable, 1 it has partitions to give up, 2 it waits for partitions of others;
    /// 127 unknown.
    pub state: i8,
    /// The partitions that the member owns.
    pub assigned_partitions: Vec<TopicPartitions>,
    /// The partitions that the member has to give up.
    pub partitions_pending_revocation: Vec<TopicPartitions>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Data for ConsumerGroupCurrentMemberAssignmentValue {
    const NAME: &'static str = "ConsumerGroupCurrentMemberAssignmentValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ConsumerGroupCurrentMemberAssignmentValue {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ConsumerGroupCurrentMemberAssignmentValue {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            member_epoch: r.i32("member_epoch"),
            previous_member_epoch: r.i32("previous_member_epoch"),
            state: r.i8("state"),
            assigned_partitions: r.array("assigned_partitions", TopicPartitions::read),
            partitions_pending_revocation: r.array("partitions_pending_revocation", TopicPartitions::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.member_epoch);
        s.i32(self.previous_member_epoch);
        s.i8(self.state);
        s.array("assigned_partitions", &self.assigned_partitions, TopicPartitions::write);
        s.array("partitions_pending_revocation", &self.partitions_pending_revocation, TopicPartitions::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ConsumerGroupCurrentMemberAssignmentValue {
        with_member_epoch(member_epoch: i32);
        with_previous_member_epoch(previous_member_epoch: i32);
        with_state(state: i8);
        with_assigned_partitions(assigned_partitions: Vec<TopicPartitions>);
        with_partitions_pending_revocation(partitions_pending_revocation: Vec<TopicPartitions>);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicPartitions {
    /// Id of the topic; all zeros where it is known by name alone.
    pub topic_id: Uuid,
    /// Numbers of the partitions.
    pub partitions: I32Array,
    /// Epoch of the member in which it got each of the partitions; null if that is not known.
    pub assignment_epochs: Option<I32Array>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for TopicPartitions {
    fn default() -> Self {
        Self {
            topic_id: Uuid::ZERO,
            partitions: I32Array::new(),
            assignment_epochs: Some(I32Array::new()),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl TopicPartitions {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        let mut message = Self {
            topic_id: r.uuid("topic_id"),
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
        s.uuid(self.topic_id);
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
    TopicPartitions {
        with_topic_id(topic_id: Uuid);
        with_partitions(partitions: impl Into<I32Array>);
        with_assignment_epochs(assignment_epochs: Option<I32Array>);
    }
}
