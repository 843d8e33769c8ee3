// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the structures of `GroupMetadata` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static GROUP_METADATA_KEY: Schema = Schema {
    name: "GroupMetadataKey",
    versions: 0..=0,
    flexible_from: None,
    prefix: Prefix::Type(2),
    fields: &[Field { name: "group", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN }],
};

pub(in crate::explain) static GROUP_METADATA_VALUE: Schema = Schema {
    name: "GroupMetadataValue",
    versions: 0..=4,
    flexible_from: Some(4),
    prefix: Prefix::Version,
    fields: &[
        Field {
            name: "protocolType",
            kind: Kind::String,
            doc: "What the group is for, such as `consumer`; empty if it is not known.",
            ..Field::PLAIN
        },
        Field { name: "generation", kind: Kind::Int32, doc: "Number of the generation.", ..Field::PLAIN },
        Field {
            name: "protocol",
            kind: Kind::String,
            nullable: Some((0, i16::MAX)),
            doc: "The protocol that the group chose, such as an assignor; null if it chose none.",
            ..Field::PLAIN
        },
        Field {
            name: "leader",
            kind: Kind::String,
            nullable: Some((0, i16::MAX)),
            doc: "Member id of the leader; null if there is none.",
            ..Field::PLAIN
        },
        Field {
            name: "currentStateTimestamp",
            kind: Kind::Int64,
            versions: (2, i16::MAX),
            doc: "When the group came into its state, in Unix milliseconds; -1 if it is not known.",
            ..Field::PLAIN
        },
        Field {
            name: "members",
            kind: Kind::Array(&Kind::Struct(&MEMBER_METADATA)),
            doc: "The members; none where the group is empty.",
            ..Field::PLAIN
        },
    ],
};

/// `MemberMetadata`.
static MEMBER_METADATA: [Field; 8] = [
    Field { name: "memberId", kind: Kind::String, doc: "Id of the member in its group.", ..Field::PLAIN },
    Field {
        name: "groupInstanceId",
        kind: Kind::String,
        versions: (3, i16::MAX),
        nullable: Some((3, i16::MAX)),
        doc: "Name of a static member, which stays the same when the member starts anew; null for a dynamic one (KIP-345).",
        ..Field::PLAIN
    },
    Field {
        name: "clientId",
        kind: Kind::String,
        doc: "Name that the client gave itself when it joined.",
        ..Field::PLAIN
    },
    Field {
        name: "clientHost",
        kind: Kind::String,
        doc: "Address from which the client is connected.",
        ..Field::PLAIN
    },
    Field {
        name: "rebalanceTimeout",
        kind: Kind::Int32,
        versions: (1, i16::MAX),
        doc: "How long the others wait for this member to join again, in milliseconds; -1 if it is not known.",
        ..Field::PLAIN
    },
    Field {
        name: "sessionTimeout",
        kind: Kind::Int32,
        doc: "After how long without a heartbeat the member counts as dead, in milliseconds.",
        ..Field::PLAIN
    },
    Field {
        name: "subscription",
        kind: Kind::Bytes,
        holds: Some(&crate::explain::tables::data::consumer_protocol::CONSUMER_PROTOCOL_SUBSCRIPTION),
        doc: "What the member said in the chosen protocol.",
        ..Field::PLAIN
    },
    Field {
        name: "assignment",
        kind: Kind::Bytes,
        holds: Some(&crate::explain::tables::data::consumer_protocol::CONSUMER_PROTOCOL_ASSIGNMENT),
        doc: "What the member is assigned, in the form of the protocol.",
        ..Field::PLAIN
    },
];
