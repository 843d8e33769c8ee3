// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `ListOffsets` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "ListOffsetsRequest",
    versions: 1..=11,
    flexible_from: Some(6),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "replicaId",
            kind: Kind::Int32,
            doc: "Node id of a broker that asks; -1 from a client.",
            ..Field::PLAIN
        },
        Field {
            name: "isolationLevel",
            kind: Kind::Int8,
            versions: (2, i16::MAX),
            doc: "0 to see all records (`READ_UNCOMMITTED`), 1 to see only those of no or a committed transaction (`READ_COMMITTED`).",
            ..Field::PLAIN
        },
        Field {
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&LIST_OFFSETS_TOPIC)),
            doc: "The topics, each with its partitions.",
            ..Field::PLAIN
        },
        Field {
            name: "timeoutMs",
            kind: Kind::Int32,
            versions: (10, i16::MAX),
            doc: "How long an offset may be looked for in tiered storage, in milliseconds.",
            ..Field::PLAIN
        },
    ],
};

/// `ListOffsetsTopic`.
static LIST_OFFSETS_TOPIC: [Field; 2] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&LIST_OFFSETS_PARTITION)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `ListOffsetsPartition`.
static LIST_OFFSETS_PARTITION: [Field; 3] = [
    Field {
        name: "partitionIndex",
        kind: Kind::Int32,
        doc: "Number of the partition in its topic, from 0.",
        ..Field::PLAIN
    },
    Field {
        name: "currentLeaderEpoch",
        kind: Kind::Int32,
        versions: (4, i16::MAX),
        doc: "Epoch of the leader as the client knows it; a broker at another epoch refuses the request. -1 skips the check.",
        ..Field::PLAIN
    },
    Field {
        name: "timestamp",
        kind: Kind::Int64,
        doc: "The first record at or after this time, in Unix milliseconds. -1 stands for the end, -2 for the start, -3 for the record of the highest timestamp; -4, -5 and -6 for the bounds of what is in local and tiered storage.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "ListOffsetsResponse",
    versions: 1..=11,
    flexible_from: Some(6),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "throttleTimeMs",
            kind: Kind::Int32,
            versions: (2, i16::MAX),
            doc: "How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it does not.",
            ..Field::PLAIN
        },
        Field {
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&LIST_OFFSETS_TOPIC_RESPONSE)),
            doc: "The topics of the request.",
            ..Field::PLAIN
        },
    ],
};

/// `ListOffsetsTopicResponse`.
static LIST_OFFSETS_TOPIC_RESPONSE: [Field; 2] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&LIST_OFFSETS_PARTITION_RESPONSE)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `ListOffsetsPartitionResponse`.
static LIST_OFFSETS_PARTITION_RESPONSE: [Field; 5] = [
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
        name: "timestamp",
        kind: Kind::Int64,
        doc: "Time of the record at the offset, in Unix milliseconds; -1 where the offset was not found by time.",
        ..Field::PLAIN
    },
    Field { name: "offset", kind: Kind::Int64, doc: "The offset; -1 if there is none.", ..Field::PLAIN },
    Field {
        name: "leaderEpoch",
        kind: Kind::Int32,
        versions: (4, i16::MAX),
        doc: "Epoch of the record at the offset; -1 if it is not known.",
        ..Field::PLAIN
    },
];
