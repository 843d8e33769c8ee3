// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `DescribeCluster` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "DescribeClusterRequest",
    versions: 0..=2,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "includeClusterAuthorizedOperations",
            kind: Kind::Bool,
            doc: "Whether to say what the client may do to the cluster.",
            ..Field::PLAIN
        },
        Field {
            name: "endpointType",
            kind: Kind::Int8,
            versions: (1, i16::MAX),
            doc: "Which nodes to list: 1 brokers, 2 controllers.",
            ..Field::PLAIN
        },
        Field {
            name: "includeFencedBrokers",
            kind: Kind::Bool,
            versions: (2, i16::MAX),
            doc: "Whether to list brokers that are registered but may not serve.",
            ..Field::PLAIN
        },
    ],
};

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "DescribeClusterResponse",
    versions: 0..=2,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "throttleTimeMs",
            kind: Kind::Int32,
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
            name: "errorMessage",
            kind: Kind::String,
            nullable: Some((0, i16::MAX)),
            doc: "What went wrong, in words, where the code does not say it all.",
            ..Field::PLAIN
        },
        Field {
            name: "endpointType",
            kind: Kind::Int8,
            versions: (1, i16::MAX),
            doc: "Which nodes are listed: 1 brokers, 2 controllers.",
            ..Field::PLAIN
        },
        Field { name: "clusterId", kind: Kind::String, doc: "Id of the cluster.", ..Field::PLAIN },
        Field {
            name: "controllerId",
            kind: Kind::Int32,
            doc: "Node to send administrative requests to; -1 if there is none at the moment.",
            ..Field::PLAIN
        },
        Field {
            name: "brokers",
            kind: Kind::Array(&Kind::Struct(&DESCRIBE_CLUSTER_BROKER)),
            doc: "The nodes.",
            ..Field::PLAIN
        },
        Field {
            name: "clusterAuthorizedOperations",
            kind: Kind::Int32,
            doc: "What the client may do to the cluster, a bit an operation; the default stands for \"not asked\".",
            ..Field::PLAIN
        },
    ],
};

/// `DescribeClusterBroker`.
static DESCRIBE_CLUSTER_BROKER: [Field; 5] = [
    Field { name: "brokerId", kind: Kind::Int32, doc: "Id of the node.", ..Field::PLAIN },
    Field {
        name: "host",
        kind: Kind::String,
        doc: "Host name or address under which clients reach the broker.",
        ..Field::PLAIN
    },
    Field {
        name: "port",
        kind: Kind::Int32,
        doc: "Port under which clients reach the broker.",
        ..Field::PLAIN
    },
    Field {
        name: "rack",
        kind: Kind::String,
        nullable: Some((0, i16::MAX)),
        doc: "Rack or zone of the broker; null if it was given none.",
        ..Field::PLAIN
    },
    Field {
        name: "isFenced",
        kind: Kind::Bool,
        versions: (2, i16::MAX),
        doc: "Whether it is registered but may not serve.",
        ..Field::PLAIN
    },
];
