// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `OffsetCommit` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "OffsetCommitRequest",
    versions: 2..=10,
    flexible_from: Some(8),
    prefix: Prefix::Nothing,
    fields: &[
        Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
        Field {
            name: "generationIdOrMemberEpoch",
            kind: Kind::Int32,
            doc: "Generation of a classic group, or epoch of a member of a KIP-848 group; -1 from one that is no member.",
            ..Field::PLAIN
        },
        Field {
            name: "memberId",
            kind: Kind::String,
            doc: "Id of the member; empty from one that is no member.",
            ..Field::PLAIN
        },
        Field {
            name: "groupInstanceId",
            kind: Kind::String,
            versions: (7, i16::MAX),
            nullable: Some((7, i16::MAX)),
            doc: "Name of a static member, which stays the same when the member starts anew; null for a dynamic one (KIP-345).",
            ..Field::PLAIN
        },
        Field {
            name: "retentionTimeMs",
            kind: Kind::Int64,
            versions: (2, 4),
            doc: "How long to keep the offsets, in milliseconds; -1 for as long as the broker keeps others.",
            ..Field::PLAIN
        },
        Field {
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&OFFSET_COMMIT_REQUEST_TOPIC)),
            doc: "The topics with offsets to store.",
            ..Field::PLAIN
        },
    ],
};

/// `OffsetCommitRequestTopic`.
static OFFSET_COMMIT_REQUEST_TOPIC: [Field; 3] = [
    Field { name: "name", kind: Kind::String, versions: (0, 9), doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "topicId",
        kind: Kind::Uuid,
        versions: (10, i16::MAX),
        doc: "Id of the topic; all zeros where it is known by name alone.",
        ..Field::PLAIN
    },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&OFFSET_COMMIT_REQUEST_PARTITION)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `OffsetCommitRequestPartition`.
static OFFSET_COMMIT_REQUEST_PARTITION: [Field; 4] = [
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
        versions: (6, i16::MAX),
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
    name: "OffsetCommitResponse",
    versions: 2..=10,
    flexible_from: Some(8),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "throttleTimeMs",
            kind: Kind::Int32,
            versions: (3, i16::MAX),
            doc: "How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it does not.",
            ..Field::PLAIN
        },
        Field {
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&OFFSET_COMMIT_RESPONSE_TOPIC)),
            doc: "The topics of the request.",
            ..Field::PLAIN
        },
    ],
};

/// `OffsetCommitResponseTopic`.
static OFFSET_COMMIT_RESPONSE_TOPIC: [Field; 3] = [
    Field { name: "name", kind: Kind::String, versions: (0, 9), doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "topicId",
        kind: Kind::Uuid,
        versions: (10, i16::MAX),
        doc: "Id of the topic; all zeros where it is known by name alone.",
        ..Field::PLAIN
    },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&OFFSET_COMMIT_RESPONSE_PARTITION)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `OffsetCommitResponsePartition`.
static OFFSET_COMMIT_RESPONSE_PARTITION: [Field; 2] = [
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
