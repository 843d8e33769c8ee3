// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the structures of `StreamsGroupMetadata` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static STREAMS_GROUP_METADATA_KEY: Schema = Schema {
    name: "StreamsGroupMetadataKey",
    versions: 0..=0,
    flexible_from: None,
    prefix: Prefix::Type(17),
    fields: &[Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN }],
};

pub(in crate::explain) static STREAMS_GROUP_METADATA_VALUE: Schema = Schema {
    name: "StreamsGroupMetadataValue",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::Version,
    fields: &[
        Field {
            name: "epoch",
            kind: Kind::Int32,
            doc: "Epoch of the group, which grows whenever its members or what they read changes.",
            ..Field::PLAIN
        },
        Field {
            name: "metadataHash",
            kind: Kind::Int64,
            doc: "Hash of the metadata of all topics that the group reads; 0 if it is not known.",
            ..Field::PLAIN
        },
        Field {
            name: "validatedTopologyEpoch",
            kind: Kind::Int32,
            tag: Some((0, 0, i16::MAX)),
            doc: "Epoch of the topology that was last found to fit the topics; -1 if none was.",
            ..Field::PLAIN
        },
        Field {
            name: "lastAssignmentConfigs",
            kind: Kind::Array(&Kind::Struct(&LAST_ASSIGNMENT_CONFIG)),
            nullable: Some((0, i16::MAX)),
            tag: Some((1, 0, i16::MAX)),
            doc: "Configuration with which the last assignment was made; null if it is not known.",
            ..Field::PLAIN
        },
    ],
};

/// `LastAssignmentConfig`.
static LAST_ASSIGNMENT_CONFIG: [Field; 2] = [
    Field { name: "key", kind: Kind::String, doc: "The key.", ..Field::PLAIN },
    Field { name: "value", kind: Kind::String, doc: "The value.", ..Field::PLAIN },
];
