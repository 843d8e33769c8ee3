// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `OffsetForLeaderEpoch` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "OffsetForLeaderEpochRequest",
    versions: 2..=4,
    flexible_from: Some(4),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "replicaId",
            kind: Kind::Int32,
            versions: (3, i16::MAX),
            doc: "Node id of a follower; -1 from a consumer, -2 from one that may see past the high watermark.",
            ..Field::PLAIN
        },
        Field {
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&OFFSET_FOR_LEADER_TOPIC)),
            doc: "The topics, each with its partitions.",
            ..Field::PLAIN
        },
    ],
};

/// `OffsetForLeaderTopic`.
static OFFSET_FOR_LEADER_TOPIC: [Field; 2] = [
    Field { name: "topic", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&OFFSET_FOR_LEADER_PARTITION)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `OffsetForLeaderPartition`.
static OFFSET_FOR_LEADER_PARTITION: [Field; 3] = [
    Field {
        name: "partition",
        kind: Kind::Int32,
        doc: "Number of the partition in its topic, from 0.",
        ..Field::PLAIN
    },
    Field {
        name: "currentLeaderEpoch",
        kind: Kind::Int32,
        doc: "Epoch of the leader as the client knows it; a broker at another epoch refuses the request. -1 skips the check.",
        ..Field::PLAIN
    },
    Field { name: "leaderEpoch", kind: Kind::Int32, doc: "The epoch whose end is wanted.", ..Field::PLAIN },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "OffsetForLeaderEpochResponse",
    versions: 2..=4,
    flexible_from: Some(4),
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
            kind: Kind::Array(&Kind::Struct(&OFFSET_FOR_LEADER_TOPIC_RESULT)),
            doc: "The topics of the request.",
            ..Field::PLAIN
        },
    ],
};

/// `OffsetForLeaderTopicResult`.
static OFFSET_FOR_LEADER_TOPIC_RESULT: [Field; 2] = [
    Field { name: "topic", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&EPOCH_END_OFFSET)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `EpochEndOffset`.
static EPOCH_END_OFFSET: [Field; 4] = [
    Field {
        name: "errorCode",
        kind: Kind::ErrorCode,
        doc: "What went wrong; `NONE` if nothing did.",
        ..Field::PLAIN
    },
    Field {
        name: "partition",
        kind: Kind::Int32,
        doc: "Number of the partition in its topic, from 0.",
        ..Field::PLAIN
    },
    Field {
        name: "leaderEpoch",
        kind: Kind::Int32,
        doc: "The largest epoch with records that is not above the one that was asked for; -1 if there is none.",
        ..Field::PLAIN
    },
    Field {
        name: "endOffset",
        kind: Kind::Int64,
        doc: "Offset after the last record of that epoch; -1 if there is none.",
        ..Field::PLAIN
    },
];
