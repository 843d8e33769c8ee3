// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `DescribeTopicPartitions` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "DescribeTopicPartitionsRequest",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&TOPIC_REQUEST)),
            doc: "The topics; empty for all.",
            ..Field::PLAIN
        },
        Field {
            name: "responsePartitionLimit",
            kind: Kind::Int32,
            doc: "How many partitions the page may hold.",
            ..Field::PLAIN
        },
        Field {
            name: "cursor",
            kind: Kind::Struct(&CURSOR),
            nullable: Some((0, i16::MAX)),
            doc: "Where the page begins; null for the first.",
            ..Field::PLAIN
        },
    ],
};

/// `TopicRequest`.
static TOPIC_REQUEST: [Field; 1] =
    [Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN }];

/// `Cursor`.
static CURSOR: [Field; 2] = [
    Field { name: "topicName", kind: Kind::String, doc: "Name of the first topic.", ..Field::PLAIN },
    Field {
        name: "partitionIndex",
        kind: Kind::Int32,
        doc: "Number of the first partition in that topic.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "DescribeTopicPartitionsResponse",
    versions: 0..=0,
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
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&DESCRIBE_TOPIC_PARTITIONS_RESPONSE_TOPIC)),
            doc: "The topics, in the order of their names.",
            ..Field::PLAIN
        },
        Field {
            name: "nextCursor",
            kind: Kind::Struct(&CURSOR),
            nullable: Some((0, i16::MAX)),
            doc: "Where the next page begins; null if this is the last.",
            ..Field::PLAIN
        },
    ],
};

/// `DescribeTopicPartitionsResponseTopic`.
static DESCRIBE_TOPIC_PARTITIONS_RESPONSE_TOPIC: [Field; 6] = [
    Field {
        name: "errorCode",
        kind: Kind::ErrorCode,
        doc: "What went wrong; `NONE` if nothing did.",
        ..Field::PLAIN
    },
    Field {
        name: "name",
        kind: Kind::String,
        nullable: Some((0, i16::MAX)),
        doc: "Name of the topic; null if it is known by its id alone.",
        ..Field::PLAIN
    },
    Field {
        name: "topicId",
        kind: Kind::Uuid,
        doc: "Id of the topic; all zeros where it is known by name alone.",
        ..Field::PLAIN
    },
    Field {
        name: "isInternal",
        kind: Kind::Bool,
        doc: "Whether the topic belongs to the brokers themselves.",
        ..Field::PLAIN
    },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&DESCRIBE_TOPIC_PARTITIONS_RESPONSE_PARTITION)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
    Field {
        name: "topicAuthorizedOperations",
        kind: Kind::Int32,
        doc: "What the client may do to the topic, a bit an operation; the default stands for \"not known\".",
        ..Field::PLAIN
    },
];

/// `DescribeTopicPartitionsResponsePartition`.
static DESCRIBE_TOPIC_PARTITIONS_RESPONSE_PARTITION: [Field; 9] = [
    Field {
        name: "errorCode",
        kind: Kind::ErrorCode,
        doc: "What went wrong; `NONE` if nothing did.",
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
        doc: "Number of the leadership, which grows with each new leader; -1 if it is not known.",
        ..Field::PLAIN
    },
    Field {
        name: "replicaNodes",
        kind: Kind::Array(&Kind::Int32),
        doc: "Brokers that hold the partition, the preferred leader first.",
        ..Field::PLAIN
    },
    Field {
        name: "isrNodes",
        kind: Kind::Array(&Kind::Int32),
        doc: "Brokers that are in sync with the leader.",
        ..Field::PLAIN
    },
    Field {
        name: "eligibleLeaderReplicas",
        kind: Kind::Array(&Kind::Int32),
        nullable: Some((0, i16::MAX)),
        doc: "Brokers that are not in sync and yet hold all that is committed; null if that is not known.",
        ..Field::PLAIN
    },
    Field {
        name: "lastKnownElr",
        kind: Kind::Array(&Kind::Int32),
        nullable: Some((0, i16::MAX)),
        doc: "The last brokers that were in sync or eligible; null if that is not known.",
        ..Field::PLAIN
    },
    Field {
        name: "offlineReplicas",
        kind: Kind::Array(&Kind::Int32),
        doc: "Brokers that hold the partition and do not serve it.",
        ..Field::PLAIN
    },
];
