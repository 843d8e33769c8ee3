// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `FindCoordinator` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "FindCoordinatorRequest",
    versions: 0..=6,
    flexible_from: Some(3),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "key",
            kind: Kind::String,
            versions: (0, 3),
            doc: "Group id or transactional id.",
            ..Field::PLAIN
        },
        Field {
            name: "keyType",
            kind: Kind::Int8,
            versions: (1, i16::MAX),
            doc: "What the keys are: 0 group ids, 1 transactional ids, 2 share groups as `group:topic id:partition`.",
            ..Field::PLAIN
        },
        Field {
            name: "coordinatorKeys",
            kind: Kind::Array(&Kind::String),
            versions: (4, i16::MAX),
            doc: "The keys, all of the same kind.",
            ..Field::PLAIN
        },
    ],
};

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "FindCoordinatorResponse",
    versions: 0..=6,
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
            versions: (0, 3),
            doc: "What went wrong; `NONE` if nothing did.",
            ..Field::PLAIN
        },
        Field {
            name: "errorMessage",
            kind: Kind::String,
            versions: (1, 3),
            nullable: Some((1, 3)),
            doc: "What went wrong, in words, where the code does not say it all.",
            ..Field::PLAIN
        },
        Field {
            name: "nodeId",
            kind: Kind::Int32,
            versions: (0, 3),
            doc: "Id of the coordinator; -1 if there is none.",
            ..Field::PLAIN
        },
        Field {
            name: "host",
            kind: Kind::String,
            versions: (0, 3),
            doc: "Host name or address under which clients reach the broker.",
            ..Field::PLAIN
        },
        Field {
            name: "port",
            kind: Kind::Int32,
            versions: (0, 3),
            doc: "Port under which clients reach the broker.",
            ..Field::PLAIN
        },
        Field {
            name: "coordinators",
            kind: Kind::Array(&Kind::Struct(&COORDINATOR)),
            versions: (4, i16::MAX),
            doc: "A coordinator for each key.",
            ..Field::PLAIN
        },
    ],
};

/// `Coordinator`.
static COORDINATOR: [Field; 6] = [
    Field { name: "key", kind: Kind::String, doc: "The key.", ..Field::PLAIN },
    Field {
        name: "nodeId",
        kind: Kind::Int32,
        doc: "Id of the coordinator; -1 if there is none.",
        ..Field::PLAIN
    },
    Field {
        name: "host",
        kind: Kind::String,
        doc: "Host name or address under which clients reach the broker.",
        ..Field::PLAIN
    },
    Field {
        name: "port",
        kind: Kind::Int32,
        doc: "Port under which clients reach the broker.",
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
        nullable: Some((4, i16::MAX)),
        doc: "What went wrong, in words, where the code does not say it all.",
        ..Field::PLAIN
    },
];
