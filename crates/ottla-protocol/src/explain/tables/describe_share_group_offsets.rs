// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `DescribeShareGroupOffsets` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "DescribeShareGroupOffsetsRequest",
    versions: 0..=1,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[Field {
        name: "groups",
        kind: Kind::Array(&Kind::Struct(&DESCRIBE_SHARE_GROUP_OFFSETS_REQUEST_GROUP)),
        doc: "The groups.",
        ..Field::PLAIN
    }],
};

/// `DescribeShareGroupOffsetsRequestGroup`.
static DESCRIBE_SHARE_GROUP_OFFSETS_REQUEST_GROUP: [Field; 2] = [
    Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
    Field {
        name: "topics",
        kind: Kind::Array(&Kind::Struct(&DESCRIBE_SHARE_GROUP_OFFSETS_REQUEST_TOPIC)),
        nullable: Some((0, i16::MAX)),
        doc: "The topics, each with its partitions; null for all.",
        ..Field::PLAIN
    },
];

/// `DescribeShareGroupOffsetsRequestTopic`.
static DESCRIBE_SHARE_GROUP_OFFSETS_REQUEST_TOPIC: [Field; 2] = [
    Field { name: "topicName", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Int32),
        doc: "Numbers of the partitions.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "DescribeShareGroupOffsetsResponse",
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
            name: "groups",
            kind: Kind::Array(&Kind::Struct(&DESCRIBE_SHARE_GROUP_OFFSETS_RESPONSE_GROUP)),
            doc: "The groups of the request.",
            ..Field::PLAIN
        },
    ],
};

/// `DescribeShareGroupOffsetsResponseGroup`.
static DESCRIBE_SHARE_GROUP_OFFSETS_RESPONSE_GROUP: [Field; 4] = [
    Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
    Field {
        name: "topics",
        kind: Kind::Array(&Kind::Struct(&DESCRIBE_SHARE_GROUP_OFFSETS_RESPONSE_TOPIC)),
        doc: "The topics of the request, or all that the group reads.",
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

/// `DescribeShareGroupOffsetsResponseTopic`.
static DESCRIBE_SHARE_GROUP_OFFSETS_RESPONSE_TOPIC: [Field; 3] = [
    Field { name: "topicName", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "topicId",
        kind: Kind::Uuid,
        doc: "Id of the topic; all zeros where it is known by name alone.",
        ..Field::PLAIN
    },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&DESCRIBE_SHARE_GROUP_OFFSETS_RESPONSE_PARTITION)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `DescribeShareGroupOffsetsResponsePartition`.
static DESCRIBE_SHARE_GROUP_OFFSETS_RESPONSE_PARTITION: [Field; 6] = [
    Field {
        name: "partitionIndex",
        kind: Kind::Int32,
        doc: "Number of the partition in its topic, from 0.",
        ..Field::PLAIN
    },
    Field {
        name: "startOffset",
        kind: Kind::Int64,
        doc: "First offset that the group is not done with; -1 if it is not known.",
        ..Field::PLAIN
    },
    Field {
        name: "leaderEpoch",
        kind: Kind::Int32,
        doc: "Number of the leadership, which grows with each new leader; -1 if it is not known.",
        ..Field::PLAIN
    },
    Field {
        name: "lag",
        kind: Kind::Int64,
        versions: (1, i16::MAX),
        doc: "How many records the group is not done with; -1 if it is not known.",
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
