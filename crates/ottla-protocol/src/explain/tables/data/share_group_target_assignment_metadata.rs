// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the structures of `ShareGroupTargetAssignmentMetadata` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static SHARE_GROUP_TARGET_ASSIGNMENT_METADATA_KEY: Schema = Schema {
    name: "ShareGroupTargetAssignmentMetadataKey",
    versions: 0..=0,
    flexible_from: None,
    prefix: Prefix::Type(12),
    fields: &[Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN }],
};

pub(in crate::explain) static SHARE_GROUP_TARGET_ASSIGNMENT_METADATA_VALUE: Schema = Schema {
    name: "ShareGroupTargetAssignmentMetadataValue",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::Version,
    fields: &[
        Field {
            name: "assignmentEpoch",
            kind: Kind::Int32,
            doc: "Epoch of the group for which the target assignment was made.",
            ..Field::PLAIN
        },
        Field {
            name: "assignmentTimestamp",
            kind: Kind::Int64,
            tag: Some((0, 0, i16::MAX)),
            doc: "When the target assignment was made, in Unix milliseconds; 0 if it is not known.",
            ..Field::PLAIN
        },
    ],
};
