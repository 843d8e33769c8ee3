// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `ListConfigResources` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "ListConfigResourcesRequest",
    versions: 0..=1,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[Field {
        name: "resourceTypes",
        kind: Kind::Array(&Kind::Int8),
        versions: (1, i16::MAX),
        doc: "The kinds, numbered as in the answer; empty for all.",
        ..Field::PLAIN
    }],
};

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "ListConfigResourcesResponse",
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
            name: "errorCode",
            kind: Kind::ErrorCode,
            doc: "What went wrong; `NONE` if nothing did.",
            ..Field::PLAIN
        },
        Field {
            name: "configResources",
            kind: Kind::Array(&Kind::Struct(&CONFIG_RESOURCE)),
            doc: "The resources that have configuration.",
            ..Field::PLAIN
        },
    ],
};

/// `ConfigResource`.
static CONFIG_RESOURCE: [Field; 2] = [
    Field {
        name: "resourceName",
        kind: Kind::String,
        doc: "Name of the topic or group, or id of the broker.",
        ..Field::PLAIN
    },
    Field {
        name: "resourceType",
        kind: Kind::Int8,
        versions: (1, i16::MAX),
        doc: "Kind of the resource: 2 a topic, 4 a broker, 8 the loggers of a broker, 16 client metrics, 32 a group.",
        ..Field::PLAIN
    },
];
