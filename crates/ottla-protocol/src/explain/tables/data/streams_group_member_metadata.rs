// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the structures of `StreamsGroupMemberMetadata` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static STREAMS_GROUP_MEMBER_METADATA_KEY: Schema = Schema {
    name: "StreamsGroupMemberMetadataKey",
    versions: 0..=0,
    flexible_from: None,
    prefix: Prefix::Type(19),
    fields: &[
        Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
        Field { name: "memberId", kind: Kind::String, doc: "Id of the member in its group.", ..Field::PLAIN },
    ],
};

pub(in crate::explain) static STREAMS_GROUP_MEMBER_METADATA_VALUE: Schema = Schema {
    name: "StreamsGroupMemberMetadataValue",
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
            name: "rebalanceTimeoutMs",
            kind: Kind::Int32,
            doc: "How long the member may take to give tasks up, in milliseconds; -1 if it is not known.",
            ..Field::PLAIN
        },
        Field {
            name: "topologyEpoch",
            kind: Kind::Int32,
            doc: "Epoch of the topology that the member has.",
            ..Field::PLAIN
        },
        Field {
            name: "processId",
            kind: Kind::String,
            doc: "Id of the process, which may hold several members.",
            ..Field::PLAIN
        },
        Field {
            name: "userEndpoint",
            kind: Kind::Struct(&ENDPOINT),
            nullable: Some((0, i16::MAX)),
            doc: "Where the member answers interactive queries; null if it does not.",
            ..Field::PLAIN
        },
        Field {
            name: "clientTags",
            kind: Kind::Array(&Kind::Struct(&KEY_VALUE)),
            doc: "Tags of the client, for assignments that mind racks.",
            ..Field::PLAIN
        },
    ],
};

/// `Endpoint`.
static ENDPOINT: [Field; 2] = [
    Field { name: "host", kind: Kind::String, doc: "Host name or address.", ..Field::PLAIN },
    Field { name: "port", kind: Kind::Uint16, doc: "Port.", ..Field::PLAIN },
];

/// `KeyValue`.
static KEY_VALUE: [Field; 2] = [
    Field { name: "key", kind: Kind::String, doc: "The key.", ..Field::PLAIN },
    Field { name: "value", kind: Kind::String, doc: "The value.", ..Field::PLAIN },
];
