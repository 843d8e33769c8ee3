// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `AlterShareGroupOffsets` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "AlterShareGroupOffsetsRequest",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[
        Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
        Field {
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&ALTER_SHARE_GROUP_OFFSETS_REQUEST_TOPIC)),
            doc: "The topics, each with its partitions.",
            ..Field::PLAIN
        },
    ],
};

/// `AlterShareGroupOffsetsRequestTopic`.
static ALTER_SHARE_GROUP_OFFSETS_REQUEST_TOPIC: [Field; 2] = [
    Field { name: "topicName", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&ALTER_SHARE_GROUP_OFFSETS_REQUEST_PARTITION)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `AlterShareGroupOffsetsRequestPartition`.
static ALTER_SHARE_GROUP_OFFSETS_REQUEST_PARTITION: [Field; 2] = [
    Field {
        name: "partitionIndex",
        kind: Kind::Int32,
        doc: "Number of the partition in its topic, from 0.",
        ..Field::PLAIN
    },
    Field {
        name: "startOffset",
        kind: Kind::Int64,
        doc: "First offset that the group is to read.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "AlterShareGroupOffsetsResponse",
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
            name: "responses",
            kind: Kind::Array(&Kind::Struct(&ALTER_SHARE_GROUP_OFFSETS_RESPONSE_TOPIC)),
            doc: "The topics of the request.",
            ..Field::PLAIN
        },
    ],
};

/// `AlterShareGroupOffsetsResponseTopic`.
static ALTER_SHARE_GROUP_OFFSETS_RESPONSE_TOPIC: [Field; 3] = [
    Field { name: "topicName", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "topicId",
        kind: Kind::Uuid,
        doc: "Id of the topic; all zeros where it is known by name alone.",
        ..Field::PLAIN
    },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&ALTER_SHARE_GROUP_OFFSETS_RESPONSE_PARTITION)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `AlterShareGroupOffsetsResponsePartition`.
static ALTER_SHARE_GROUP_OFFSETS_RESPONSE_PARTITION: [Field; 3] = [
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
