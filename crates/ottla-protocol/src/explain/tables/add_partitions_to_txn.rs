// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `AddPartitionsToTxn` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "AddPartitionsToTxnRequest",
    versions: 0..=5,
    flexible_from: Some(3),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "transactions",
            kind: Kind::Array(&Kind::Struct(&ADD_PARTITIONS_TO_TXN_TRANSACTION)),
            versions: (4, i16::MAX),
            doc: "The transactions, each with its partitions.",
            ..Field::PLAIN
        },
        Field {
            name: "v3AndBelowTransactionalId",
            kind: Kind::String,
            versions: (0, 3),
            doc: "Name of the transactional producer.",
            ..Field::PLAIN
        },
        Field {
            name: "v3AndBelowProducerId",
            kind: Kind::Int64,
            versions: (0, 3),
            doc: "Id of the producer.",
            ..Field::PLAIN
        },
        Field {
            name: "v3AndBelowProducerEpoch",
            kind: Kind::Int16,
            versions: (0, 3),
            doc: "Epoch of the producer.",
            ..Field::PLAIN
        },
        Field {
            name: "v3AndBelowTopics",
            kind: Kind::Array(&Kind::Struct(&ADD_PARTITIONS_TO_TXN_TOPIC)),
            versions: (0, 3),
            doc: "The topics, each with its partitions.",
            ..Field::PLAIN
        },
    ],
};

/// `AddPartitionsToTxnTransaction`.
static ADD_PARTITIONS_TO_TXN_TRANSACTION: [Field; 5] = [
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
        name: "verifyOnly",
        kind: Kind::Bool,
        doc: "Whether only to check that the partitions are in the transaction already.",
        ..Field::PLAIN
    },
    Field {
        name: "topics",
        kind: Kind::Array(&Kind::Struct(&ADD_PARTITIONS_TO_TXN_TOPIC)),
        doc: "The topics, each with its partitions.",
        ..Field::PLAIN
    },
];

/// `AddPartitionsToTxnTopic`.
static ADD_PARTITIONS_TO_TXN_TOPIC: [Field; 2] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Int32),
        doc: "Numbers of the partitions.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "AddPartitionsToTxnResponse",
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
            versions: (4, i16::MAX),
            doc: "What went wrong; `NONE` if nothing did.",
            ..Field::PLAIN
        },
        Field {
            name: "resultsByTransaction",
            kind: Kind::Array(&Kind::Struct(&ADD_PARTITIONS_TO_TXN_RESULT)),
            versions: (4, i16::MAX),
            doc: "The transactions of the request.",
            ..Field::PLAIN
        },
        Field {
            name: "resultsByTopicV3AndBelow",
            kind: Kind::Array(&Kind::Struct(&ADD_PARTITIONS_TO_TXN_TOPIC_RESULT)),
            versions: (0, 3),
            doc: "The topics of the request.",
            ..Field::PLAIN
        },
    ],
};

/// `AddPartitionsToTxnResult`.
static ADD_PARTITIONS_TO_TXN_RESULT: [Field; 2] = [
    Field {
        name: "transactionalId",
        kind: Kind::String,
        doc: "Name of the transactional producer.",
        ..Field::PLAIN
    },
    Field {
        name: "topicResults",
        kind: Kind::Array(&Kind::Struct(&ADD_PARTITIONS_TO_TXN_TOPIC_RESULT)),
        doc: "The topics of the transaction.",
        ..Field::PLAIN
    },
];

/// `AddPartitionsToTxnTopicResult`.
static ADD_PARTITIONS_TO_TXN_TOPIC_RESULT: [Field; 2] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "resultsByPartition",
        kind: Kind::Array(&Kind::Struct(&ADD_PARTITIONS_TO_TXN_PARTITION_RESULT)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `AddPartitionsToTxnPartitionResult`.
static ADD_PARTITIONS_TO_TXN_PARTITION_RESULT: [Field; 2] = [
    Field {
        name: "partitionIndex",
        kind: Kind::Int32,
        doc: "Number of the partition in its topic, from 0.",
        ..Field::PLAIN
    },
    Field {
        name: "partitionErrorCode",
        kind: Kind::ErrorCode,
        doc: "What went wrong; `NONE` if nothing did.",
        ..Field::PLAIN
    },
];
