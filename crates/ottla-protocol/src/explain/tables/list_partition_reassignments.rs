// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `ListPartitionReassignments` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "ListPartitionReassignmentsRequest",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "timeoutMs",
            kind: Kind::Int32,
            doc: "How long to wait for an answer, in milliseconds.",
            ..Field::PLAIN
        },
        Field {
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&LIST_PARTITION_REASSIGNMENTS_TOPICS)),
            nullable: Some((0, i16::MAX)),
            doc: "The topics, each with its partitions; null for all moves.",
            ..Field::PLAIN
        },
    ],
};

/// `ListPartitionReassignmentsTopics`.
static LIST_PARTITION_REASSIGNMENTS_TOPICS: [Field; 2] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitionIndexes",
        kind: Kind::Array(&Kind::Int32),
        doc: "Numbers of the partitions in the topic, from 0.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "ListPartitionReassignmentsResponse",
    versions: 0..=0,
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
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&ONGOING_TOPIC_REASSIGNMENT)),
            doc: "The topics with moves.",
            ..Field::PLAIN
        },
    ],
};

/// `OngoingTopicReassignment`.
static ONGOING_TOPIC_REASSIGNMENT: [Field; 2] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&ONGOING_PARTITION_REASSIGNMENT)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `OngoingPartitionReassignment`.
static ONGOING_PARTITION_REASSIGNMENT: [Field; 4] = [
    Field {
        name: "partitionIndex",
        kind: Kind::Int32,
        doc: "Number of the partition in its topic, from 0.",
        ..Field::PLAIN
    },
    Field {
        name: "replicas",
        kind: Kind::Array(&Kind::Int32),
        doc: "All brokers that hold the partition at the moment.",
        ..Field::PLAIN
    },
    Field {
        name: "addingReplicas",
        kind: Kind::Array(&Kind::Int32),
        doc: "Those of them that are being added.",
        ..Field::PLAIN
    },
    Field {
        name: "removingReplicas",
        kind: Kind::Array(&Kind::Int32),
        doc: "Those of them that are to go.",
        ..Field::PLAIN
    },
];
