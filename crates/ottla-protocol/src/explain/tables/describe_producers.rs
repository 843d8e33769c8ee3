// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `DescribeProducers` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "DescribeProducersRequest",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[Field {
        name: "topics",
        kind: Kind::Array(&Kind::Struct(&TOPIC_REQUEST)),
        doc: "The topics, each with its partitions.",
        ..Field::PLAIN
    }],
};

/// `TopicRequest`.
static TOPIC_REQUEST: [Field; 2] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitionIndexes",
        kind: Kind::Array(&Kind::Int32),
        doc: "Numbers of the partitions in the topic, from 0.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "DescribeProducersResponse",
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
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&TOPIC_RESPONSE)),
            doc: "The topics of the request.",
            ..Field::PLAIN
        },
    ],
};

/// `TopicResponse`.
static TOPIC_RESPONSE: [Field; 2] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&PARTITION_RESPONSE)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `PartitionResponse`.
static PARTITION_RESPONSE: [Field; 4] = [
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
    Field {
        name: "activeProducers",
        kind: Kind::Array(&Kind::Struct(&PRODUCER_STATE)),
        doc: "The producers that the partition remembers.",
        ..Field::PLAIN
    },
];

/// `ProducerState`.
static PRODUCER_STATE: [Field; 6] = [
    Field {
        name: "producerId",
        kind: Kind::Int64,
        doc: "Id of the producer; -1 if it has none.",
        ..Field::PLAIN
    },
    Field {
        name: "producerEpoch",
        kind: Kind::Int32,
        doc: "Epoch of the producer, which grows each time another instance takes over.",
        ..Field::PLAIN
    },
    Field {
        name: "lastSequence",
        kind: Kind::Int32,
        doc: "Number of its last record; -1 if there is none.",
        ..Field::PLAIN
    },
    Field {
        name: "lastTimestamp",
        kind: Kind::Int64,
        doc: "Time of its last batch, in Unix milliseconds; -1 if there is none.",
        ..Field::PLAIN
    },
    Field {
        name: "coordinatorEpoch",
        kind: Kind::Int32,
        doc: "Epoch of the coordinator that last ended a transaction of it here; -1 if none did.",
        ..Field::PLAIN
    },
    Field {
        name: "currentTxnStartOffset",
        kind: Kind::Int64,
        doc: "First offset of its open transaction; -1 if there is none.",
        ..Field::PLAIN
    },
];
