// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `AlterReplicaLogDirs` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "AlterReplicaLogDirsRequest",
    versions: 1..=2,
    flexible_from: Some(2),
    prefix: Prefix::Nothing,
    fields: &[Field {
        name: "dirs",
        kind: Kind::Array(&Kind::Struct(&ALTER_REPLICA_LOG_DIR)),
        doc: "The folders, each with what belongs in it.",
        ..Field::PLAIN
    }],
};

/// `AlterReplicaLogDir`.
static ALTER_REPLICA_LOG_DIR: [Field; 2] = [
    Field { name: "path", kind: Kind::String, doc: "Absolute path of the folder.", ..Field::PLAIN },
    Field {
        name: "topics",
        kind: Kind::Array(&Kind::Struct(&ALTER_REPLICA_LOG_DIR_TOPIC)),
        doc: "The topics, each with its partitions.",
        ..Field::PLAIN
    },
];

/// `AlterReplicaLogDirTopic`.
static ALTER_REPLICA_LOG_DIR_TOPIC: [Field; 2] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Int32),
        doc: "Numbers of the partitions.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "AlterReplicaLogDirsResponse",
    versions: 1..=2,
    flexible_from: Some(2),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "throttleTimeMs",
            kind: Kind::Int32,
            doc: "How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it does not.",
            ..Field::PLAIN
        },
        Field {
            name: "results",
            kind: Kind::Array(&Kind::Struct(&ALTER_REPLICA_LOG_DIR_TOPIC_RESULT)),
            doc: "The topics of the request.",
            ..Field::PLAIN
        },
    ],
};

/// `AlterReplicaLogDirTopicResult`.
static ALTER_REPLICA_LOG_DIR_TOPIC_RESULT: [Field; 2] = [
    Field { name: "topicName", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&ALTER_REPLICA_LOG_DIR_PARTITION_RESULT)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `AlterReplicaLogDirPartitionResult`.
static ALTER_REPLICA_LOG_DIR_PARTITION_RESULT: [Field; 2] = [
    Field {
        name: "partitionIndex",
        kind: Kind::Int32,
        doc: "Number of the partition in its topic, from 0.",
        ..Field::PLAIN
    },
    Field {
        name: "errorCode",
        kind: Kind::ErrorCode,
        doc: "What went wrong; `NONE` if nothing did.",
        ..Field::PLAIN
    },
];
