// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `OffsetDelete` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "OffsetDeleteRequest",
    versions: 0..=0,
    flexible_from: None,
    prefix: Prefix::Nothing,
    fields: &[
        Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
        Field {
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&OFFSET_DELETE_REQUEST_TOPIC)),
            doc: "The topics with offsets to delete.",
            ..Field::PLAIN
        },
    ],
};

/// `OffsetDeleteRequestTopic`.
static OFFSET_DELETE_REQUEST_TOPIC: [Field; 2] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&OFFSET_DELETE_REQUEST_PARTITION)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `OffsetDeleteRequestPartition`.
static OFFSET_DELETE_REQUEST_PARTITION: [Field; 1] = [Field {
    name: "partitionIndex",
    kind: Kind::Int32,
    doc: "Number of the partition in its topic, from 0.",
    ..Field::PLAIN
}];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "OffsetDeleteResponse",
    versions: 0..=0,
    flexible_from: None,
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "errorCode",
            kind: Kind::ErrorCode,
            doc: "What went wrong; `NONE` if nothing did.",
            ..Field::PLAIN
        },
        Field {
            name: "throttleTimeMs",
            kind: Kind::Int32,
            doc: "How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it does not.",
            ..Field::PLAIN
        },
        Field {
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&OFFSET_DELETE_RESPONSE_TOPIC)),
            doc: "The topics of the request.",
            ..Field::PLAIN
        },
    ],
};

/// `OffsetDeleteResponseTopic`.
static OFFSET_DELETE_RESPONSE_TOPIC: [Field; 2] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&OFFSET_DELETE_RESPONSE_PARTITION)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `OffsetDeleteResponsePartition`.
static OFFSET_DELETE_RESPONSE_PARTITION: [Field; 2] = [
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
