// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `TxnOffsetCommit` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "TxnOffsetCommitRequest",
    versions: 0..=5,
    flexible_from: Some(3),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "transactionalId",
            kind: Kind::String,
            doc: "Name of the transactional producer.",
            ..Field::PLAIN
        },
        Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
        Field {
            name: "producerId",
            kind: Kind::Int64,
            doc: "Id of the producer; -1 if it has none.",
            ..Field::PLAIN
        },
        Field {
            name: "producerEpoch",
            kind: Kind::Int16,
            doc: "Epoch of the producer, which grows each time another instance takes over.",
            ..Field::PLAIN
        },
        Field {
            name: "generationId",
            kind: Kind::Int32,
            versions: (3, i16::MAX),
            doc: "Generation of the group, or epoch of a member (KIP-848); -1 if it is not checked.",
            ..Field::PLAIN
        },
        Field {
            name: "memberId",
            kind: Kind::String,
            versions: (3, i16::MAX),
            doc: "Id of the member; empty if it is not checked.",
            ..Field::PLAIN
        },
        Field {
            name: "groupInstanceId",
            kind: Kind::String,
            versions: (3, i16::MAX),
            nullable: Some((3, i16::MAX)),
            doc: "Name of a static member, which stays the same when the member starts anew; null for a dynamic one (KIP-345).",
            ..Field::PLAIN
        },
        Field {
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&TXN_OFFSET_COMMIT_REQUEST_TOPIC)),
            doc: "The topics with offsets to store.",
            ..Field::PLAIN
        },
    ],
};

/// `TxnOffsetCommitRequestTopic`.
static TXN_OFFSET_COMMIT_REQUEST_TOPIC: [Field; 2] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&TXN_OFFSET_COMMIT_REQUEST_PARTITION)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `TxnOffsetCommitRequestPartition`.
static TXN_OFFSET_COMMIT_REQUEST_PARTITION: [Field; 4] = [
    Field {
        name: "partitionIndex",
        kind: Kind::Int32,
        doc: "Number of the partition in its topic, from 0.",
        ..Field::PLAIN
    },
    Field {
        name: "committedOffset",
        kind: Kind::Int64,
        doc: "The offset to store: that of the next record to read.",
        ..Field::PLAIN
    },
    Field {
        name: "committedLeaderEpoch",
        kind: Kind::Int32,
        versions: (2, i16::MAX),
        doc: "Leader epoch of the last record that was read; -1 if it is not known.",
        ..Field::PLAIN
    },
    Field {
        name: "committedMetadata",
        kind: Kind::String,
        nullable: Some((0, i16::MAX)),
        doc: "Whatever the client wants to keep with the offset; null is stored as empty.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "TxnOffsetCommitResponse",
    versions: 0..=5,
    flexible_from: Some(3),
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
            kind: Kind::Array(&Kind::Struct(&TXN_OFFSET_COMMIT_RESPONSE_TOPIC)),
            doc: "The topics of the request.",
            ..Field::PLAIN
        },
    ],
};

/// `TxnOffsetCommitResponseTopic`.
static TXN_OFFSET_COMMIT_RESPONSE_TOPIC: [Field; 2] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&TXN_OFFSET_COMMIT_RESPONSE_PARTITION)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `TxnOffsetCommitResponsePartition`.
static TXN_OFFSET_COMMIT_RESPONSE_PARTITION: [Field; 2] = [
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
