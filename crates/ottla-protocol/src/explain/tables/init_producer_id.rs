// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `InitProducerId` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "InitProducerIdRequest",
    versions: 0..=6,
    flexible_from: Some(2),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "transactionalId",
            kind: Kind::String,
            nullable: Some((0, i16::MAX)),
            doc: "Name of the transactional producer; null for one without transactions.",
            ..Field::PLAIN
        },
        Field {
            name: "transactionTimeoutMs",
            kind: Kind::Int32,
            doc: "After how long the coordinator aborts an idle transaction, in milliseconds; of no meaning without a transactional id.",
            ..Field::PLAIN
        },
        Field {
            name: "producerId",
            kind: Kind::Int64,
            versions: (3, i16::MAX),
            doc: "Id that the producer has already, to raise its epoch; -1 for a new one.",
            ..Field::PLAIN
        },
        Field {
            name: "producerEpoch",
            kind: Kind::Int16,
            versions: (3, i16::MAX),
            doc: "Epoch that the producer has; the coordinator refuses any other. -1 for a new id.",
            ..Field::PLAIN
        },
        Field {
            name: "enable2Pc",
            kind: Kind::Bool,
            versions: (6, i16::MAX),
            doc: "Whether transactions are decided from outside, by two-phase commit (KIP-939).",
            ..Field::PLAIN
        },
        Field {
            name: "keepPreparedTxn",
            kind: Kind::Bool,
            versions: (6, i16::MAX),
            doc: "Whether an open transaction is kept for that decision instead of being aborted.",
            ..Field::PLAIN
        },
    ],
};

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "InitProducerIdResponse",
    versions: 0..=6,
    flexible_from: Some(2),
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
            name: "ongoingTxnProducerId",
            kind: Kind::Int64,
            versions: (6, i16::MAX),
            doc: "Producer id of the transaction that was kept open; -1 if there is none.",
            ..Field::PLAIN
        },
        Field {
            name: "ongoingTxnProducerEpoch",
            kind: Kind::Int16,
            versions: (6, i16::MAX),
            doc: "Producer epoch of the transaction that was kept open; -1 if there is none.",
            ..Field::PLAIN
        },
    ],
};
