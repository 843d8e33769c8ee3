// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `AlterClientQuotas` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "AlterClientQuotasRequest",
    versions: 0..=1,
    flexible_from: Some(1),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "entries",
            kind: Kind::Array(&Kind::Struct(&ENTRY_DATA)),
            doc: "The entities.",
            ..Field::PLAIN
        },
        Field {
            name: "validateOnly",
            kind: Kind::Bool,
            doc: "Whether only to check the request, and change nothing.",
            ..Field::PLAIN
        },
    ],
};

/// `EntryData`.
static ENTRY_DATA: [Field; 2] = [
    Field {
        name: "entity",
        kind: Kind::Array(&Kind::Struct(&ENTITY_DATA)),
        doc: "The parts that make up the entity.",
        ..Field::PLAIN
    },
    Field {
        name: "ops",
        kind: Kind::Array(&Kind::Struct(&OP_DATA)),
        doc: "The changes, a key each.",
        ..Field::PLAIN
    },
];

/// `EntityData`.
static ENTITY_DATA: [Field; 2] = [
    Field {
        name: "entityType",
        kind: Kind::String,
        doc: "Kind of the entity: `user`, `client-id` or `ip`.",
        ..Field::PLAIN
    },
    Field {
        name: "entityName",
        kind: Kind::String,
        nullable: Some((0, i16::MAX)),
        doc: "Name of the entity; null for the default of its kind.",
        ..Field::PLAIN
    },
];

/// `OpData`.
static OP_DATA: [Field; 3] = [
    Field {
        name: "key",
        kind: Kind::String,
        doc: "Kafka's key, such as `producer_byte_rate`.",
        ..Field::PLAIN
    },
    Field {
        name: "value",
        kind: Kind::Float64,
        doc: "The value to set; of no meaning when it is removed.",
        ..Field::PLAIN
    },
    Field { name: "remove", kind: Kind::Bool, doc: "Whether to remove the quota.", ..Field::PLAIN },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "AlterClientQuotasResponse",
    versions: 0..=1,
    flexible_from: Some(1),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "throttleTimeMs",
            kind: Kind::Int32,
            doc: "How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it does not.",
            ..Field::PLAIN
        },
        Field {
            name: "entries",
            kind: Kind::Array(&Kind::Struct(&ENTRY_DATA_RESPONSE)),
            doc: "The entities of the request.",
            ..Field::PLAIN
        },
    ],
};

/// `EntryDataResponse`.
static ENTRY_DATA_RESPONSE: [Field; 3] = [
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
        name: "entity",
        kind: Kind::Array(&Kind::Struct(&ENTITY_DATA)),
        doc: "The parts that make up the entity.",
        ..Field::PLAIN
    },
];
