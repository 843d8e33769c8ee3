// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `SaslHandshake` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "SaslHandshakeRequest",
    versions: 0..=1,
    flexible_from: None,
    prefix: Prefix::Nothing,
    fields: &[Field {
        name: "mechanism",
        kind: Kind::String,
        doc: "Name of the mechanism, such as `PLAIN` or `SCRAM-SHA-512`.",
        ..Field::PLAIN
    }],
};

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "SaslHandshakeResponse",
    versions: 0..=1,
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
            name: "mechanisms",
            kind: Kind::Array(&Kind::String),
            doc: "Names of the mechanisms that this listener takes.",
            ..Field::PLAIN
        },
    ],
};
