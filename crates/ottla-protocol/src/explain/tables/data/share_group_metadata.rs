// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the structures of `ShareGroupMetadata` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static SHARE_GROUP_METADATA_KEY: Schema = Schema {
    name: "ShareGroupMetadataKey",
    versions: 0..=0,
    flexible_from: None,
    prefix: Prefix::Type(11),
    fields: &[Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN }],
};

pub(in crate::explain) static SHARE_GROUP_METADATA_VALUE: Schema = Schema {
    name: "ShareGroupMetadataValue",
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
    ],
};
