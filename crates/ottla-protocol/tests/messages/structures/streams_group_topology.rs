// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Structures of `StreamsGroupTopology` out of random bytes.

use ottla_protocol::internal::streams_group_topology;

use crate::source::Source;

pub(crate) fn streams_group_topology_key(
    s: &mut Source<'_>,
    _version: i16,
) -> streams_group_topology::StreamsGroupTopologyKey {
    let mut value = streams_group_topology::StreamsGroupTopologyKey::default();
    value.group_id = s.string("group_id");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn streams_group_topology_value(
    s: &mut Source<'_>,
    version: i16,
) -> streams_group_topology::StreamsGroupTopologyValue {
    let mut value = streams_group_topology::StreamsGroupTopologyValue::default();
    value.epoch = s.int32("epoch");
    value.subtopologies = s.array(|s| subtopology(s, version));
    value.unknown_tags = s.tags();
    value
}

fn subtopology(s: &mut Source<'_>, version: i16) -> streams_group_topology::Subtopology {
    let mut value = streams_group_topology::Subtopology::default();
    value.subtopology_id = s.string("subtopology_id");
    value.source_topics = s.array(|s| s.string("source_topics"));
    value.source_topic_regex = s.array(|s| s.string("source_topic_regex"));
    value.state_changelog_topics = s.array(|s| topic_info(s, version));
    value.repartition_sink_topics = s.array(|s| s.string("repartition_sink_topics"));
    value.repartition_source_topics = s.array(|s| topic_info(s, version));
    value.copartition_groups = s.array(|s| copartition_group(s, version));
    value.unknown_tags = s.tags();
    value
}

fn topic_info(s: &mut Source<'_>, version: i16) -> streams_group_topology::TopicInfo {
    let mut value = streams_group_topology::TopicInfo::default();
    value.name = s.string("name");
    value.partitions = s.int32("partitions");
    value.replication_factor = s.int16("replication_factor");
    value.topic_configs = s.array(|s| topic_config(s, version));
    value.unknown_tags = s.tags();
    value
}

fn topic_config(s: &mut Source<'_>, _version: i16) -> streams_group_topology::TopicConfig {
    let mut value = streams_group_topology::TopicConfig::default();
    value.key = s.string("key");
    value.value = s.string("value");
    value.unknown_tags = s.tags();
    value
}

fn copartition_group(s: &mut Source<'_>, _version: i16) -> streams_group_topology::CopartitionGroup {
    let mut value = streams_group_topology::CopartitionGroup::default();
    value.source_topics = s.array(|s| s.int16("source_topics"));
    value.source_topic_regex = s.array(|s| s.int16("source_topic_regex"));
    value.repartition_source_topics = s.array(|s| s.int16("repartition_source_topics"));
    value.unknown_tags = s.tags();
    value
}
