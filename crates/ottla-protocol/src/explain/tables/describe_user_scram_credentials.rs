// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `DescribeUserScramCredentials` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "DescribeUserScramCredentialsRequest",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[Field {
        name: "users",
        kind: Kind::Array(&Kind::Struct(&USER_NAME)),
        nullable: Some((0, i16::MAX)),
        doc: "The users; null or empty for all.",
        ..Field::PLAIN
    }],
};

/// `UserName`.
static USER_NAME: [Field; 1] =
    [Field { name: "name", kind: Kind::String, doc: "Name of the user.", ..Field::PLAIN }];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "DescribeUserScramCredentialsResponse",
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
            name: "results",
            kind: Kind::Array(&Kind::Struct(&DESCRIBE_USER_SCRAM_CREDENTIALS_RESULT)),
            doc: "The users.",
            ..Field::PLAIN
        },
    ],
};

/// `DescribeUserScramCredentialsResult`.
static DESCRIBE_USER_SCRAM_CREDENTIALS_RESULT: [Field; 4] = [
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
    Field {
        name: "credentialInfos",
        kind: Kind::Array(&Kind::Struct(&CREDENTIAL_INFO)),
        doc: "The credentials of the user, one a mechanism.",
        ..Field::PLAIN
    },
];

/// `CredentialInfo`.
static CREDENTIAL_INFO: [Field; 2] = [
    Field {
        name: "mechanism",
        kind: Kind::Int8,
        doc: "SCRAM mechanism: 1 `SCRAM-SHA-256`, 2 `SCRAM-SHA-512`.",
        ..Field::PLAIN
    },
    Field { name: "iterations", kind: Kind::Int32, doc: "How often the hash is applied.", ..Field::PLAIN },
];
