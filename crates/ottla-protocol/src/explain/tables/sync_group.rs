// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `SyncGroup` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "SyncGroupRequest",
    versions: 0..=5,
    flexible_from: Some(4),
    prefix: Prefix::Nothing,
    fields: &[
        Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
        Field {
            name: "generationId",
            kind: Kind::Int32,
            doc: "Generation that the member joined.",
            ..Field::PLAIN
        },
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
            name: "protocolType",
            kind: Kind::String,
            versions: (5, i16::MAX),
            nullable: Some((5, i16::MAX)),
            doc: "What the group is for: `consumer` of consumers, `connect` of Kafka Connect.",
            ..Field::PLAIN
        },
        Field {
            name: "protocolName",
            kind: Kind::String,
            versions: (5, i16::MAX),
            nullable: Some((5, i16::MAX)),
            doc: "The protocol that the group chose, such as an assignor.",
            ..Field::PLAIN
        },
        Field {
            name: "assignments",
            kind: Kind::Array(&Kind::Struct(&SYNC_GROUP_REQUEST_ASSIGNMENT)),
            doc: "What each member is assigned; empty unless the leader asks.",
            ..Field::PLAIN
        },
    ],
};

/// `SyncGroupRequestAssignment`.
static SYNC_GROUP_REQUEST_ASSIGNMENT: [Field; 2] = [
    Field { name: "memberId", kind: Kind::String, doc: "Id of the member in its group.", ..Field::PLAIN },
    Field {
        name: "assignment",
        kind: Kind::Bytes,
        holds: Some(&crate::explain::tables::data::consumer_protocol::CONSUMER_PROTOCOL_ASSIGNMENT),
        doc: "The assignment, in the form of the protocol.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "SyncGroupResponse",
    versions: 0..=5,
    flexible_from: Some(4),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "throttleTimeMs",
            kind: Kind::Int32,
            versions: (1, i16::MAX),
            doc: "How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it does not.",
            ..Field::PLAIN
        },
        Field {
            name: "errorCode",
            kind: Kind::ErrorCode,
            doc: "What went wrong; `NONE` if nothing did.",
            ..Field::PLAIN
        },
        Field {
            name: "protocolType",
            kind: Kind::String,
            versions: (5, i16::MAX),
            nullable: Some((5, i16::MAX)),
            doc: "What the group is for: `consumer` of consumers, `connect` of Kafka Connect.",
            ..Field::PLAIN
        },
        Field {
            name: "protocolName",
            kind: Kind::String,
            versions: (5, i16::MAX),
            nullable: Some((5, i16::MAX)),
            doc: "The protocol that the group chose, such as an assignor.",
            ..Field::PLAIN
        },
        Field {
            name: "assignment",
            kind: Kind::Bytes,
            holds: Some(&crate::explain::tables::data::consumer_protocol::CONSUMER_PROTOCOL_ASSIGNMENT),
            doc: "The assignment, in the form of the protocol; empty if the leader gave the member none.",
            ..Field::PLAIN
        },
    ],
};
