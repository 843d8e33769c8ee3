// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `AlterPartitionReassignments` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "AlterPartitionReassignmentsRequest",
    versions: 0..=1,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "timeoutMs",
            kind: Kind::Int32,
            doc: "How long to wait until the moves are begun, in milliseconds.",
            ..Field::PLAIN
        },
        Field {
            name: "allowReplicationFactorChange",
            kind: Kind::Bool,
            versions: (1, i16::MAX),
            doc: "Whether a move may change how many replicas a partition has.",
            ..Field::PLAIN
        },
        Field {
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&REASSIGNABLE_TOPIC)),
            doc: "The topics, each with its partitions.",
            ..Field::PLAIN
        },
    ],
};

/// `ReassignableTopic`.
static REASSIGNABLE_TOPIC: [Field; 2] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&REASSIGNABLE_PARTITION)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `ReassignablePartition`.
static REASSIGNABLE_PARTITION: [Field; 2] = [
    Field {
        name: "partitionIndex",
        kind: Kind::Int32,
        doc: "Number of the partition in its topic, from 0.",
        ..Field::PLAIN
    },
    Field {
        name: "replicas",
        kind: Kind::Array(&Kind::Int32),
        nullable: Some((0, i16::MAX)),
        doc: "Brokers that are to hold the partition, the preferred leader first; null to call off a move.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "AlterPartitionReassignmentsResponse",
    versions: 0..=1,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "throttleTimeMs",
            kind: Kind::Int32,
            doc: "How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it does not.",
            ..Field::PLAIN
        },
        Field {
            name: "allowReplicationFactorChange",
            kind: Kind::Bool,
            versions: (1, i16::MAX),
            doc: "Whether a move could change how many replicas a partition has.",
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
            name: "responses",
            kind: Kind::Array(&Kind::Struct(&REASSIGNABLE_TOPIC_RESPONSE)),
            doc: "The topics of the request.",
            ..Field::PLAIN
        },
    ],
};

/// `ReassignableTopicResponse`.
static REASSIGNABLE_TOPIC_RESPONSE: [Field; 2] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&REASSIGNABLE_PARTITION_RESPONSE)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `ReassignablePartitionResponse`.
static REASSIGNABLE_PARTITION_RESPONSE: [Field; 3] = [
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
    Field {
        name: "errorMessage",
        kind: Kind::String,
        nullable: Some((0, i16::MAX)),
        doc: "What went wrong, in words, where the code does not say it all.",
        ..Field::PLAIN
    },
];
