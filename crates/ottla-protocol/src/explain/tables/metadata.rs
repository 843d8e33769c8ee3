// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `Metadata` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "MetadataRequest",
    versions: 0..=13,
    flexible_from: Some(9),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&METADATA_REQUEST_TOPIC)),
            nullable: Some((1, i16::MAX)),
            doc: "Topics to describe. Null asks for all of them, none for no topic; in v0, which has no null, none asks for all.",
            ..Field::PLAIN
        },
        Field {
            name: "allowAutoTopicCreation",
            kind: Kind::Bool,
            versions: (4, i16::MAX),
            doc: "Whether the broker may create a topic that is missing, if it is set up to.",
            ..Field::PLAIN
        },
        Field {
            name: "includeClusterAuthorizedOperations",
            kind: Kind::Bool,
            versions: (8, 10),
            doc: "Whether to say what the client may do to the cluster.",
            ..Field::PLAIN
        },
        Field {
            name: "includeTopicAuthorizedOperations",
            kind: Kind::Bool,
            versions: (8, i16::MAX),
            doc: "Whether to say what the client may do to each topic.",
            ..Field::PLAIN
        },
    ],
};

/// `MetadataRequestTopic`.
static METADATA_REQUEST_TOPIC: [Field; 2] = [
    Field {
        name: "topicId",
        kind: Kind::Uuid,
        versions: (10, i16::MAX),
        doc: "Id of the topic; all zeros to ask by name.",
        ..Field::PLAIN
    },
    Field {
        name: "name",
        kind: Kind::String,
        nullable: Some((10, i16::MAX)),
        doc: "Name of the topic; null to ask by id.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "MetadataResponse",
    versions: 0..=13,
    flexible_from: Some(9),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "throttleTimeMs",
            kind: Kind::Int32,
            versions: (3, i16::MAX),
            doc: "How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it does not.",
            ..Field::PLAIN
        },
        Field {
            name: "brokers",
            kind: Kind::Array(&Kind::Struct(&METADATA_RESPONSE_BROKER)),
            doc: "Every broker that is alive.",
            ..Field::PLAIN
        },
        Field {
            name: "clusterId",
            kind: Kind::String,
            versions: (2, i16::MAX),
            nullable: Some((2, i16::MAX)),
            doc: "Id of the cluster; null if it has none yet.",
            ..Field::PLAIN
        },
        Field {
            name: "controllerId",
            kind: Kind::Int32,
            versions: (1, i16::MAX),
            doc: "Node to send administrative requests to; -1 if there is none at the moment.",
            ..Field::PLAIN
        },
        Field {
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&METADATA_RESPONSE_TOPIC)),
            doc: "The topics that were asked for, each with its own error.",
            ..Field::PLAIN
        },
        Field {
            name: "clusterAuthorizedOperations",
            kind: Kind::Int32,
            versions: (8, 10),
            doc: "What the client may do to the cluster, a bit an operation; the default stands for \"not asked\".",
            ..Field::PLAIN
        },
        Field {
            name: "errorCode",
            kind: Kind::ErrorCode,
            versions: (13, i16::MAX),
            doc: "What went wrong with the request as a whole.",
            ..Field::PLAIN
        },
    ],
};

/// `MetadataResponseBroker`.
static METADATA_RESPONSE_BROKER: [Field; 4] = [
    Field { name: "nodeId", kind: Kind::Int32, doc: "Id of the broker.", ..Field::PLAIN },
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
        versions: (1, i16::MAX),
        nullable: Some((1, i16::MAX)),
        doc: "Rack or zone of the broker; null if it was given none.",
        ..Field::PLAIN
    },
];

/// `MetadataResponseTopic`.
static METADATA_RESPONSE_TOPIC: [Field; 6] = [
    Field {
        name: "errorCode",
        kind: Kind::ErrorCode,
        doc: "Why the topic cannot be described; `NONE` if it is.",
        ..Field::PLAIN
    },
    Field {
        name: "name",
        kind: Kind::String,
        nullable: Some((12, i16::MAX)),
        doc: "Name of the topic; null for an unknown topic that was asked for by id.",
        ..Field::PLAIN
    },
    Field {
        name: "topicId",
        kind: Kind::Uuid,
        versions: (10, i16::MAX),
        doc: "Id of the topic; all zeros for an unknown topic that was asked for by name.",
        ..Field::PLAIN
    },
    Field {
        name: "isInternal",
        kind: Kind::Bool,
        versions: (1, i16::MAX),
        doc: "Whether the topic belongs to the cluster itself, like `__consumer_offsets`.",
        ..Field::PLAIN
    },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&METADATA_RESPONSE_PARTITION)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
    Field {
        name: "topicAuthorizedOperations",
        kind: Kind::Int32,
        versions: (8, i16::MAX),
        doc: "What the client may do to the topic, a bit an operation; the default stands for \"not asked\".",
        ..Field::PLAIN
    },
];

/// `MetadataResponsePartition`.
static METADATA_RESPONSE_PARTITION: [Field; 7] = [
    Field {
        name: "errorCode",
        kind: Kind::ErrorCode,
        doc: "Why the partition cannot be used, such as `LEADER_NOT_AVAILABLE`.",
        ..Field::PLAIN
    },
    Field {
        name: "partitionIndex",
        kind: Kind::Int32,
        doc: "Number of the partition in its topic, from 0.",
        ..Field::PLAIN
    },
    Field {
        name: "leaderId",
        kind: Kind::Int32,
        doc: "Node that leads the partition; -1 if none does or it is not known.",
        ..Field::PLAIN
    },
    Field {
        name: "leaderEpoch",
        kind: Kind::Int32,
        versions: (7, i16::MAX),
        doc: "Number of the leadership, which grows with each new leader; -1 if it is not known.",
        ..Field::PLAIN
    },
    Field {
        name: "replicaNodes",
        kind: Kind::Array(&Kind::Int32),
        doc: "Nodes that hold the partition, the preferred leader first.",
        ..Field::PLAIN
    },
    Field {
        name: "isrNodes",
        kind: Kind::Array(&Kind::Int32),
        doc: "Those of them that have all that was acknowledged.",
        ..Field::PLAIN
    },
    Field {
        name: "offlineReplicas",
        kind: Kind::Array(&Kind::Int32),
        versions: (5, i16::MAX),
        doc: "Those of them that cannot be reached or whose disk failed.",
        ..Field::PLAIN
    },
];
