// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `LeaveGroup` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "LeaveGroupRequest",
    versions: 0..=5,
    flexible_from: Some(4),
    prefix: Prefix::Nothing,
    fields: &[
        Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
        Field {
            name: "memberId",
            kind: Kind::String,
            versions: (0, 2),
            doc: "Id of the member in its group.",
            ..Field::PLAIN
        },
        Field {
            name: "members",
            kind: Kind::Array(&Kind::Struct(&MEMBER_IDENTITY)),
            versions: (3, i16::MAX),
            doc: "The members that leave.",
            ..Field::PLAIN
        },
    ],
};

/// `MemberIdentity`.
static MEMBER_IDENTITY: [Field; 3] = [
    Field {
        name: "memberId",
        kind: Kind::String,
        doc: "Id of the member; may be empty for a static one.",
        ..Field::PLAIN
    },
    Field {
        name: "groupInstanceId",
        kind: Kind::String,
        nullable: Some((3, i16::MAX)),
        doc: "Name of a static member, which stays the same when the member starts anew; null for a dynamic one (KIP-345).",
        ..Field::PLAIN
    },
    Field {
        name: "reason",
        kind: Kind::String,
        versions: (5, i16::MAX),
        nullable: Some((5, i16::MAX)),
        doc: "Why the member leaves, for logs.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "LeaveGroupResponse",
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
            name: "members",
            kind: Kind::Array(&Kind::Struct(&MEMBER_RESPONSE)),
            versions: (3, i16::MAX),
            doc: "The members of the request.",
            ..Field::PLAIN
        },
    ],
};

/// `MemberResponse`.
static MEMBER_RESPONSE: [Field; 3] = [
    Field { name: "memberId", kind: Kind::String, doc: "Id of the member in its group.", ..Field::PLAIN },
    Field {
        name: "groupInstanceId",
        kind: Kind::String,
        nullable: Some((3, i16::MAX)),
        doc: "Name of a static member, which stays the same when the member starts anew; null for a dynamic one (KIP-345).",
        ..Field::PLAIN
    },
    Field {
        name: "errorCode",
        kind: Kind::ErrorCode,
        doc: "What went wrong; `NONE` if nothing did.",
        ..Field::PLAIN
    },
];
