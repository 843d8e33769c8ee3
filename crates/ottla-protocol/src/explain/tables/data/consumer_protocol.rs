// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the structures of `ConsumerProtocol` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static CONSUMER_PROTOCOL_SUBSCRIPTION: Schema = Schema {
    name: "ConsumerProtocolSubscription",
    versions: 0..=3,
    flexible_from: None,
    prefix: Prefix::Version,
    fields: &[
        Field {
            name: "topics",
            kind: Kind::Array(&Kind::String),
            doc: "Names of the topics that the member subscribes to.",
            ..Field::PLAIN
        },
        Field {
            name: "userData",
            kind: Kind::Bytes,
            nullable: Some((0, i16::MAX)),
            doc: "What the assignor of the member adds, in a form of its own.",
            ..Field::PLAIN
        },
        Field {
            name: "ownedPartitions",
            kind: Kind::Array(&Kind::Struct(&OWNED_PARTITIONS)),
            versions: (1, i16::MAX),
            doc: "The partitions that the member owns as it joins.",
            ..Field::PLAIN
        },
        Field {
            name: "generationId",
            kind: Kind::Int32,
            versions: (2, i16::MAX),
            doc: "Generation in which the member came to own them; -1 if it is not known.",
            ..Field::PLAIN
        },
        Field {
            name: "rackId",
            kind: Kind::String,
            versions: (3, i16::MAX),
            nullable: Some((3, i16::MAX)),
            doc: "Rack or zone of the member; null if it was given none.",
            ..Field::PLAIN
        },
    ],
};

/// `OwnedPartitions`.
static OWNED_PARTITIONS: [Field; 2] = [
    Field { name: "topic", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Int32),
        doc: "Numbers of the partitions.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static CONSUMER_PROTOCOL_ASSIGNMENT: Schema = Schema {
    name: "ConsumerProtocolAssignment",
    versions: 0..=3,
    flexible_from: None,
    prefix: Prefix::Version,
    fields: &[
        Field {
            name: "assignedPartitions",
            kind: Kind::Array(&Kind::Struct(&ASSIGNED_PARTITIONS)),
            doc: "The partitions that the member is to read.",
            ..Field::PLAIN
        },
        Field {
            name: "userData",
            kind: Kind::Bytes,
            nullable: Some((0, i16::MAX)),
            doc: "What the assignor adds, in a form of its own.",
            ..Field::PLAIN
        },
    ],
};

/// `AssignedPartitions`.
static ASSIGNED_PARTITIONS: [Field; 2] = [
    Field { name: "topic", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Int32),
        doc: "Numbers of the partitions.",
        ..Field::PLAIN
    },
];
