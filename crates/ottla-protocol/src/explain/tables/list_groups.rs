// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `ListGroups` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "ListGroupsRequest",
    versions: 0..=5,
    flexible_from: Some(3),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "statesFilter",
            kind: Kind::Array(&Kind::String),
            versions: (4, i16::MAX),
            doc: "Only groups in these states; empty for any.",
            ..Field::PLAIN
        },
        Field {
            name: "typesFilter",
            kind: Kind::Array(&Kind::String),
            versions: (5, i16::MAX),
            doc: "Only groups of these types, such as `classic` or `consumer`; empty for any.",
            ..Field::PLAIN
        },
    ],
};

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "ListGroupsResponse",
    versions: 0..=5,
    flexible_from: Some(3),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "throttleTimeMs",
            kind: Kind::Int32,
            versions: (1, i16::MAX),
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
            name: "groups",
            kind: Kind::Array(&Kind::Struct(&LISTED_GROUP)),
            doc: "The groups that this broker coordinates.",
            ..Field::PLAIN
        },
    ],
};

/// `ListedGroup`.
static LISTED_GROUP: [Field; 4] = [
    Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
    Field {
        name: "protocolType",
        kind: Kind::String,
        doc: "What the group is for: `consumer` of consumers, `connect` of Kafka Connect.",
        ..Field::PLAIN
    },
    Field {
        name: "groupState",
        kind: Kind::String,
        versions: (4, i16::MAX),
        doc: "State of the group, such as `Stable` or `Empty`.",
        ..Field::PLAIN
    },
    Field {
        name: "groupType",
        kind: Kind::String,
        versions: (5, i16::MAX),
        doc: "Type of the group, such as `classic` or `consumer`.",
        ..Field::PLAIN
    },
];
