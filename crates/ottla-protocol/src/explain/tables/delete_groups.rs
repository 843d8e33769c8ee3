// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `DeleteGroups` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "DeleteGroupsRequest",
    versions: 0..=2,
    flexible_from: Some(2),
    prefix: Prefix::Nothing,
    fields: &[Field {
        name: "groupsNames",
        kind: Kind::Array(&Kind::String),
        doc: "Ids of the groups.",
        ..Field::PLAIN
    }],
};

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "DeleteGroupsResponse",
    versions: 0..=2,
    flexible_from: Some(2),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "throttleTimeMs",
            kind: Kind::Int32,
            doc: "How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it does not.",
            ..Field::PLAIN
        },
        Field {
            name: "results",
            kind: Kind::Array(&Kind::Struct(&DELETABLE_GROUP_RESULT)),
            doc: "The groups of the request.",
            ..Field::PLAIN
        },
    ],
};

/// `DeletableGroupResult`.
static DELETABLE_GROUP_RESULT: [Field; 2] = [
    Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
    Field {
        name: "errorCode",
        kind: Kind::ErrorCode,
        doc: "What went wrong; `NONE` if nothing did.",
        ..Field::PLAIN
    },
];
