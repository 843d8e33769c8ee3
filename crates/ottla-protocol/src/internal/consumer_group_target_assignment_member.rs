// Generated from schema/data/consumer_group_target_assignment_member.txt by `cargo xtask codegen`: change that file and run it again.
//! `ConsumerGroupTargetAssignmentMember` (record type 7 of the group coordinator): what a member of a
//! KIP-848 group is to own.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::message::{Data, Encode, setters};
use crate::wire::{
    DecodeError, EncodeError, I32Array, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields, Uuid,
};

/// Which member of which group it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsumerGroupTargetAssignmentMemberKey {
    /// Id of the group.
    pub group_id: Str,
    /// Id of the member in its group.
    pub member_id: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ConsumerGroupTargetAssignmentMemberKey {
    /// Type of the record, which stands where other structures have their version.
    pub const RECORD_TYPE: i16 = 7;
}

impl Data for ConsumerGroupTargetAssignmentMemberKey {
    const NAME: &'static str = "ConsumerGroupTargetAssignmentMemberKey";
    const VERSIONS: RangeInclusive<i16> = 7..=7;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ConsumerGroupTargetAssignmentMemberKey {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ConsumerGroupTargetAssignmentMemberKey {
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
    ConsumerGroupTargetAssignmentMemberKey {
        with_group_id(group_id: impl Into<Str>);
        with_member_id(member_id: impl Into<Str>);
    }
}

/// What the member is to own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsumerGroupTargetAssignmentMemberValue {
    /// The topics, each with its partitions.
    pub topic_partitions: Vec<TopicPartition>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Data for ConsumerGroupTargetAssignmentMemberValue {
    const NAME: &'static str = "ConsumerGroupTargetAssignmentMemberValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ConsumerGroupTargetAssignmentMemberValue {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ConsumerGroupTargetAssignmentMemberValue {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { topic_partitions: r.array("topic_partitions", TopicPartition::read), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("topic_partitions", &self.topic_partitions, TopicPartition::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ConsumerGroupTargetAssignmentMemberValue {
        with_topic_partitions(topic_partitions: Vec<TopicPartition>);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicPartition {
    /// Id of the topic; all zeros where it is known by name alone.
    pub topic_id: Uuid,
    /// Numbers of the partitions.
    pub partitions: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl TopicPartition {
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
    TopicPartition {
        with_topic_id(topic_id: Uuid);
        with_partitions(partitions: impl Into<I32Array>);
    }
}
