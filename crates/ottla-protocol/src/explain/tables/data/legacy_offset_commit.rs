// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the structures of `LegacyOffsetCommit` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static LEGACY_OFFSET_COMMIT_KEY: Schema = Schema {
    name: "LegacyOffsetCommitKey",
    versions: 0..=0,
    flexible_from: None,
    prefix: Prefix::Type(0),
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

pub(in crate::explain) static LEGACY_OFFSET_COMMIT_VALUE: Schema = Schema {
    name: "LegacyOffsetCommitValue",
    versions: 0..=0,
    flexible_from: None,
    prefix: Prefix::Version,
    fields: &[
        Field {
            name: "offset",
            kind: Kind::Int64,
            doc: "The offset: that of the next record to read.",
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
    ],
};
