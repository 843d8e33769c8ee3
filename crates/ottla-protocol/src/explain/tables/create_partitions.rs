// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `CreatePartitions` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "CreatePartitionsRequest",
    versions: 0..=3,
    flexible_from: Some(2),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&CREATE_PARTITIONS_TOPIC)),
            doc: "The topics.",
            ..Field::PLAIN
        },
        Field {
            name: "timeoutMs",
            kind: Kind::Int32,
            doc: "How long to wait until the partitions are there, in milliseconds.",
            ..Field::PLAIN
        },
        Field {
            name: "validateOnly",
            kind: Kind::Bool,
            doc: "Whether only to check the request, and change nothing.",
            ..Field::PLAIN
        },
    ],
};

/// `CreatePartitionsTopic`.
static CREATE_PARTITIONS_TOPIC: [Field; 3] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "count",
        kind: Kind::Int32,
        doc: "How many partitions it is to have in all.",
        ..Field::PLAIN
    },
    Field {
        name: "assignments",
        kind: Kind::Array(&Kind::Struct(&CREATE_PARTITIONS_ASSIGNMENT)),
        nullable: Some((0, i16::MAX)),
        doc: "Which brokers hold each new partition; null to leave it to the cluster.",
        ..Field::PLAIN
    },
];

/// `CreatePartitionsAssignment`.
static CREATE_PARTITIONS_ASSIGNMENT: [Field; 1] = [Field {
    name: "brokerIds",
    kind: Kind::Array(&Kind::Int32),
    doc: "Ids of the brokers that hold the partition, the preferred leader first.",
    ..Field::PLAIN
}];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "CreatePartitionsResponse",
    versions: 0..=3,
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
            name: "results",
            kind: Kind::Array(&Kind::Struct(&CREATE_PARTITIONS_TOPIC_RESULT)),
            doc: "The topics of the request.",
            ..Field::PLAIN
        },
    ],
};

/// `CreatePartitionsTopicResult`.
static CREATE_PARTITIONS_TOPIC_RESULT: [Field; 3] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "errorCode",
        kind: Kind::ErrorCode,
        doc: "What went wrong; `NONE` if nothing did.",
        ..Field::PLAIN
    },
    Field {
        name: "errorMessage",
        kind: Kind::String,
        nullable: Some((0, i16::MAX)),
        doc: "What went wrong, in words, where the code does not say it all.",
        ..Field::PLAIN
    },
];
