// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `CreateTopics` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "CreateTopicsRequest",
    versions: 2..=7,
    flexible_from: Some(5),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&CREATABLE_TOPIC)),
            doc: "The topics, each created or refused on its own.",
            ..Field::PLAIN
        },
        Field {
            name: "timeoutMs",
            kind: Kind::Int32,
            doc: "How long to wait until the topics are there, in milliseconds.",
            ..Field::PLAIN
        },
        Field {
            name: "validateOnly",
            kind: Kind::Bool,
            doc: "Whether only to check the request, and create nothing.",
            ..Field::PLAIN
        },
    ],
};

/// `CreatableTopic`.
static CREATABLE_TOPIC: [Field; 5] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the new topic.", ..Field::PLAIN },
    Field {
        name: "numPartitions",
        kind: Kind::Int32,
        doc: "How many partitions it gets; -1 for the broker's default, or where `assignments` says it.",
        ..Field::PLAIN
    },
    Field {
        name: "replicationFactor",
        kind: Kind::Int16,
        doc: "How many replicas each partition gets; -1 for the broker's default, or where `assignments` says it.",
        ..Field::PLAIN
    },
    Field {
        name: "assignments",
        kind: Kind::Array(&Kind::Struct(&CREATABLE_REPLICA_ASSIGNMENT)),
        doc: "Which brokers hold which partition; empty to leave it to the cluster.",
        ..Field::PLAIN
    },
    Field {
        name: "configs",
        kind: Kind::Array(&Kind::Struct(&CREATABLE_TOPIC_CONFIG)),
        doc: "Configuration that differs from the broker's.",
        ..Field::PLAIN
    },
];

/// `CreatableReplicaAssignment`.
static CREATABLE_REPLICA_ASSIGNMENT: [Field; 2] = [
    Field {
        name: "partitionIndex",
        kind: Kind::Int32,
        doc: "Number of the partition in its topic, from 0.",
        ..Field::PLAIN
    },
    Field {
        name: "brokerIds",
        kind: Kind::Array(&Kind::Int32),
        doc: "Brokers that hold it, the preferred leader first.",
        ..Field::PLAIN
    },
];

/// `CreatableTopicConfig`.
static CREATABLE_TOPIC_CONFIG: [Field; 2] = [
    Field { name: "name", kind: Kind::String, doc: "Kafka's key, such as `retention.ms`.", ..Field::PLAIN },
    Field {
        name: "value",
        kind: Kind::String,
        nullable: Some((0, i16::MAX)),
        doc: "The value, as text.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "CreateTopicsResponse",
    versions: 2..=7,
    flexible_from: Some(5),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "throttleTimeMs",
            kind: Kind::Int32,
            doc: "How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it does not.",
            ..Field::PLAIN
        },
        Field {
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&CREATABLE_TOPIC_RESULT)),
            doc: "The topics of the request.",
            ..Field::PLAIN
        },
    ],
};

/// `CreatableTopicResult`.
static CREATABLE_TOPIC_RESULT: [Field; 8] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "topicId",
        kind: Kind::Uuid,
        versions: (7, i16::MAX),
        doc: "Id that the new topic was given.",
        ..Field::PLAIN
    },
    Field {
        name: "errorCode",
        kind: Kind::ErrorCode,
        doc: "What went wrong; `NONE` if nothing did.",
        ..Field::PLAIN
    },
    Field {
        name: "errorMessage",
        kind: Kind::String,
        nullable: Some((0, i16::MAX)),
        doc: "What went wrong, in words, where the code does not say it all.",
        ..Field::PLAIN
    },
    Field {
        name: "topicConfigErrorCode",
        kind: Kind::ErrorCode,
        versions: (5, i16::MAX),
        tag: Some((0, 5, i16::MAX)),
        doc: "Why `configs` is missing, such as a lack of permission.",
        ..Field::PLAIN
    },
    Field {
        name: "numPartitions",
        kind: Kind::Int32,
        versions: (5, i16::MAX),
        doc: "How many partitions it has; -1 if that is not told.",
        ..Field::PLAIN
    },
    Field {
        name: "replicationFactor",
        kind: Kind::Int16,
        versions: (5, i16::MAX),
        doc: "How many replicas each partition has; -1 if that is not told.",
        ..Field::PLAIN
    },
    Field {
        name: "configs",
        kind: Kind::Array(&Kind::Struct(&CREATABLE_TOPIC_CONFIGS)),
        versions: (5, i16::MAX),
        nullable: Some((5, i16::MAX)),
        doc: "Its whole configuration; null if that is not told.",
        ..Field::PLAIN
    },
];

/// `CreatableTopicConfigs`.
static CREATABLE_TOPIC_CONFIGS: [Field; 5] = [
    Field { name: "name", kind: Kind::String, doc: "Kafka's key, such as `retention.ms`.", ..Field::PLAIN },
    Field {
        name: "value",
        kind: Kind::String,
        nullable: Some((5, i16::MAX)),
        doc: "The value as text; null if it is secret.",
        ..Field::PLAIN
    },
    Field {
        name: "readOnly",
        kind: Kind::Bool,
        doc: "Whether it can only be set in the broker's own file.",
        ..Field::PLAIN
    },
    Field {
        name: "configSource",
        kind: Kind::Int8,
        doc: "Where the value comes from: 1 the topic, 2 and 3 dynamic broker settings, 4 the broker's file, 5 the default.",
        ..Field::PLAIN
    },
    Field { name: "isSensitive", kind: Kind::Bool, doc: "Whether the value is secret.", ..Field::PLAIN },
];
