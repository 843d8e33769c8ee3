// Generated from schema/data/streams_group_topology.txt by `cargo xtask codegen`: change that file and run it again.
//! `StreamsGroupTopology` (record type 23 of the group coordinator): the topology of a Kafka Streams
//! group.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::message::{Data, Encode, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Which group it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamsGroupTopologyKey {
    /// Id of the group.
    pub group_id: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl StreamsGroupTopologyKey {
    /// Type of the record, which stands where other structures have their version.
    pub const RECORD_TYPE: i16 = 23;
}

impl Data for StreamsGroupTopologyKey {
    const NAME: &'static str = "StreamsGroupTopologyKey";
    const VERSIONS: RangeInclusive<i16> = 23..=23;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for StreamsGroupTopologyKey {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl StreamsGroupTopologyKey {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { group_id: r.string("group_id"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    StreamsGroupTopologyKey {
        with_group_id(group_id: impl Into<Str>);
    }
}

/// What the application computes, in parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamsGroupTopologyValue {
    /// Epoch of the topology.
    pub epoch: i32,
    /// The subtopologies.
    pub subtopologies: Vec<Subtopology>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Data for StreamsGroupTopologyValue {
    const NAME: &'static str = "StreamsGroupTopologyValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for StreamsGroupTopologyValue {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl StreamsGroupTopologyValue {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            epoch: r.i32("epoch"),
            subtopologies: r.array("subtopologies", Subtopology::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.epoch);
        s.array("subtopologies", &self.subtopologies, Subtopology::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    StreamsGroupTopologyValue {
        with_epoch(epoch: i32);
        with_subtopologies(subtopologies: Vec<Subtopology>);
    }
}

/// A part of the topology that can run on its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Subtopology {
    /// Id of the subtopology.
    pub subtopology_id: Str,
    /// Names of the topics that the subtopology reads.
    pub source_topics: Vec<Str>,
    /// Patterns of names of topics that the subtopology reads.
    pub source_topic_regex: Vec<Str>,
    /// The changelog topics of its state stores.
    pub state_changelog_topics: Vec<TopicInfo>,
    /// Names of the repartition topics that the subtopology writes.
    pub repartition_sink_topics: Vec<Str>,
    /// The repartition topics that the subtopology reads.
    pub repartition_source_topics: Vec<TopicInfo>,
    /// Topics that must have the same number of partitions, group by group.
    pub copartition_groups: Vec<CopartitionGroup>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Subtopology {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            subtopology_id: r.string("subtopology_id"),
            source_topics: r.array("source_topics", |r| r.string("source_topics")),
            source_topic_regex: r.array("source_topic_regex", |r| r.string("source_topic_regex")),
            state_changelog_topics: r.array("state_changelog_topics", TopicInfo::read),
            repartition_sink_topics: r
                .array("repartition_sink_topics", |r| r.string("repartition_sink_topics")),
            repartition_source_topics: r.array("repartition_source_topics", TopicInfo::read),
            copartition_groups: r.array("copartition_groups", CopartitionGroup::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("subtopology_id", &self.subtopology_id);
        s.array("source_topics", &self.source_topics, |value, s| s.string("source_topics", value));
        s.array("source_topic_regex", &self.source_topic_regex, |value, s| {
            s.string("source_topic_regex", value)
        });
        s.array("state_changelog_topics", &self.state_changelog_topics, TopicInfo::write);
        s.array("repartition_sink_topics", &self.repartition_sink_topics, |value, s| {
            s.string("repartition_sink_topics", value)
        });
        s.array("repartition_source_topics", &self.repartition_source_topics, TopicInfo::write);
        s.array("copartition_groups", &self.copartition_groups, CopartitionGroup::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    Subtopology {
        with_subtopology_id(subtopology_id: impl Into<Str>);
        with_source_topics(source_topics: Vec<Str>);
        with_source_topic_regex(source_topic_regex: Vec<Str>);
        with_state_changelog_topics(state_changelog_topics: Vec<TopicInfo>);
        with_repartition_sink_topics(repartition_sink_topics: Vec<Str>);
        with_repartition_source_topics(repartition_source_topics: Vec<TopicInfo>);
        with_copartition_groups(copartition_groups: Vec<CopartitionGroup>);
    }
}

/// A topic that is created for the application.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicInfo {
    /// Name of the topic.
    pub name: Str,
    /// How many partitions it has; 0 to let the coordinator find out.
    pub partitions: i32,
    /// How many replicas each partition gets; 0 for the broker's default.
    pub replication_factor: i16,
    /// Configuration that differs from the broker's.
    pub topic_configs: Vec<TopicConfig>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl TopicInfo {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            partitions: r.i32("partitions"),
            replication_factor: r.i16("replication_factor"),
            topic_configs: r.array("topic_configs", TopicConfig::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.i32(self.partitions);
        s.i16(self.replication_factor);
        s.array("topic_configs", &self.topic_configs, TopicConfig::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    TopicInfo {
        with_name(name: impl Into<Str>);
        with_partitions(partitions: i32);
        with_replication_factor(replication_factor: i16);
        with_topic_configs(topic_configs: Vec<TopicConfig>);
    }
}

/// One configuration value of a topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicConfig {
    /// Kafka's key, such as `retention.ms`.
    pub key: Str,
    /// The value, as text.
    pub value: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl TopicConfig {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { key: r.string("key"), value: r.string("value"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("key", &self.key);
        s.string("value", &self.value);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    TopicConfig {
        with_key(key: impl Into<Str>);
        with_value(value: impl Into<Str>);
    }
}

/// Topics that must have the same number of partitions, as positions in the lists of the subtopology.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CopartitionGroup {
    /// Positions in `source_topics`.
    pub source_topics: Vec<i16>,
    /// Positions in `source_topic_regex`.
    pub source_topic_regex: Vec<i16>,
    /// Positions in `repartition_source_topics`.
    pub repartition_source_topics: Vec<i16>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl CopartitionGroup {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            source_topics: r.array("source_topics", |r| r.i16("source_topics")),
            source_topic_regex: r.array("source_topic_regex", |r| r.i16("source_topic_regex")),
            repartition_source_topics: r
                .array("repartition_source_topics", |r| r.i16("repartition_source_topics")),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("source_topics", &self.source_topics, |value, s| s.i16(*value));
        s.array("source_topic_regex", &self.source_topic_regex, |value, s| s.i16(*value));
        s.array("repartition_source_topics", &self.repartition_source_topics, |value, s| s.i16(*value));
        s.tags(&self.unknown_tags);
    }
}

setters! {
    CopartitionGroup {
        with_source_topics(source_topics: Vec<i16>);
        with_source_topic_regex(source_topic_regex: Vec<i16>);
        with_repartition_source_topics(repartition_source_topics: Vec<i16>);
    }
}
