// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the structures of `OffsetCommit` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static OFFSET_COMMIT_KEY: Schema = Schema {
    name: "OffsetCommitKey",
    versions: 0..=0,
    flexible_from: None,
    prefix: Prefix::Type(1),
    fields: &[
        Field { name: "group", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
        Field { name: "topic", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
        Field {
            name: "partition",
            kind: Kind::Int32,
            doc: "Number of the partition in its topic, from 0.",
            ..Field::PLAIN
        },
    ],
};

pub(in crate::explain) static OFFSET_COMMIT_VALUE: Schema = Schema {
    name: "OffsetCommitValue",
    versions: 0..=4,
    flexible_from: Some(4),
    prefix: Prefix::Version,
    fields: &[
        Field {
            name: "offset",
            kind: Kind::Int64,
            doc: "The offset: that of the next record to read.",
            ..Field::PLAIN
        },
        Field {
            name: "leaderEpoch",
            kind: Kind::Int32,
            versions: (3, i16::MAX),
            doc: "Leader epoch of the last record that was read; -1 if it is not known.",
            ..Field::PLAIN
        },
        Field {
            name: "metadata",
            kind: Kind::String,
            doc: "What the client stored with the offset; empty if there is none.",
            ..Field::PLAIN
        },
        Field {
            name: "commitTimestamp",
            kind: Kind::Int64,
            doc: "When the offset was stored, in Unix milliseconds.",
            ..Field::PLAIN
        },
        Field {
            name: "expireTimestamp",
            kind: Kind::Int64,
            versions: (1, 1),
            doc: "When it expires, in Unix milliseconds; -1 for when the broker's configuration says so.",
            ..Field::PLAIN
        },
        Field {
            name: "topicId",
            kind: Kind::Uuid,
            versions: (4, i16::MAX),
            tag: Some((0, 4, i16::MAX)),
            doc: "Id of the topic; all zeros if it was named by name alone.",
            ..Field::PLAIN
        },
    ],
};
