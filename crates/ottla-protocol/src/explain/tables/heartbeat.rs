// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `Heartbeat` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "HeartbeatRequest",
    versions: 0..=4,
    flexible_from: Some(4),
    prefix: Prefix::Nothing,
    fields: &[
        Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
        Field {
            name: "generationId",
            kind: Kind::Int32,
            doc: "Generation that the member last joined; an older one is answered `ILLEGAL_GENERATION`.",
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
    ],
};

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "HeartbeatResponse",
    versions: 0..=4,
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
    ],
};
