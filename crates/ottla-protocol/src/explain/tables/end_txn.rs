// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `EndTxn` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "EndTxnRequest",
    versions: 0..=5,
    flexible_from: Some(3),
    prefix: Prefix::Nothing,
    fields: &[
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
            name: "producerEpoch",
            kind: Kind::Int16,
            doc: "Epoch of the producer, which grows each time another instance takes over.",
            ..Field::PLAIN
        },
        Field {
            name: "committed",
            kind: Kind::Bool,
            doc: "Whether it commits; otherwise it aborts.",
            ..Field::PLAIN
        },
    ],
};

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "EndTxnResponse",
    versions: 0..=5,
    flexible_from: Some(3),
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
            versions: (5, i16::MAX),
            doc: "Id of the producer; -1 if it has none.",
            ..Field::PLAIN
        },
        Field {
            name: "producerEpoch",
            kind: Kind::Int16,
            versions: (5, i16::MAX),
            doc: "Epoch of the producer, which grows each time another instance takes over.",
            ..Field::PLAIN
        },
    ],
};
