// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `ListTransactions` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "ListTransactionsRequest",
    versions: 0..=2,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "stateFilters",
            kind: Kind::Array(&Kind::String),
            doc: "Only transactions in these states; empty for any.",
            ..Field::PLAIN
        },
        Field {
            name: "producerIdFilters",
            kind: Kind::Array(&Kind::Int64),
            doc: "Only transactions of producers with these ids; empty for any.",
            ..Field::PLAIN
        },
        Field {
            name: "durationFilter",
            kind: Kind::Int64,
            versions: (1, i16::MAX),
            doc: "Only transactions that go on for longer than this, in milliseconds; -1 for any.",
            ..Field::PLAIN
        },
        Field {
            name: "transactionalIdPattern",
            kind: Kind::String,
            versions: (2, i16::MAX),
            nullable: Some((2, i16::MAX)),
            doc: "Only transactional ids that match this regular expression; null or empty for any.",
            ..Field::PLAIN
        },
    ],
};

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "ListTransactionsResponse",
    versions: 0..=2,
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
            name: "unknownStateFilters",
            kind: Kind::Array(&Kind::String),
            doc: "States of the request that there are not.",
            ..Field::PLAIN
        },
        Field {
            name: "transactionStates",
            kind: Kind::Array(&Kind::Struct(&TRANSACTION_STATE)),
            doc: "The transactions that match.",
            ..Field::PLAIN
        },
    ],
};

/// `TransactionState`.
static TRANSACTION_STATE: [Field; 3] = [
    Field {
        name: "transactionalId",
        kind: Kind::String,
        doc: "Name of the transactional producer.",
        ..Field::PLAIN
    },
    Field {
        name: "producerId",
        kind: Kind::Int64,
        doc: "Id of the producer; -1 if it has none.",
        ..Field::PLAIN
    },
    Field {
        name: "transactionState",
        kind: Kind::String,
        doc: "State of the transaction, such as `Ongoing` or `CompleteCommit`.",
        ..Field::PLAIN
    },
];
