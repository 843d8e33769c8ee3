// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the structures of `ShareGroupMemberMetadata` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static SHARE_GROUP_MEMBER_METADATA_KEY: Schema = Schema {
    name: "ShareGroupMemberMetadataKey",
    versions: 0..=0,
    flexible_from: None,
    prefix: Prefix::Type(10),
    fields: &[
        Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
        Field { name: "memberId", kind: Kind::String, doc: "Id of the member in its group.", ..Field::PLAIN },
    ],
};

pub(in crate::explain) static SHARE_GROUP_MEMBER_METADATA_VALUE: Schema = Schema {
    name: "ShareGroupMemberMetadataValue",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::Version,
    fields: &[
        Field {
            name: "rackId",
            kind: Kind::String,
            nullable: Some((0, i16::MAX)),
            doc: "Rack or zone of the member; null if it was given none.",
            ..Field::PLAIN
        },
        Field {
            name: "clientId",
            kind: Kind::String,
            doc: "Name that the client gives itself.",
            ..Field::PLAIN
        },
        Field {
            name: "clientHost",
            kind: Kind::String,
            doc: "Address from which the client is connected.",
            ..Field::PLAIN
        },
        Field {
            name: "subscribedTopicNames",
            kind: Kind::Array(&Kind::String),
            doc: "Names of the topics that the member subscribes to.",
            ..Field::PLAIN
        },
    ],
};
