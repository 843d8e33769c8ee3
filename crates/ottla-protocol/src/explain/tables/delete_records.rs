// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `DeleteRecords` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "DeleteRecordsRequest",
    versions: 0..=2,
    flexible_from: Some(2),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&DELETE_RECORDS_TOPIC)),
            doc: "The topics, each with its partitions.",
            ..Field::PLAIN
        },
        Field {
            name: "timeoutMs",
            kind: Kind::Int32,
            doc: "How long to wait until all replicas have done so, in milliseconds.",
            ..Field::PLAIN
        },
    ],
};

/// `DeleteRecordsTopic`.
static DELETE_RECORDS_TOPIC: [Field; 2] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&DELETE_RECORDS_PARTITION)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `DeleteRecordsPartition`.
static DELETE_RECORDS_PARTITION: [Field; 2] = [
    Field {
        name: "partitionIndex",
        kind: Kind::Int32,
        doc: "Number of the partition in its topic, from 0.",
        ..Field::PLAIN
    },
    Field {
        name: "offset",
        kind: Kind::Int64,
        doc: "First offset that is kept; -1 for the high watermark.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "DeleteRecordsResponse",
    versions: 0..=2,
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
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&DELETE_RECORDS_TOPIC_RESULT)),
            doc: "The topics of the request.",
            ..Field::PLAIN
        },
    ],
};

/// `DeleteRecordsTopicResult`.
static DELETE_RECORDS_TOPIC_RESULT: [Field; 2] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&DELETE_RECORDS_PARTITION_RESULT)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `DeleteRecordsPartitionResult`.
static DELETE_RECORDS_PARTITION_RESULT: [Field; 3] = [
    Field {
        name: "partitionIndex",
        kind: Kind::Int32,
        doc: "Number of the partition in its topic, from 0.",
        ..Field::PLAIN
    },
    Field {
        name: "lowWatermark",
        kind: Kind::Int64,
        doc: "First offset that the partition still holds; -1 if it is not known.",
        ..Field::PLAIN
    },
    Field {
        name: "errorCode",
        kind: Kind::ErrorCode,
        doc: "What went wrong; `NONE` if nothing did.",
        ..Field::PLAIN
    },
];
