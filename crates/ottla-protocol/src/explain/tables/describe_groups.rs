// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `DescribeGroups` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "DescribeGroupsRequest",
    versions: 0..=6,
    flexible_from: Some(5),
    prefix: Prefix::Nothing,
    fields: &[
        Field { name: "groups", kind: Kind::Array(&Kind::String), doc: "Ids of the groups.", ..Field::PLAIN },
        Field {
            name: "includeAuthorizedOperations",
            kind: Kind::Bool,
            versions: (3, i16::MAX),
            doc: "Whether to say what the client may do to each of them.",
            ..Field::PLAIN
        },
    ],
};

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "DescribeGroupsResponse",
    versions: 0..=6,
    flexible_from: Some(5),
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
            name: "groups",
            kind: Kind::Array(&Kind::Struct(&DESCRIBED_GROUP)),
            doc: "The groups of the request.",
            ..Field::PLAIN
        },
    ],
};

/// `DescribedGroup`.
static DESCRIBED_GROUP: [Field; 8] = [
    Field {
        name: "errorCode",
        kind: Kind::ErrorCode,
        doc: "What went wrong; `NONE` if nothing did.",
        ..Field::PLAIN
    },
    Field {
        name: "errorMessage",
        kind: Kind::String,
        versions: (6, i16::MAX),
        nullable: Some((6, i16::MAX)),
        doc: "What went wrong, in words, where the code does not say it all.",
        ..Field::PLAIN
    },
    Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
    Field {
        name: "groupState",
        kind: Kind::String,
        doc: "State of the group: `PreparingRebalance`, `CompletingRebalance`, `Stable`, `Empty` or `Dead`.",
        ..Field::PLAIN
    },
    Field {
        name: "protocolType",
        kind: Kind::String,
        doc: "What the group is for, such as `consumer`; empty if it is not known.",
        ..Field::PLAIN
    },
    Field {
        name: "protocolData",
        kind: Kind::String,
        doc: "The protocol that the group chose, such as an assignor; empty unless it is stable.",
        ..Field::PLAIN
    },
    Field {
        name: "members",
        kind: Kind::Array(&Kind::Struct(&DESCRIBED_GROUP_MEMBER)),
        doc: "The members of the group.",
        ..Field::PLAIN
    },
    Field {
        name: "authorizedOperations",
        kind: Kind::Int32,
        versions: (3, i16::MAX),
        doc: "What the client may do to it, a bit an operation; the default stands for \"not asked\".",
        ..Field::PLAIN
    },
];

/// `DescribedGroupMember`.
static DESCRIBED_GROUP_MEMBER: [Field; 6] = [
    Field { name: "memberId", kind: Kind::String, doc: "Id of the member in its group.", ..Field::PLAIN },
    Field {
        name: "groupInstanceId",
        kind: Kind::String,
        versions: (4, i16::MAX),
        nullable: Some((4, i16::MAX)),
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
        name: "memberMetadata",
        kind: Kind::Bytes,
        holds: Some(&crate::explain::tables::data::consumer_protocol::CONSUMER_PROTOCOL_SUBSCRIPTION),
        doc: "What the member said in the chosen protocol; empty unless the group is stable.",
        ..Field::PLAIN
    },
    Field {
        name: "memberAssignment",
        kind: Kind::Bytes,
        holds: Some(&crate::explain::tables::data::consumer_protocol::CONSUMER_PROTOCOL_ASSIGNMENT),
        doc: "What the member is assigned, in the form of the protocol; empty unless the group is stable.",
        ..Field::PLAIN
    },
];
