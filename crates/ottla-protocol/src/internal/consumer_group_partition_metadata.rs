// Generated from schema/data/consumer_group_partition_metadata.txt by `cargo xtask codegen`: change that file and run it again.
//! `ConsumerGroupPartitionMetadata` (record type 4 of the group coordinator): the topics that a KIP-848
//! group reads, as its coordinator saw them.
//!
//! Read only: since Kafka 4.1 a hash in `ConsumerGroupMetadata` takes its place (KIP-1101).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::message::{Data, Encode, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields, Uuid};

/// Which group it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsumerGroupPartitionMetadataKey {
    /// Id of the group.
    pub group_id: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ConsumerGroupPartitionMetadataKey {
    /// Type of the record, which stands where other structures have their version.
    pub const RECORD_TYPE: i16 = 4;
}

impl Data for ConsumerGroupPartitionMetadataKey {
    const NAME: &'static str = "ConsumerGroupPartitionMetadataKey";
    const VERSIONS: RangeInclusive<i16> = 4..=4;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ConsumerGroupPartitionMetadataKey {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ConsumerGroupPartitionMetadataKey {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { group_id: r.string("group_id"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ConsumerGroupPartitionMetadataKey {
        with_group_id(group_id: impl Into<Str>);
    }
}

/// The topics of the group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsumerGroupPartitionMetadataValue {
    /// The topics.
    pub topics: Vec<TopicMetadata>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Data for ConsumerGroupPartitionMetadataValue {
    const NAME: &'static str = "ConsumerGroupPartitionMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ConsumerGroupPartitionMetadataValue {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ConsumerGroupPartitionMetadataValue {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { topics: r.array("topics", TopicMetadata::read), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("topics", &self.topics, TopicMetadata::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ConsumerGroupPartitionMetadataValue {
        with_topics(topics: Vec<TopicMetadata>);
    }
}

/// One topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicMetadata {
    /// Id of the topic; all zeros where it is known by name alone.
    pub topic_id: Uuid,
    /// Name of the topic.
    pub topic_name: Str,
    /// How many partitions it has.
    pub num_partitions: i32,
    /// Racks of its partitions; empty if they are not known.
    pub partition_metadata: Vec<PartitionMetadata>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl TopicMetadata {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            topic_id: r.uuid("topic_id"),
            topic_name: r.string("topic_name"),
            num_partitions: r.i32("num_partitions"),
            partition_metadata: r.array("partition_metadata", PartitionMetadata::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.uuid(self.topic_id);
        s.string("topic_name", &self.topic_name);
        s.i32(self.num_partitions);
        s.array("partition_metadata", &self.partition_metadata, PartitionMetadata::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    TopicMetadata {
        with_topic_id(topic_id: Uuid);
        with_topic_name(topic_name: impl Into<Str>);
        with_num_partitions(num_partitions: i32);
        with_partition_metadata(partition_metadata: Vec<PartitionMetadata>);
    }
}

/// Racks of one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartitionMetadata {
    /// Number of the partition in its topic, from 0.
    pub partition: i32,
    /// The racks that hold a replica.
    pub racks: Vec<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl PartitionMetadata {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            partition: r.i32("partition"),
            racks: r.array("racks", |r| r.string("racks")),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition);
        s.array("racks", &self.racks, |value, s| s.string("racks", value));
        s.tags(&self.unknown_tags);
    }
}

setters! {
    PartitionMetadata {
        with_partition(partition: i32);
        with_racks(racks: Vec<Str>);
    }
}
