// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `DescribeQuorum` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "DescribeQuorumRequest",
    versions: 0..=2,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[Field {
        name: "topics",
        kind: Kind::Array(&Kind::Struct(&TOPIC_DATA_REQUEST)),
        doc: "The topics, each with its partitions.",
        ..Field::PLAIN
    }],
};

/// `TopicDataRequest`.
static TOPIC_DATA_REQUEST: [Field; 2] = [
    Field { name: "topicName", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&PARTITION_DATA_REQUEST)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `PartitionDataRequest`.
static PARTITION_DATA_REQUEST: [Field; 1] = [Field {
    name: "partitionIndex",
    kind: Kind::Int32,
    doc: "Number of the partition in its topic, from 0.",
    ..Field::PLAIN
}];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "DescribeQuorumResponse",
    versions: 0..=2,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "errorCode",
            kind: Kind::ErrorCode,
            doc: "What went wrong with the request as a whole; `NONE` if nothing did.",
            ..Field::PLAIN
        },
        Field {
            name: "errorMessage",
            kind: Kind::String,
            versions: (2, i16::MAX),
            nullable: Some((2, i16::MAX)),
            doc: "What went wrong, in words, where the code does not say it all.",
            ..Field::PLAIN
        },
        Field {
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&TOPIC_DATA)),
            doc: "The topics of the request.",
            ..Field::PLAIN
        },
        Field {
            name: "nodes",
            kind: Kind::Array(&Kind::Struct(&NODE)),
            versions: (2, i16::MAX),
            doc: "The nodes of the quorum.",
            ..Field::PLAIN
        },
    ],
};

/// `TopicData`.
static TOPIC_DATA: [Field; 2] = [
    Field { name: "topicName", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&PARTITION_DATA)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `PartitionData`.
static PARTITION_DATA: [Field; 8] = [
    Field {
        name: "partitionIndex",
        kind: Kind::Int32,
        doc: "Number of the partition in its topic, from 0.",
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
        versions: (2, i16::MAX),
        nullable: Some((2, i16::MAX)),
        doc: "What went wrong, in words, where the code does not say it all.",
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
        doc: "Number of the leadership, which grows with each new leader; -1 if it is not known.",
        ..Field::PLAIN
    },
    Field {
        name: "highWatermark",
        kind: Kind::Int64,
        doc: "Offset after the last record that consumers may see.",
        ..Field::PLAIN
    },
    Field {
        name: "currentVoters",
        kind: Kind::Array(&Kind::Struct(&REPLICA_STATE)),
        doc: "The controllers that vote.",
        ..Field::PLAIN
    },
    Field {
        name: "observers",
        kind: Kind::Array(&Kind::Struct(&REPLICA_STATE)),
        doc: "The nodes that read and do not vote.",
        ..Field::PLAIN
    },
];

/// `ReplicaState`.
static REPLICA_STATE: [Field; 5] = [
    Field { name: "replicaId", kind: Kind::Int32, doc: "Id of the node.", ..Field::PLAIN },
    Field {
        name: "replicaDirectoryId",
        kind: Kind::Uuid,
        versions: (2, i16::MAX),
        doc: "Id of the folder in which the node keeps the log.",
        ..Field::PLAIN
    },
    Field {
        name: "logEndOffset",
        kind: Kind::Int64,
        doc: "Offset after the last record that the node has; -1 if it is not known.",
        ..Field::PLAIN
    },
    Field {
        name: "lastFetchTimestamp",
        kind: Kind::Int64,
        versions: (1, i16::MAX),
        doc: "When the node last fetched, in Unix milliseconds; -1 for the leader, or if it is not known.",
        ..Field::PLAIN
    },
    Field {
        name: "lastCaughtUpTimestamp",
        kind: Kind::Int64,
        versions: (1, i16::MAX),
        doc: "When the node last had all records, in Unix milliseconds; -1 if it is not known.",
        ..Field::PLAIN
    },
];

/// `Node`.
static NODE: [Field; 2] = [
    Field { name: "nodeId", kind: Kind::Int32, doc: "Id of the node.", ..Field::PLAIN },
    Field {
        name: "listeners",
        kind: Kind::Array(&Kind::Struct(&LISTENER)),
        doc: "Where the node is reached.",
        ..Field::PLAIN
    },
];

/// `Listener`.
static LISTENER: [Field; 3] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the listener.", ..Field::PLAIN },
    Field { name: "host", kind: Kind::String, doc: "Host name or address of the listener.", ..Field::PLAIN },
    Field { name: "port", kind: Kind::Uint16, doc: "Port of the listener.", ..Field::PLAIN },
];
