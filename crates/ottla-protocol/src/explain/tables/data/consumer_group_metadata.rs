// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the structures of `ConsumerGroupMetadata` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static CONSUMER_GROUP_METADATA_KEY: Schema = Schema {
    name: "ConsumerGroupMetadataKey",
    versions: 0..=0,
    flexible_from: None,
    prefix: Prefix::Type(3),
    fields: &[Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN }],
};

pub(in crate::explain) static CONSUMER_GROUP_METADATA_VALUE: Schema = Schema {
    name: "ConsumerGroupMetadataValue",
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
            tag: Some((0, 0, i16::MAX)),
            doc: "Hash of the metadata of all topics that the group reads; 0 if it is not known.",
            ..Field::PLAIN
        },
    ],
};
