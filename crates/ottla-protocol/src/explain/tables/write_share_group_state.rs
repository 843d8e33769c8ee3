// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `WriteShareGroupState` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "WriteShareGroupStateRequest",
    versions: 0..=1,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[
        Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
        Field {
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&WRITE_STATE_DATA)),
            doc: "The topics, each with its partitions.",
            ..Field::PLAIN
        },
    ],
};

/// `WriteStateData`.
static WRITE_STATE_DATA: [Field; 2] = [
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
static PARTITION_DATA: [Field; 6] = [
    Field {
        name: "partition",
        kind: Kind::Int32,
        doc: "Number of the partition in its topic, from 0.",
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
        doc: "Epoch of the partition's leader, who writes.",
        ..Field::PLAIN
    },
    Field {
        name: "startOffset",
        kind: Kind::Int64,
        doc: "First offset that the group is not done with; -1 if it did not change.",
        ..Field::PLAIN
    },
    Field {
        name: "deliveryCompleteCount",
        kind: Kind::Int32,
        versions: (1, i16::MAX),
        doc: "How many records from the start offset on are done with; -1 if it is not known.",
        ..Field::PLAIN
    },
    Field {
        name: "stateBatches",
        kind: Kind::Array(&Kind::Struct(&STATE_BATCH)),
        doc: "State of the records that changed, in runs.",
        ..Field::PLAIN
    },
];

/// `StateBatch`.
static STATE_BATCH: [Field; 4] = [
    Field { name: "firstOffset", kind: Kind::Int64, doc: "First offset of the run.", ..Field::PLAIN },
    Field { name: "lastOffset", kind: Kind::Int64, doc: "Last offset of the run.", ..Field::PLAIN },
    Field {
        name: "deliveryState",
        kind: Kind::Int8,
        doc: "State of the records: 0 available, 2 acknowledged, 4 archived.",
        ..Field::PLAIN
    },
    Field {
        name: "deliveryCount",
        kind: Kind::Int16,
        doc: "How often the records were delivered.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "WriteShareGroupStateResponse",
    versions: 0..=1,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[Field {
        name: "results",
        kind: Kind::Array(&Kind::Struct(&WRITE_STATE_RESULT)),
        doc: "The topics of the request.",
        ..Field::PLAIN
    }],
};

/// `WriteStateResult`.
static WRITE_STATE_RESULT: [Field; 2] = [
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
static PARTITION_RESULT: [Field; 3] = [
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
];
