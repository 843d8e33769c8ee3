// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `IncrementalAlterConfigs` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "IncrementalAlterConfigsRequest",
    versions: 0..=1,
    flexible_from: Some(1),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "resources",
            kind: Kind::Array(&Kind::Struct(&ALTER_CONFIGS_RESOURCE)),
            doc: "The resources.",
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

/// `AlterConfigsResource`.
static ALTER_CONFIGS_RESOURCE: [Field; 3] = [
    Field {
        name: "resourceType",
        kind: Kind::Int8,
        doc: "Kind of the resource: 2 a topic, 4 a broker, 8 the loggers of a broker, 16 client metrics, 32 a group.",
        ..Field::PLAIN
    },
    Field {
        name: "resourceName",
        kind: Kind::String,
        doc: "Name of the topic or group, or id of the broker.",
        ..Field::PLAIN
    },
    Field {
        name: "configs",
        kind: Kind::Array(&Kind::Struct(&ALTERABLE_CONFIG)),
        doc: "The changes, a key each.",
        ..Field::PLAIN
    },
];

/// `AlterableConfig`.
static ALTERABLE_CONFIG: [Field; 3] = [
    Field { name: "name", kind: Kind::String, doc: "Kafka's key, such as `retention.ms`.", ..Field::PLAIN },
    Field {
        name: "configOperation",
        kind: Kind::Int8,
        doc: "What to do: 0 set the value, 1 delete it, 2 append to a list, 3 take out of a list.",
        ..Field::PLAIN
    },
    Field {
        name: "value",
        kind: Kind::String,
        nullable: Some((0, i16::MAX)),
        doc: "The value, as text; null to delete.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "IncrementalAlterConfigsResponse",
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
            name: "responses",
            kind: Kind::Array(&Kind::Struct(&ALTER_CONFIGS_RESOURCE_RESPONSE)),
            doc: "The resources of the request.",
            ..Field::PLAIN
        },
    ],
};

/// `AlterConfigsResourceResponse`.
static ALTER_CONFIGS_RESOURCE_RESPONSE: [Field; 4] = [
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
        name: "resourceType",
        kind: Kind::Int8,
        doc: "Kind of the resource: 2 a topic, 4 a broker, 8 the loggers of a broker, 16 client metrics, 32 a group.",
        ..Field::PLAIN
    },
    Field {
        name: "resourceName",
        kind: Kind::String,
        doc: "Name of the topic or group, or id of the broker.",
        ..Field::PLAIN
    },
];
