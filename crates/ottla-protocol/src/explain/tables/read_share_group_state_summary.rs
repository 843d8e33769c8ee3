// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `ReadShareGroupStateSummary` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "ReadShareGroupStateSummaryRequest",
    versions: 0..=1,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[
        Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
        Field {
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&READ_STATE_SUMMARY_DATA)),
            doc: "The topics, each with its partitions.",
            ..Field::PLAIN
        },
    ],
};

/// `ReadStateSummaryData`.
static READ_STATE_SUMMARY_DATA: [Field; 2] = [
    Field {
        name: "topicId",
        kind: Kind::Uuid,
        doc: "Id of the topic; all zeros where it is known by name alone.",
        ..Field::PLAIN
    },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&PARTITION_DATA)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `PartitionData`.
static PARTITION_DATA: [Field; 2] = [
    Field {
        name: "partition",
        kind: Kind::Int32,
        doc: "Number of the partition in its topic, from 0.",
        ..Field::PLAIN
    },
    Field {
        name: "leaderEpoch",
        kind: Kind::Int32,
        doc: "Epoch of the partition's leader; -1 if it is not known.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "ReadShareGroupStateSummaryResponse",
    versions: 0..=1,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[Field {
        name: "results",
        kind: Kind::Array(&Kind::Struct(&READ_STATE_SUMMARY_RESULT)),
        doc: "The topics of the request.",
        ..Field::PLAIN
    }],
};

/// `ReadStateSummaryResult`.
static READ_STATE_SUMMARY_RESULT: [Field; 2] = [
    Field {
        name: "topicId",
        kind: Kind::Uuid,
        doc: "Id of the topic; all zeros where it is known by name alone.",
        ..Field::PLAIN
    },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&PARTITION_RESULT)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `PartitionResult`.
static PARTITION_RESULT: [Field; 7] = [
    Field {
        name: "partition",
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
    Field {
        name: "errorMessage",
        kind: Kind::String,
        nullable: Some((0, i16::MAX)),
        doc: "What went wrong, in words, where the code does not say it all.",
        ..Field::PLAIN
    },
    Field {
        name: "stateEpoch",
        kind: Kind::Int32,
        doc: "Epoch of the state of this partition in the group.",
        ..Field::PLAIN
    },
    Field {
        name: "leaderEpoch",
        kind: Kind::Int32,
        doc: "Number of the leadership, which grows with each new leader; -1 if it is not known.",
        ..Field::PLAIN
    },
    Field {
        name: "startOffset",
        kind: Kind::Int64,
        doc: "First offset that the group is not done with; -1 if it is not known.",
        ..Field::PLAIN
    },
    Field {
        name: "deliveryCompleteCount",
        kind: Kind::Int32,
        versions: (1, i16::MAX),
        doc: "How many records from the start offset on are done with; -1 if it is not known.",
        ..Field::PLAIN
    },
];
