// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `Produce` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "ProduceRequest",
    versions: 3..=13,
    flexible_from: Some(9),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "transactionalId",
            kind: Kind::String,
            nullable: Some((3, i16::MAX)),
            doc: "Name of the transactional producer; null for one without transactions.",
            ..Field::PLAIN
        },
        Field {
            name: "acks",
            kind: Kind::Int16,
            doc: "When to answer: 0 never, 1 once the leader has written, -1 once all in-sync replicas have.",
            ..Field::PLAIN
        },
        Field {
            name: "timeoutMs",
            kind: Kind::Int32,
            doc: "How long the broker may wait for replicas, in milliseconds.",
            ..Field::PLAIN
        },
        Field {
            name: "topicData",
            kind: Kind::Array(&Kind::Struct(&TOPIC_PRODUCE_DATA)),
            doc: "The topics, each with its batches.",
            ..Field::PLAIN
        },
    ],
};

/// `TopicProduceData`.
static TOPIC_PRODUCE_DATA: [Field; 3] = [
    Field { name: "name", kind: Kind::String, versions: (0, 12), doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "topicId",
        kind: Kind::Uuid,
        versions: (13, i16::MAX),
        doc: "Id of the topic.",
        ..Field::PLAIN
    },
    Field {
        name: "partitionData",
        kind: Kind::Array(&Kind::Struct(&PARTITION_PRODUCE_DATA)),
        doc: "The batches, by partition.",
        ..Field::PLAIN
    },
];

/// `PartitionProduceData`.
static PARTITION_PRODUCE_DATA: [Field; 2] = [
    Field {
        name: "index",
        kind: Kind::Int32,
        doc: "Number of the partition in its topic, from 0.",
        ..Field::PLAIN
    },
    Field {
        name: "records",
        kind: Kind::Records,
        nullable: Some((0, i16::MAX)),
        doc: "The batch, as it will be stored.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "ProduceResponse",
    versions: 3..=13,
    flexible_from: Some(9),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "responses",
            kind: Kind::Array(&Kind::Struct(&TOPIC_PRODUCE_RESPONSE)),
            doc: "The topics of the request.",
            ..Field::PLAIN
        },
        Field {
            name: "throttleTimeMs",
            kind: Kind::Int32,
            doc: "How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it does not.",
            ..Field::PLAIN
        },
        Field {
            name: "nodeEndpoints",
            kind: Kind::Array(&Kind::Struct(&NODE_ENDPOINT)),
            versions: (10, i16::MAX),
            tag: Some((0, 10, i16::MAX)),
            doc: "Where the leaders that are named in this response are reached (KIP-951).",
            ..Field::PLAIN
        },
    ],
};

/// `TopicProduceResponse`.
static TOPIC_PRODUCE_RESPONSE: [Field; 3] = [
    Field { name: "name", kind: Kind::String, versions: (0, 12), doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "topicId",
        kind: Kind::Uuid,
        versions: (13, i16::MAX),
        doc: "Id of the topic.",
        ..Field::PLAIN
    },
    Field {
        name: "partitionResponses",
        kind: Kind::Array(&Kind::Struct(&PARTITION_PRODUCE_RESPONSE)),
        doc: "What became of each batch, by partition.",
        ..Field::PLAIN
    },
];

/// `PartitionProduceResponse`.
static PARTITION_PRODUCE_RESPONSE: [Field; 8] = [
    Field {
        name: "index",
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
        name: "baseOffset",
        kind: Kind::Int64,
        doc: "Offset of the first record of the batch; -1 if it was not written.",
        ..Field::PLAIN
    },
    Field {
        name: "logAppendTimeMs",
        kind: Kind::Int64,
        doc: "When the broker appended the batch, in Unix milliseconds, if the topic keeps that time; else -1.",
        ..Field::PLAIN
    },
    Field {
        name: "logStartOffset",
        kind: Kind::Int64,
        versions: (5, i16::MAX),
        doc: "First offset that the partition still holds; -1 if it is not known.",
        ..Field::PLAIN
    },
    Field {
        name: "recordErrors",
        kind: Kind::Array(&Kind::Struct(&BATCH_INDEX_AND_ERROR_MESSAGE)),
        versions: (8, i16::MAX),
        doc: "The records because of which the batch was refused.",
        ..Field::PLAIN
    },
    Field {
        name: "errorMessage",
        kind: Kind::String,
        versions: (8, i16::MAX),
        nullable: Some((8, i16::MAX)),
        doc: "Why the batch was refused, in words.",
        ..Field::PLAIN
    },
    Field {
        name: "currentLeader",
        kind: Kind::Struct(&LEADER_ID_AND_EPOCH),
        versions: (10, i16::MAX),
        tag: Some((0, 10, i16::MAX)),
        doc: "Who leads the partition now, so that the client need not ask (KIP-951).",
        ..Field::PLAIN
    },
];

/// `BatchIndexAndErrorMessage`.
static BATCH_INDEX_AND_ERROR_MESSAGE: [Field; 2] = [
    Field {
        name: "batchIndex",
        kind: Kind::Int32,
        doc: "Position of the record in the batch, from 0.",
        ..Field::PLAIN
    },
    Field {
        name: "batchIndexErrorMessage",
        kind: Kind::String,
        nullable: Some((8, i16::MAX)),
        doc: "What is wrong with the record, in words.",
        ..Field::PLAIN
    },
];

/// `LeaderIdAndEpoch`.
static LEADER_ID_AND_EPOCH: [Field; 2] = [
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
];

/// `NodeEndpoint`.
static NODE_ENDPOINT: [Field; 4] = [
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
        nullable: Some((10, i16::MAX)),
        doc: "Rack or zone of the broker; null if it was given none.",
        ..Field::PLAIN
    },
];
