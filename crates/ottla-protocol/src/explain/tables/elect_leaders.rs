// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `ElectLeaders` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "ElectLeadersRequest",
    versions: 0..=2,
    flexible_from: Some(2),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "electionType",
            kind: Kind::Int8,
            versions: (1, i16::MAX),
            doc: "Whom to elect: 0 the preferred replica, 1 any that is alive if none is in sync.",
            ..Field::PLAIN
        },
        Field {
            name: "topicPartitions",
            kind: Kind::Array(&Kind::Struct(&TOPIC_PARTITIONS)),
            nullable: Some((0, i16::MAX)),
            doc: "The topics, each with its partitions; null for all partitions.",
            ..Field::PLAIN
        },
        Field {
            name: "timeoutMs",
            kind: Kind::Int32,
            doc: "How long to wait for the elections, in milliseconds.",
            ..Field::PLAIN
        },
    ],
};

/// `TopicPartitions`.
static TOPIC_PARTITIONS: [Field; 2] = [
    Field { name: "topic", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Int32),
        doc: "Numbers of the partitions.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "ElectLeadersResponse",
    versions: 0..=2,
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
            name: "errorCode",
            kind: Kind::ErrorCode,
            versions: (1, i16::MAX),
            doc: "What went wrong; `NONE` if nothing did.",
            ..Field::PLAIN
        },
        Field {
            name: "replicaElectionResults",
            kind: Kind::Array(&Kind::Struct(&REPLICA_ELECTION_RESULT)),
            doc: "The topics, each with its partitions.",
            ..Field::PLAIN
        },
    ],
};

/// `ReplicaElectionResult`.
static REPLICA_ELECTION_RESULT: [Field; 2] = [
    Field { name: "topic", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitionResult",
        kind: Kind::Array(&Kind::Struct(&PARTITION_RESULT)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `PartitionResult`.
static PARTITION_RESULT: [Field; 3] = [
    Field {
        name: "partitionId",
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
    Field {
        name: "errorMessage",
        kind: Kind::String,
        nullable: Some((0, i16::MAX)),
        doc: "What went wrong, in words, where the code does not say it all.",
        ..Field::PLAIN
    },
];
