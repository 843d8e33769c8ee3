// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `JoinGroup` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "JoinGroupRequest",
    versions: 0..=9,
    flexible_from: Some(6),
    prefix: Prefix::Nothing,
    fields: &[
        Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
        Field {
            name: "sessionTimeoutMs",
            kind: Kind::Int32,
            doc: "After how long without a heartbeat the member counts as dead, in milliseconds.",
            ..Field::PLAIN
        },
        Field {
            name: "rebalanceTimeoutMs",
            kind: Kind::Int32,
            versions: (1, i16::MAX),
            doc: "How long the others wait for this member to join again in a rebalance, in milliseconds; -1, as from v0, for the session timeout.",
            ..Field::PLAIN
        },
        Field {
            name: "memberId",
            kind: Kind::String,
            doc: "Id that the coordinator gave the member; empty from a new one.",
            ..Field::PLAIN
        },
        Field {
            name: "groupInstanceId",
            kind: Kind::String,
            versions: (5, i16::MAX),
            nullable: Some((5, i16::MAX)),
            doc: "Name of a static member, which stays the same when the member starts anew; null for a dynamic one (KIP-345).",
            ..Field::PLAIN
        },
        Field {
            name: "protocolType",
            kind: Kind::String,
            doc: "What the group is for: `consumer` of consumers, `connect` of Kafka Connect.",
            ..Field::PLAIN
        },
        Field {
            name: "protocols",
            kind: Kind::Array(&Kind::Struct(&JOIN_GROUP_REQUEST_PROTOCOL)),
            doc: "The protocols that the member can follow, the one that it likes best first.",
            ..Field::PLAIN
        },
        Field {
            name: "reason",
            kind: Kind::String,
            versions: (8, i16::MAX),
            nullable: Some((8, i16::MAX)),
            doc: "Why the member joins, for logs.",
            ..Field::PLAIN
        },
    ],
};

/// `JoinGroupRequestProtocol`.
static JOIN_GROUP_REQUEST_PROTOCOL: [Field; 2] = [
    Field {
        name: "name",
        kind: Kind::String,
        doc: "Name of the protocol, such as an assignor.",
        ..Field::PLAIN
    },
    Field {
        name: "metadata",
        kind: Kind::Bytes,
        holds: Some(&crate::explain::tables::data::consumer_protocol::CONSUMER_PROTOCOL_SUBSCRIPTION),
        doc: "What the member tells the leader, in the form of the protocol: a consumer's subscription.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "JoinGroupResponse",
    versions: 0..=9,
    flexible_from: Some(6),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "throttleTimeMs",
            kind: Kind::Int32,
            versions: (2, i16::MAX),
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
            name: "generationId",
            kind: Kind::Int32,
            doc: "Generation that the member is part of; -1 if it is in none.",
            ..Field::PLAIN
        },
        Field {
            name: "protocolType",
            kind: Kind::String,
            versions: (7, i16::MAX),
            nullable: Some((7, i16::MAX)),
            doc: "What the group is for: `consumer` of consumers, `connect` of Kafka Connect.",
            ..Field::PLAIN
        },
        Field {
            name: "protocolName",
            kind: Kind::String,
            nullable: Some((7, i16::MAX)),
            doc: "The protocol that the coordinator chose, one that all members can follow; null or empty if it chose none.",
            ..Field::PLAIN
        },
        Field {
            name: "leader",
            kind: Kind::String,
            doc: "Member id of the leader, who assigns the partitions.",
            ..Field::PLAIN
        },
        Field {
            name: "skipAssignment",
            kind: Kind::Bool,
            versions: (9, i16::MAX),
            doc: "Whether the leader leaves the assignment as it is, and only reads the members (KIP-814).",
            ..Field::PLAIN
        },
        Field {
            name: "memberId",
            kind: Kind::String,
            doc: "Id of the member that asked, newly given to one that had none.",
            ..Field::PLAIN
        },
        Field {
            name: "members",
            kind: Kind::Array(&Kind::Struct(&JOIN_GROUP_RESPONSE_MEMBER)),
            doc: "All members; empty unless the leader is answered.",
            ..Field::PLAIN
        },
    ],
};

/// `JoinGroupResponseMember`.
static JOIN_GROUP_RESPONSE_MEMBER: [Field; 3] = [
    Field { name: "memberId", kind: Kind::String, doc: "Id of the member in its group.", ..Field::PLAIN },
    Field {
        name: "groupInstanceId",
        kind: Kind::String,
        versions: (5, i16::MAX),
        nullable: Some((5, i16::MAX)),
        doc: "Name of a static member, which stays the same when the member starts anew; null for a dynamic one (KIP-345).",
        ..Field::PLAIN
    },
    Field {
        name: "metadata",
        kind: Kind::Bytes,
        holds: Some(&crate::explain::tables::data::consumer_protocol::CONSUMER_PROTOCOL_SUBSCRIPTION),
        doc: "What the member said in the chosen protocol.",
        ..Field::PLAIN
    },
];
