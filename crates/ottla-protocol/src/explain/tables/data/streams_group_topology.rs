// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the structures of `StreamsGroupTopology` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static STREAMS_GROUP_TOPOLOGY_KEY: Schema = Schema {
    name: "StreamsGroupTopologyKey",
    versions: 0..=0,
    flexible_from: None,
    prefix: Prefix::Type(23),
    fields: &[Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN }],
};

pub(in crate::explain) static STREAMS_GROUP_TOPOLOGY_VALUE: Schema = Schema {
    name: "StreamsGroupTopologyValue",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::Version,
    fields: &[
        Field { name: "epoch", kind: Kind::Int32, doc: "Epoch of the topology.", ..Field::PLAIN },
        Field {
            name: "subtopologies",
            kind: Kind::Array(&Kind::Struct(&SUBTOPOLOGY)),
            doc: "The subtopologies.",
            ..Field::PLAIN
        },
    ],
};

/// `Subtopology`.
static SUBTOPOLOGY: [Field; 7] = [
    Field { name: "subtopologyId", kind: Kind::String, doc: "Id of the subtopology.", ..Field::PLAIN },
    Field {
        name: "sourceTopics",
        kind: Kind::Array(&Kind::String),
        doc: "Names of the topics that the subtopology reads.",
        ..Field::PLAIN
    },
    Field {
        name: "sourceTopicRegex",
        kind: Kind::Array(&Kind::String),
        doc: "Patterns of names of topics that the subtopology reads.",
        ..Field::PLAIN
    },
    Field {
        name: "stateChangelogTopics",
        kind: Kind::Array(&Kind::Struct(&TOPIC_INFO)),
        doc: "The changelog topics of its state stores.",
        ..Field::PLAIN
    },
    Field {
        name: "repartitionSinkTopics",
        kind: Kind::Array(&Kind::String),
        doc: "Names of the repartition topics that the subtopology writes.",
        ..Field::PLAIN
    },
    Field {
        name: "repartitionSourceTopics",
        kind: Kind::Array(&Kind::Struct(&TOPIC_INFO)),
        doc: "The repartition topics that the subtopology reads.",
        ..Field::PLAIN
    },
    Field {
        name: "copartitionGroups",
        kind: Kind::Array(&Kind::Struct(&COPARTITION_GROUP)),
        doc: "Topics that must have the same number of partitions, group by group.",
        ..Field::PLAIN
    },
];

/// `TopicInfo`.
static TOPIC_INFO: [Field; 4] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Int32,
        doc: "How many partitions it has; 0 to let the coordinator find out.",
        ..Field::PLAIN
    },
    Field {
        name: "replicationFactor",
        kind: Kind::Int16,
        doc: "How many replicas each partition gets; 0 for the broker's default.",
        ..Field::PLAIN
    },
    Field {
        name: "topicConfigs",
        kind: Kind::Array(&Kind::Struct(&TOPIC_CONFIG)),
        doc: "Configuration that differs from the broker's.",
        ..Field::PLAIN
    },
];

/// `TopicConfig`.
static TOPIC_CONFIG: [Field; 2] = [
    Field { name: "key", kind: Kind::String, doc: "Kafka's key, such as `retention.ms`.", ..Field::PLAIN },
    Field { name: "value", kind: Kind::String, doc: "The value, as text.", ..Field::PLAIN },
];

/// `CopartitionGroup`.
static COPARTITION_GROUP: [Field; 3] = [
    Field {
        name: "sourceTopics",
        kind: Kind::Array(&Kind::Int16),
        doc: "Positions in `source_topics`.",
        ..Field::PLAIN
    },
    Field {
        name: "sourceTopicRegex",
        kind: Kind::Array(&Kind::Int16),
        doc: "Positions in `source_topic_regex`.",
        ..Field::PLAIN
    },
    Field {
        name: "repartitionSourceTopics",
        kind: Kind::Array(&Kind::Int16),
        doc: "Positions in `repartition_source_topics`.",
        ..Field::PLAIN
    },
];
