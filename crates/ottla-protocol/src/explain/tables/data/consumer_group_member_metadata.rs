// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the structures of `ConsumerGroupMemberMetadata` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static CONSUMER_GROUP_MEMBER_METADATA_KEY: Schema = Schema {
    name: "ConsumerGroupMemberMetadataKey",
    versions: 0..=0,
    flexible_from: None,
    prefix: Prefix::Type(5),
    fields: &[
        Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
        Field { name: "memberId", kind: Kind::String, doc: "Id of the member in its group.", ..Field::PLAIN },
    ],
};

pub(in crate::explain) static CONSUMER_GROUP_MEMBER_METADATA_VALUE: Schema = Schema {
    name: "ConsumerGroupMemberMetadataValue",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::Version,
    fields: &[
        Field {
            name: "instanceId",
            kind: Kind::String,
            nullable: Some((0, i16::MAX)),
            doc: "Name of a static member, which stays the same when the member starts anew; null for a dynamic one.",
            ..Field::PLAIN
        },
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
        Field {
            name: "subscribedTopicRegex",
            kind: Kind::String,
            nullable: Some((0, i16::MAX)),
            doc: "Pattern of names that the member subscribes to; null for none.",
            ..Field::PLAIN
        },
        Field {
            name: "rebalanceTimeoutMs",
            kind: Kind::Int32,
            doc: "How long the member may take to give partitions up, in milliseconds; -1 if it is not known.",
            ..Field::PLAIN
        },
        Field {
            name: "serverAssignor",
            kind: Kind::String,
            nullable: Some((0, i16::MAX)),
            doc: "Assignor of the coordinator that the member wants; null if it does not mind.",
            ..Field::PLAIN
        },
        Field {
            name: "classicMemberMetadata",
            kind: Kind::Struct(&CLASSIC_MEMBER_METADATA),
            nullable: Some((0, i16::MAX)),
            tag: Some((0, 0, i16::MAX)),
            doc: "What the member said in the classic protocol; null if it speaks that of KIP-848.",
            ..Field::PLAIN
        },
    ],
};

/// `ClassicMemberMetadata`.
static CLASSIC_MEMBER_METADATA: [Field; 2] = [
    Field {
        name: "sessionTimeoutMs",
        kind: Kind::Int32,
        doc: "After how long without a heartbeat the member counts as dead, in milliseconds.",
        ..Field::PLAIN
    },
    Field {
        name: "supportedProtocols",
        kind: Kind::Array(&Kind::Struct(&CLASSIC_PROTOCOL)),
        doc: "The protocols that the member can follow.",
        ..Field::PLAIN
    },
];

/// `ClassicProtocol`.
static CLASSIC_PROTOCOL: [Field; 2] = [
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
        doc: "What the member says, in the form of the protocol.",
        ..Field::PLAIN
    },
];
