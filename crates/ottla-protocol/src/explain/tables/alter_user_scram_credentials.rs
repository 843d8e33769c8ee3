// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `AlterUserScramCredentials` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "AlterUserScramCredentialsRequest",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "deletions",
            kind: Kind::Array(&Kind::Struct(&SCRAM_CREDENTIAL_DELETION)),
            doc: "The credentials to remove.",
            ..Field::PLAIN
        },
        Field {
            name: "upsertions",
            kind: Kind::Array(&Kind::Struct(&SCRAM_CREDENTIAL_UPSERTION)),
            doc: "The credentials to set.",
            ..Field::PLAIN
        },
    ],
};

/// `ScramCredentialDeletion`.
static SCRAM_CREDENTIAL_DELETION: [Field; 2] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the user.", ..Field::PLAIN },
    Field {
        name: "mechanism",
        kind: Kind::Int8,
        doc: "SCRAM mechanism: 1 `SCRAM-SHA-256`, 2 `SCRAM-SHA-512`.",
        ..Field::PLAIN
    },
];

/// `ScramCredentialUpsertion`.
static SCRAM_CREDENTIAL_UPSERTION: [Field; 5] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the user.", ..Field::PLAIN },
    Field {
        name: "mechanism",
        kind: Kind::Int8,
        doc: "SCRAM mechanism: 1 `SCRAM-SHA-256`, 2 `SCRAM-SHA-512`.",
        ..Field::PLAIN
    },
    Field { name: "iterations", kind: Kind::Int32, doc: "How often the hash is applied.", ..Field::PLAIN },
    Field { name: "salt", kind: Kind::Bytes, doc: "Random bytes that the client chose.", ..Field::PLAIN },
    Field {
        name: "saltedPassword",
        kind: Kind::Bytes,
        doc: "The salted password; the password itself is not sent.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "AlterUserScramCredentialsResponse",
    versions: 0..=0,
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
            name: "results",
            kind: Kind::Array(&Kind::Struct(&ALTER_USER_SCRAM_CREDENTIALS_RESULT)),
            doc: "The users of the request.",
            ..Field::PLAIN
        },
    ],
};

/// `AlterUserScramCredentialsResult`.
static ALTER_USER_SCRAM_CREDENTIALS_RESULT: [Field; 3] = [
    Field { name: "user", kind: Kind::String, doc: "Name of the user.", ..Field::PLAIN },
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
];
