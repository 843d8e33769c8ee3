// Generated from schema/data/share_group_state_partition_metadata.txt by `cargo xtask codegen`: change that file and run it again.
//! `ShareGroupStatePartitionMetadata` (record type 15 of the group coordinator): for which partitions a
//! share group has state with the share coordinator.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::message::{Data, Encode, setters};
use crate::wire::{
    DecodeError, EncodeError, I32Array, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields, Uuid,
};

/// Which group it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShareGroupStatePartitionMetadataKey {
    /// Id of the group.
    pub group_id: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ShareGroupStatePartitionMetadataKey {
    /// Type of the record, which stands where other structures have their version.
    pub const RECORD_TYPE: i16 = 15;
}

impl Data for ShareGroupStatePartitionMetadataKey {
    const NAME: &'static str = "ShareGroupStatePartitionMetadataKey";
    const VERSIONS: RangeInclusive<i16> = 15..=15;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ShareGroupStatePartitionMetadataKey {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ShareGroupStatePartitionMetadataKey {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { group_id: r.string("group_id"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ShareGroupStatePartitionMetadataKey {
        with_group_id(group_id: impl Into<Str>);
    }
}

/// Partitions with state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShareGroupStatePartitionMetadataValue {
    /// Partitions whose state is being begun.
    pub initializing_topics: Vec<TopicPartitionsInfo>,
    /// Partitions whose state is there.
    pub initialized_topics: Vec<TopicPartitionsInfo>,
    /// Topics whose state is being removed.
    pub deleting_topics: Vec<TopicInfo>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Data for ShareGroupStatePartitionMetadataValue {
    const NAME: &'static str = "ShareGroupStatePartitionMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ShareGroupStatePartitionMetadataValue {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ShareGroupStatePartitionMetadataValue {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            initializing_topics: r.array("initializing_topics", TopicPartitionsInfo::read),
            initialized_topics: r.array("initialized_topics", TopicPartitionsInfo::read),
            deleting_topics: r.array("deleting_topics", TopicInfo::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("initializing_topics", &self.initializing_topics, TopicPartitionsInfo::write);
        s.array("initialized_topics", &self.initialized_topics, TopicPartitionsInfo::write);
        s.array("deleting_topics", &self.deleting_topics, TopicInfo::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ShareGroupStatePartitionMetadataValue {
        with_initializing_topics(initializing_topics: Vec<TopicPartitionsInfo>);
        with_initialized_topics(initialized_topics: Vec<TopicPartitionsInfo>);
        with_deleting_topics(deleting_topics: Vec<TopicInfo>);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicPartitionsInfo {
    /// Id of the topic; all zeros where it is known by name alone.
    pub topic_id: Uuid,
    /// Name of the topic.
    pub topic_name: Str,
    /// Numbers of the partitions.
    pub partitions: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl TopicPartitionsInfo {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            topic_id: r.uuid("topic_id"),
            topic_name: r.string("topic_name"),
            partitions: r.i32_array("partitions"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.uuid(self.topic_id);
        s.string("topic_name", &self.topic_name);
        s.i32_array("partitions", &self.partitions);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    TopicPartitionsInfo {
        with_topic_id(topic_id: Uuid);
        with_topic_name(topic_name: impl Into<Str>);
        with_partitions(partitions: impl Into<I32Array>);
    }
}

/// One topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicInfo {
    /// Id of the topic; all zeros where it is known by name alone.
    pub topic_id: Uuid,
    /// Name of the topic.
    pub topic_name: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl TopicInfo {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { topic_id: r.uuid("topic_id"), topic_name: r.string("topic_name"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.uuid(self.topic_id);
        s.string("topic_name", &self.topic_name);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    TopicInfo {
        with_topic_id(topic_id: Uuid);
        with_topic_name(topic_name: impl Into<Str>);
    }
}
