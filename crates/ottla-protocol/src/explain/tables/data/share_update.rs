// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the structures of `ShareUpdate` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static SHARE_UPDATE_KEY: Schema = Schema {
    name: "ShareUpdateKey",
    versions: 0..=0,
    flexible_from: None,
    prefix: Prefix::Type(1),
    fields: &[
        Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
        Field {
            name: "topicId",
            kind: Kind::Uuid,
            doc: "Id of the topic; all zeros where it is known by name alone.",
            ..Field::PLAIN
        },
        Field {
            name: "partition",
            kind: Kind::Int32,
            doc: "Number of the partition in its topic, from 0.",
            ..Field::PLAIN
        },
    ],
};

pub(in crate::explain) static SHARE_UPDATE_VALUE: Schema = Schema {
    name: "ShareUpdateValue",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::Version,
    fields: &[
        Field {
            name: "snapshotEpoch",
            kind: Kind::Int32,
            doc: "Number of the snapshot that this changes.",
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
            doc: "First offset that the group is not done with; -1 if it did not change.",
            ..Field::PLAIN
        },
        Field {
            name: "deliveryCompleteCount",
            kind: Kind::Int32,
            tag: Some((0, 0, i16::MAX)),
            doc: "How many records from the start offset on are done with; -1 if it is not known.",
            ..Field::PLAIN
        },
        Field {
            name: "stateBatches",
            kind: Kind::Array(&Kind::Struct(&STATE_BATCH)),
            doc: "State of the records that changed, in runs.",
            ..Field::PLAIN
        },
    ],
};

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
