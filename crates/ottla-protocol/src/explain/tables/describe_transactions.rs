// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `DescribeTransactions` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "DescribeTransactionsRequest",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[Field {
        name: "transactionalIds",
        kind: Kind::Array(&Kind::String),
        doc: "The transactional ids; none are described if it is empty.",
        ..Field::PLAIN
    }],
};

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "DescribeTransactionsResponse",
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
            name: "transactionStates",
            kind: Kind::Array(&Kind::Struct(&TRANSACTION_STATE)),
            doc: "The transactional ids of the request.",
            ..Field::PLAIN
        },
    ],
};

/// `TransactionState`.
static TRANSACTION_STATE: [Field; 8] = [
    Field {
        name: "errorCode",
        kind: Kind::ErrorCode,
        doc: "What went wrong; `NONE` if nothing did.",
        ..Field::PLAIN
    },
    Field {
        name: "transactionalId",
        kind: Kind::String,
        doc: "Name of the transactional producer.",
        ..Field::PLAIN
    },
    Field {
        name: "transactionState",
        kind: Kind::String,
        doc: "State of the transaction, such as `Ongoing` or `CompleteCommit`.",
        ..Field::PLAIN
    },
    Field {
        name: "transactionTimeoutMs",
        kind: Kind::Int32,
        doc: "After how long the coordinator aborts an idle transaction, in milliseconds.",
        ..Field::PLAIN
    },
    Field {
        name: "transactionStartTimeMs",
        kind: Kind::Int64,
        doc: "When it began, in Unix milliseconds; -1 if none is open.",
        ..Field::PLAIN
    },
    Field {
        name: "producerId",
        kind: Kind::Int64,
        doc: "Id of the producer; -1 if it has none.",
        ..Field::PLAIN
    },
    Field {
        name: "producerEpoch",
        kind: Kind::Int16,
        doc: "Epoch of the producer, which grows each time another instance takes over.",
        ..Field::PLAIN
    },
    Field {
        name: "topics",
        kind: Kind::Array(&Kind::Struct(&TOPIC_DATA)),
        doc: "The topics with partitions that are in the transaction and have not learnt of its end.",
        ..Field::PLAIN
    },
];

/// `TopicData`.
static TOPIC_DATA: [Field; 2] = [
    Field { name: "topic", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Int32),
        doc: "Numbers of the partitions.",
        ..Field::PLAIN
    },
];
