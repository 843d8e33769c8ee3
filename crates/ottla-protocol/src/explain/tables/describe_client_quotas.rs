// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `DescribeClientQuotas` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "DescribeClientQuotasRequest",
    versions: 0..=1,
    flexible_from: Some(1),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "components",
            kind: Kind::Array(&Kind::Struct(&COMPONENT_DATA)),
            doc: "What an entity must match.",
            ..Field::PLAIN
        },
        Field {
            name: "strict",
            kind: Kind::Bool,
            doc: "Whether an entity must have no other parts.",
            ..Field::PLAIN
        },
    ],
};

/// `ComponentData`.
static COMPONENT_DATA: [Field; 3] = [
    Field {
        name: "entityType",
        kind: Kind::String,
        doc: "Kind of the entity: `user`, `client-id` or `ip`.",
        ..Field::PLAIN
    },
    Field {
        name: "matchType",
        kind: Kind::Int8,
        doc: "How it must match: 0 this name, 1 the default, 2 any name.",
        ..Field::PLAIN
    },
    Field {
        name: "match",
        kind: Kind::String,
        nullable: Some((0, i16::MAX)),
        doc: "The name; null unless it is matched.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "DescribeClientQuotasResponse",
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
            name: "entries",
            kind: Kind::Array(&Kind::Struct(&ENTRY_DATA)),
            nullable: Some((0, i16::MAX)),
            doc: "The entities that match; null where the request failed.",
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
        name: "values",
        kind: Kind::Array(&Kind::Struct(&VALUE_DATA)),
        doc: "Its quotas.",
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

/// `ValueData`.
static VALUE_DATA: [Field; 2] = [
    Field {
        name: "key",
        kind: Kind::String,
        doc: "Kafka's key, such as `producer_byte_rate`.",
        ..Field::PLAIN
    },
    Field { name: "value", kind: Kind::Float64, doc: "The value.", ..Field::PLAIN },
];
