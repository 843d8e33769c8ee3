// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `WriteTxnMarkers` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "WriteTxnMarkersRequest",
    versions: 1..=2,
    flexible_from: Some(1),
    prefix: Prefix::Nothing,
    fields: &[Field {
        name: "markers",
        kind: Kind::Array(&Kind::Struct(&WRITABLE_TXN_MARKER)),
        doc: "The ends, one a transaction.",
        ..Field::PLAIN
    }],
};

/// `WritableTxnMarker`.
static WRITABLE_TXN_MARKER: [Field; 6] = [
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
        name: "transactionResult",
        kind: Kind::Bool,
        doc: "Whether it committed; otherwise it aborted.",
        ..Field::PLAIN
    },
    Field {
        name: "topics",
        kind: Kind::Array(&Kind::Struct(&WRITABLE_TXN_MARKER_TOPIC)),
        doc: "The topics, each with the partitions to write to.",
        ..Field::PLAIN
    },
    Field {
        name: "coordinatorEpoch",
        kind: Kind::Int32,
        doc: "Epoch of the coordinator, so that one that was replaced writes nothing.",
        ..Field::PLAIN
    },
    Field {
        name: "transactionVersion",
        kind: Kind::Int8,
        versions: (2, i16::MAX),
        doc: "Rules that the transaction follows: 0 and 1 the older ones, 2 those of KIP-890.",
        ..Field::PLAIN
    },
];

/// `WritableTxnMarkerTopic`.
static WRITABLE_TXN_MARKER_TOPIC: [Field; 2] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitionIndexes",
        kind: Kind::Array(&Kind::Int32),
        doc: "Numbers of the partitions to write to.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "WriteTxnMarkersResponse",
    versions: 1..=2,
    flexible_from: Some(1),
    prefix: Prefix::Nothing,
    fields: &[Field {
        name: "markers",
        kind: Kind::Array(&Kind::Struct(&WRITABLE_TXN_MARKER_RESULT)),
        doc: "The transactions of the request.",
        ..Field::PLAIN
    }],
};

/// `WritableTxnMarkerResult`.
static WRITABLE_TXN_MARKER_RESULT: [Field; 2] = [
    Field {
        name: "producerId",
        kind: Kind::Int64,
        doc: "Id of the producer; -1 if it has none.",
        ..Field::PLAIN
    },
    Field {
        name: "topics",
        kind: Kind::Array(&Kind::Struct(&WRITABLE_TXN_MARKER_TOPIC_RESULT)),
        doc: "The topics that were written to.",
        ..Field::PLAIN
    },
];

/// `WritableTxnMarkerTopicResult`.
static WRITABLE_TXN_MARKER_TOPIC_RESULT: [Field; 2] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&WRITABLE_TXN_MARKER_PARTITION_RESULT)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `WritableTxnMarkerPartitionResult`.
static WRITABLE_TXN_MARKER_PARTITION_RESULT: [Field; 2] = [
    Field {
        name: "partitionIndex",
        kind: Kind::Int32,
        doc: "Number of the partition in its topic, from 0.",
        ..Field::PLAIN
    },
    Field {
        name: "errorCode",
        kind: Kind::ErrorCode,
        doc: "What went wrong; `NONE` if nothing did.",
        ..Field::PLAIN
    },
];
