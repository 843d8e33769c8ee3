// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `SaslAuthenticate` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "SaslAuthenticateRequest",
    versions: 0..=2,
    flexible_from: Some(2),
    prefix: Prefix::Nothing,
    fields: &[Field {
        name: "authBytes",
        kind: Kind::Bytes,
        doc: "The token, in the form of the mechanism.",
        ..Field::PLAIN
    }],
};

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "SaslAuthenticateResponse",
    versions: 0..=2,
    flexible_from: Some(2),
    prefix: Prefix::Nothing,
    fields: &[
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
            name: "authBytes",
            kind: Kind::Bytes,
            doc: "The token, in the form of the mechanism.",
            ..Field::PLAIN
        },
        Field {
            name: "sessionLifetimeMs",
            kind: Kind::Int64,
            versions: (1, i16::MAX),
            doc: "After how long the client must authenticate anew on this connection, in milliseconds; 0 for never.",
            ..Field::PLAIN
        },
    ],
};
