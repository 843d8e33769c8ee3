// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `OffsetFetch` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "OffsetFetchRequest",
    versions: 1..=10,
    flexible_from: Some(6),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "groupId",
            kind: Kind::String,
            versions: (0, 7),
            doc: "Id of the group.",
            ..Field::PLAIN
        },
        Field {
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&OFFSET_FETCH_REQUEST_TOPIC)),
            versions: (0, 7),
            nullable: Some((2, 7)),
            doc: "The topics whose offsets are wanted; null for all that the group has stored.",
            ..Field::PLAIN
        },
        Field {
            name: "groups",
            kind: Kind::Array(&Kind::Struct(&OFFSET_FETCH_REQUEST_GROUP)),
            versions: (8, i16::MAX),
            doc: "The groups, each with the topics whose offsets are wanted.",
            ..Field::PLAIN
        },
        Field {
            name: "requireStable",
            kind: Kind::Bool,
            versions: (7, i16::MAX),
            doc: "Whether to refuse a partition that has an offset in an open transaction, with `UNSTABLE_OFFSET_COMMIT` (KIP-447).",
            ..Field::PLAIN
        },
    ],
};

/// `OffsetFetchRequestTopic`.
static OFFSET_FETCH_REQUEST_TOPIC: [Field; 2] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitionIndexes",
        kind: Kind::Array(&Kind::Int32),
        doc: "Numbers of the partitions in the topic, from 0.",
        ..Field::PLAIN
    },
];

/// `OffsetFetchRequestGroup`.
static OFFSET_FETCH_REQUEST_GROUP: [Field; 4] = [
    Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
    Field {
        name: "memberId",
        kind: Kind::String,
        versions: (9, i16::MAX),
        nullable: Some((9, i16::MAX)),
        doc: "Id of the member that asks; null from one that is no member, and of no meaning to a classic group.",
        ..Field::PLAIN
    },
    Field {
        name: "memberEpoch",
        kind: Kind::Int32,
        versions: (9, i16::MAX),
        doc: "Epoch of the member that asks (KIP-848); -1 from one that is no member.",
        ..Field::PLAIN
    },
    Field {
        name: "topics",
        kind: Kind::Array(&Kind::Struct(&OFFSET_FETCH_REQUEST_TOPICS)),
        nullable: Some((8, i16::MAX)),
        doc: "The topics whose offsets are wanted; null for all that the group has stored.",
        ..Field::PLAIN
    },
];

/// `OffsetFetchRequestTopics`.
static OFFSET_FETCH_REQUEST_TOPICS: [Field; 3] = [
    Field { name: "name", kind: Kind::String, versions: (8, 9), doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "topicId",
        kind: Kind::Uuid,
        versions: (10, i16::MAX),
        doc: "Id of the topic; all zeros where it is known by name alone.",
        ..Field::PLAIN
    },
    Field {
        name: "partitionIndexes",
        kind: Kind::Array(&Kind::Int32),
        doc: "Numbers of the partitions in the topic, from 0.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "OffsetFetchResponse",
    versions: 1..=10,
    flexible_from: Some(6),
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
            kind: Kind::Array(&Kind::Struct(&OFFSET_FETCH_RESPONSE_TOPIC)),
            versions: (0, 7),
            doc: "The topics of the request, or all with stored offsets.",
            ..Field::PLAIN
        },
        Field {
            name: "errorCode",
            kind: Kind::ErrorCode,
            versions: (2, 7),
            doc: "What went wrong; `NONE` if nothing did.",
            ..Field::PLAIN
        },
        Field {
            name: "groups",
            kind: Kind::Array(&Kind::Struct(&OFFSET_FETCH_RESPONSE_GROUP)),
            versions: (8, i16::MAX),
            doc: "The groups of the request.",
            ..Field::PLAIN
        },
    ],
};

/// `OffsetFetchResponseTopic`.
static OFFSET_FETCH_RESPONSE_TOPIC: [Field; 2] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&OFFSET_FETCH_RESPONSE_PARTITION)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `OffsetFetchResponsePartition`.
static OFFSET_FETCH_RESPONSE_PARTITION: [Field; 5] = [
    Field {
        name: "partitionIndex",
        kind: Kind::Int32,
        doc: "Number of the partition in its topic, from 0.",
        ..Field::PLAIN
    },
    Field {
        name: "committedOffset",
        kind: Kind::Int64,
        doc: "The stored offset, that of the next record to read; -1 if none is stored.",
        ..Field::PLAIN
    },
    Field {
        name: "committedLeaderEpoch",
        kind: Kind::Int32,
        versions: (5, 7),
        doc: "Leader epoch of the last record that was read; -1 if it is not known.",
        ..Field::PLAIN
    },
    Field {
        name: "metadata",
        kind: Kind::String,
        nullable: Some((0, 7)),
        doc: "What the client stored with the offset; empty if there is none.",
        ..Field::PLAIN
    },
    Field {
        name: "errorCode",
        kind: Kind::ErrorCode,
        doc: "What went wrong; `NONE` if nothing did.",
        ..Field::PLAIN
    },
];

/// `OffsetFetchResponseGroup`.
static OFFSET_FETCH_RESPONSE_GROUP: [Field; 3] = [
    Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
    Field {
        name: "topics",
        kind: Kind::Array(&Kind::Struct(&OFFSET_FETCH_RESPONSE_TOPICS)),
        doc: "The topics of the request, or all with stored offsets.",
        ..Field::PLAIN
    },
    Field {
        name: "errorCode",
        kind: Kind::ErrorCode,
        doc: "What went wrong; `NONE` if nothing did.",
        ..Field::PLAIN
    },
];

/// `OffsetFetchResponseTopics`.
static OFFSET_FETCH_RESPONSE_TOPICS: [Field; 3] = [
    Field { name: "name", kind: Kind::String, versions: (8, 9), doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "topicId",
        kind: Kind::Uuid,
        versions: (10, i16::MAX),
        doc: "Id of the topic; all zeros where it is known by name alone.",
        ..Field::PLAIN
    },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&OFFSET_FETCH_RESPONSE_PARTITIONS)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `OffsetFetchResponsePartitions`.
static OFFSET_FETCH_RESPONSE_PARTITIONS: [Field; 5] = [
    Field {
        name: "partitionIndex",
        kind: Kind::Int32,
        doc: "Number of the partition in its topic, from 0.",
        ..Field::PLAIN
    },
    Field {
        name: "committedOffset",
        kind: Kind::Int64,
        doc: "The stored offset, that of the next record to read; -1 if none is stored.",
        ..Field::PLAIN
    },
    Field {
        name: "committedLeaderEpoch",
        kind: Kind::Int32,
        doc: "Leader epoch of the last record that was read; -1 if it is not known.",
        ..Field::PLAIN
    },
    Field {
        name: "metadata",
        kind: Kind::String,
        nullable: Some((8, i16::MAX)),
        doc: "What the client stored with the offset; empty if there is none.",
        ..Field::PLAIN
    },
    Field {
        name: "errorCode",
        kind: Kind::ErrorCode,
        doc: "What went wrong; `NONE` if nothing did.",
        ..Field::PLAIN
    },
];
