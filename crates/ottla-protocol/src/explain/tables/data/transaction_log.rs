// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the structures of `TransactionLog` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static TRANSACTION_LOG_KEY: Schema = Schema {
    name: "TransactionLogKey",
    versions: 0..=0,
    flexible_from: None,
    prefix: Prefix::Type(0),
    fields: &[Field {
        name: "transactionalId",
        kind: Kind::String,
        doc: "Name of the transactional producer.",
        ..Field::PLAIN
    }],
};

pub(in crate::explain) static TRANSACTION_LOG_VALUE: Schema = Schema {
    name: "TransactionLogValue",
    versions: 0..=1,
    flexible_from: Some(1),
    prefix: Prefix::Version,
    fields: &[
        Field {
            name: "producerId",
            kind: Kind::Int64,
            doc: "Id of the producer; -1 if it has none.",
            ..Field::PLAIN
        },
        Field {
            name: "previousProducerId",
            kind: Kind::Int64,
            versions: (1, i16::MAX),
            tag: Some((0, 1, i16::MAX)),
            doc: "Id that the producer had in the transaction before; -1 if it is not known.",
            ..Field::PLAIN
        },
        Field {
            name: "nextProducerId",
            kind: Kind::Int64,
            versions: (1, i16::MAX),
            tag: Some((1, 1, i16::MAX)),
            doc: "Id that the producer gets next; -1 if that is not decided.",
            ..Field::PLAIN
        },
        Field {
            name: "producerEpoch",
            kind: Kind::Int16,
            doc: "Epoch of the producer, which grows each time another instance takes over.",
            ..Field::PLAIN
        },
        Field {
            name: "nextProducerEpoch",
            kind: Kind::Int16,
            versions: (1, i16::MAX),
            tag: Some((3, 1, i16::MAX)),
            doc: "Epoch that goes with that id; -1 if that is not decided.",
            ..Field::PLAIN
        },
        Field {
            name: "transactionTimeoutMs",
            kind: Kind::Int32,
            doc: "After how long the coordinator aborts an idle transaction, in milliseconds.",
            ..Field::PLAIN
        },
        Field {
            name: "transactionStatus",
            kind: Kind::Int8,
            doc: "State: 0 empty, 1 ongoing, 2 prepared to commit, 3 to abort, 4 committed, 5 aborted, 6 dead, 7 about to be fenced.",
            ..Field::PLAIN
        },
        Field {
            name: "transactionPartitions",
            kind: Kind::Array(&Kind::Struct(&PARTITIONS_SCHEMA)),
            nullable: Some((0, i16::MAX)),
            doc: "The topics with partitions in the transaction; null if it is over.",
            ..Field::PLAIN
        },
        Field {
            name: "transactionLastUpdateTimestampMs",
            kind: Kind::Int64,
            doc: "When it last changed, in Unix milliseconds.",
            ..Field::PLAIN
        },
        Field {
            name: "transactionStartTimestampMs",
            kind: Kind::Int64,
            doc: "When it began, in Unix milliseconds; -1 if none is open.",
            ..Field::PLAIN
        },
        Field {
            name: "clientTransactionVersion",
            kind: Kind::Int16,
            versions: (1, i16::MAX),
            tag: Some((2, 1, i16::MAX)),
            doc: "Rules that the client follows: 0 and 1 the older ones, 2 those of KIP-890.",
            ..Field::PLAIN
        },
    ],
};

/// `PartitionsSchema`.
static PARTITIONS_SCHEMA: [Field; 2] = [
    Field { name: "topic", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitionIds",
        kind: Kind::Array(&Kind::Int32),
        doc: "Numbers of the partitions.",
        ..Field::PLAIN
    },
];
