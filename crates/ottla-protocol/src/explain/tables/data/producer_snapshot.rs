// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the structures of `ProducerSnapshot` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static PRODUCER_SNAPSHOT: Schema = Schema {
    name: "ProducerSnapshot",
    versions: 1..=1,
    flexible_from: None,
    prefix: Prefix::Version,
    fields: &[
        Field { name: "crc", kind: Kind::Uint32, doc: "CRC-32C of all that follows.", ..Field::PLAIN },
        Field {
            name: "producerEntries",
            kind: Kind::Array(&Kind::Struct(&PRODUCER_ENTRY)),
            doc: "The producers.",
            ..Field::PLAIN
        },
    ],
};

/// `ProducerEntry`.
static PRODUCER_ENTRY: [Field; 8] = [
    Field { name: "producerId", kind: Kind::Int64, doc: "Id of the producer.", ..Field::PLAIN },
    Field { name: "epoch", kind: Kind::Int16, doc: "Epoch of the producer.", ..Field::PLAIN },
    Field { name: "lastSequence", kind: Kind::Int32, doc: "Number of its last record.", ..Field::PLAIN },
    Field { name: "lastOffset", kind: Kind::Int64, doc: "Offset of its last record.", ..Field::PLAIN },
    Field {
        name: "offsetDelta",
        kind: Kind::Int32,
        doc: "How many records its last batch had, less one.",
        ..Field::PLAIN
    },
    Field {
        name: "timestamp",
        kind: Kind::Int64,
        doc: "Largest timestamp of its last batch, in Unix milliseconds.",
        ..Field::PLAIN
    },
    Field {
        name: "coordinatorEpoch",
        kind: Kind::Int32,
        doc: "Epoch of the coordinator that last ended a transaction of it here; -1 if none did.",
        ..Field::PLAIN
    },
    Field {
        name: "currentTxnFirstOffset",
        kind: Kind::Int64,
        doc: "First offset of its open transaction; -1 if there is none.",
        ..Field::PLAIN
    },
];
