// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `ExpireDelegationToken` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "ExpireDelegationTokenRequest",
    versions: 1..=2,
    flexible_from: Some(2),
    prefix: Prefix::Nothing,
    fields: &[
        Field { name: "hmac", kind: Kind::Bytes, doc: "Secret of the token.", ..Field::PLAIN },
        Field {
            name: "expiryTimePeriodMs",
            kind: Kind::Int64,
            doc: "How long it is to live from now on, in milliseconds; below 0 it ends at once.",
            ..Field::PLAIN
        },
    ],
};

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "ExpireDelegationTokenResponse",
    versions: 1..=2,
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
            name: "expiryTimestampMs",
            kind: Kind::Int64,
            doc: "When the token expires, in Unix milliseconds.",
            ..Field::PLAIN
        },
        Field {
            name: "throttleTimeMs",
            kind: Kind::Int32,
            doc: "How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it does not.",
            ..Field::PLAIN
        },
    ],
};
