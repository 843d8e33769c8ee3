// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `DescribeDelegationToken` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "DescribeDelegationTokenRequest",
    versions: 1..=3,
    flexible_from: Some(2),
    prefix: Prefix::Nothing,
    fields: &[Field {
        name: "owners",
        kind: Kind::Array(&Kind::Struct(&DESCRIBE_DELEGATION_TOKEN_OWNER)),
        nullable: Some((0, i16::MAX)),
        doc: "The owners; null for all.",
        ..Field::PLAIN
    }],
};

/// `DescribeDelegationTokenOwner`.
static DESCRIBE_DELEGATION_TOKEN_OWNER: [Field; 2] = [
    Field {
        name: "principalType",
        kind: Kind::String,
        doc: "Kind of the principal, such as `User`.",
        ..Field::PLAIN
    },
    Field { name: "principalName", kind: Kind::String, doc: "Name of the principal.", ..Field::PLAIN },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "DescribeDelegationTokenResponse",
    versions: 1..=3,
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
            name: "tokens",
            kind: Kind::Array(&Kind::Struct(&DESCRIBED_DELEGATION_TOKEN)),
            doc: "The tokens of these owners.",
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

/// `DescribedDelegationToken`.
static DESCRIBED_DELEGATION_TOKEN: [Field; 10] = [
    Field {
        name: "principalType",
        kind: Kind::String,
        doc: "Kind of the principal that the token stands for.",
        ..Field::PLAIN
    },
    Field {
        name: "principalName",
        kind: Kind::String,
        doc: "Name of the principal that the token stands for.",
        ..Field::PLAIN
    },
    Field {
        name: "tokenRequesterPrincipalType",
        kind: Kind::String,
        versions: (3, i16::MAX),
        doc: "Kind of the principal that asked for the token.",
        ..Field::PLAIN
    },
    Field {
        name: "tokenRequesterPrincipalName",
        kind: Kind::String,
        versions: (3, i16::MAX),
        doc: "Name of the principal that asked for the token.",
        ..Field::PLAIN
    },
    Field {
        name: "issueTimestamp",
        kind: Kind::Int64,
        doc: "When the token was made, in Unix milliseconds.",
        ..Field::PLAIN
    },
    Field {
        name: "expiryTimestamp",
        kind: Kind::Int64,
        doc: "When it expires, in Unix milliseconds.",
        ..Field::PLAIN
    },
    Field {
        name: "maxTimestamp",
        kind: Kind::Int64,
        doc: "Until when it can be renewed at most, in Unix milliseconds.",
        ..Field::PLAIN
    },
    Field {
        name: "tokenId",
        kind: Kind::String,
        doc: "Id of the token, its user name in SCRAM.",
        ..Field::PLAIN
    },
    Field {
        name: "hmac",
        kind: Kind::Bytes,
        doc: "Secret of the token, its password in SCRAM.",
        ..Field::PLAIN
    },
    Field {
        name: "renewers",
        kind: Kind::Array(&Kind::Struct(&DESCRIBED_DELEGATION_TOKEN_RENEWER)),
        doc: "Who else may renew the token.",
        ..Field::PLAIN
    },
];

/// `DescribedDelegationTokenRenewer`.
static DESCRIBED_DELEGATION_TOKEN_RENEWER: [Field; 2] = [
    Field {
        name: "principalType",
        kind: Kind::String,
        doc: "Kind of the principal, such as `User`.",
        ..Field::PLAIN
    },
    Field { name: "principalName", kind: Kind::String, doc: "Name of the principal.", ..Field::PLAIN },
];
