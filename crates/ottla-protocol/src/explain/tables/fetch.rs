// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `Fetch` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "FetchRequest",
    versions: 4..=18,
    flexible_from: Some(12),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "clusterId",
            kind: Kind::String,
            versions: (12, i16::MAX),
            nullable: Some((12, i16::MAX)),
            tag: Some((0, 12, i16::MAX)),
            doc: "Id of the cluster, if the sender knows it; checked between the nodes of a quorum.",
            ..Field::PLAIN
        },
        Field {
            name: "replicaId",
            kind: Kind::Int32,
            versions: (0, 14),
            doc: "Node id of a follower; -1 for a consumer.",
            ..Field::PLAIN
        },
        Field {
            name: "replicaState",
            kind: Kind::Struct(&REPLICA_STATE),
            versions: (15, i16::MAX),
            tag: Some((1, 15, i16::MAX)),
            doc: "Who the follower is; left at its default by a consumer.",
            ..Field::PLAIN
        },
        Field {
            name: "maxWaitMs",
            kind: Kind::Int32,
            doc: "How long the broker may wait for `min_bytes` to be there, in milliseconds.",
            ..Field::PLAIN
        },
        Field {
            name: "minBytes",
            kind: Kind::Int32,
            doc: "How many bytes of records the broker waits for.",
            ..Field::PLAIN
        },
        Field {
            name: "maxBytes",
            kind: Kind::Int32,
            doc: "How many bytes of records the answer may hold; the first batch comes whole even if it is larger (KIP-74).",
            ..Field::PLAIN
        },
        Field {
            name: "isolationLevel",
            kind: Kind::Int8,
            doc: "0 to see all records (`READ_UNCOMMITTED`), 1 to see only those of no or a committed transaction (`READ_COMMITTED`).",
            ..Field::PLAIN
        },
        Field {
            name: "sessionId",
            kind: Kind::Int32,
            versions: (7, i16::MAX),
            doc: "Fetch session that this request continues; 0 for none (KIP-227).",
            ..Field::PLAIN
        },
        Field {
            name: "sessionEpoch",
            kind: Kind::Int32,
            versions: (7, i16::MAX),
            doc: "Number of this request in its session: 0 opens one, -1 goes without one or ends it.",
            ..Field::PLAIN
        },
        Field {
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&FETCH_TOPIC)),
            doc: "Partitions to read, or to add to the session, in the order in which they are served.",
            ..Field::PLAIN
        },
        Field {
            name: "forgottenTopicsData",
            kind: Kind::Array(&Kind::Struct(&FORGOTTEN_TOPIC)),
            versions: (7, i16::MAX),
            doc: "Partitions that leave the session.",
            ..Field::PLAIN
        },
        Field {
            name: "rackId",
            kind: Kind::String,
            versions: (11, i16::MAX),
            doc: "Rack of the consumer, by which the broker may name a nearer replica (KIP-392).",
            ..Field::PLAIN
        },
    ],
};

/// `ReplicaState`.
static REPLICA_STATE: [Field; 2] = [
    Field {
        name: "replicaId",
        kind: Kind::Int32,
        doc: "Node id of the follower; -1 for a consumer.",
        ..Field::PLAIN
    },
    Field {
        name: "replicaEpoch",
        kind: Kind::Int64,
        doc: "Epoch of the follower's registration; -1 if it is not known.",
        ..Field::PLAIN
    },
];

/// `FetchTopic`.
static FETCH_TOPIC: [Field; 3] = [
    Field { name: "topic", kind: Kind::String, versions: (0, 12), doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "topicId",
        kind: Kind::Uuid,
        versions: (13, i16::MAX),
        doc: "Id of the topic.",
        ..Field::PLAIN
    },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&FETCH_PARTITION)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `FetchPartition`.
static FETCH_PARTITION: [Field; 8] = [
    Field {
        name: "partition",
        kind: Kind::Int32,
        doc: "Number of the partition in its topic, from 0.",
        ..Field::PLAIN
    },
    Field {
        name: "currentLeaderEpoch",
        kind: Kind::Int32,
        versions: (9, i16::MAX),
        doc: "Epoch of the leader as the client knows it; a broker at another epoch refuses the request. -1 skips the check.",
        ..Field::PLAIN
    },
    Field {
        name: "fetchOffset",
        kind: Kind::Int64,
        doc: "Offset of the first record to read.",
        ..Field::PLAIN
    },
    Field {
        name: "lastFetchedEpoch",
        kind: Kind::Int32,
        versions: (12, i16::MAX),
        doc: "Epoch of the last record that the reader has; -1 skips the check for a truncated log.",
        ..Field::PLAIN
    },
    Field {
        name: "logStartOffset",
        kind: Kind::Int64,
        versions: (5, i16::MAX),
        doc: "First offset that the follower holds; -1 from a consumer.",
        ..Field::PLAIN
    },
    Field {
        name: "partitionMaxBytes",
        kind: Kind::Int32,
        doc: "How many bytes of records of this partition the answer may hold; the first batch of all comes whole (KIP-74).",
        ..Field::PLAIN
    },
    Field {
        name: "replicaDirectoryId",
        kind: Kind::Uuid,
        versions: (17, i16::MAX),
        tag: Some((0, 17, i16::MAX)),
        doc: "Id of the folder in which the follower keeps the partition (KIP-853).",
        ..Field::PLAIN
    },
    Field {
        name: "highWatermark",
        kind: Kind::Int64,
        versions: (18, i16::MAX),
        tag: Some((1, 18, i16::MAX)),
        doc: "High watermark that the follower knows; -1 if it knows none, and the default from one that does not tell (KIP-1166).",
        ..Field::PLAIN
    },
];

/// `ForgottenTopic`.
static FORGOTTEN_TOPIC: [Field; 3] = [
    Field { name: "topic", kind: Kind::String, versions: (7, 12), doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "topicId",
        kind: Kind::Uuid,
        versions: (13, i16::MAX),
        doc: "Id of the topic.",
        ..Field::PLAIN
    },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Int32),
        doc: "Numbers of the partitions.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "FetchResponse",
    versions: 4..=18,
    flexible_from: Some(12),
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
            versions: (7, i16::MAX),
            doc: "What went wrong with the request as a whole, such as its session.",
            ..Field::PLAIN
        },
        Field {
            name: "sessionId",
            kind: Kind::Int32,
            versions: (7, i16::MAX),
            doc: "Fetch session that was opened or continued; 0 for none.",
            ..Field::PLAIN
        },
        Field {
            name: "responses",
            kind: Kind::Array(&Kind::Struct(&FETCHABLE_TOPIC_RESPONSE)),
            doc: "The topics; in a session only those with something to tell.",
            ..Field::PLAIN
        },
        Field {
            name: "nodeEndpoints",
            kind: Kind::Array(&Kind::Struct(&NODE_ENDPOINT)),
            versions: (16, i16::MAX),
            tag: Some((0, 16, i16::MAX)),
            doc: "Where the leaders that are named in this response are reached (KIP-951).",
            ..Field::PLAIN
        },
    ],
};

/// `FetchableTopicResponse`.
static FETCHABLE_TOPIC_RESPONSE: [Field; 3] = [
    Field { name: "topic", kind: Kind::String, versions: (0, 12), doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "topicId",
        kind: Kind::Uuid,
        versions: (13, i16::MAX),
        doc: "Id of the topic.",
        ..Field::PLAIN
    },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&PARTITION_DATA)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `PartitionData`.
static PARTITION_DATA: [Field; 11] = [
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
        name: "highWatermark",
        kind: Kind::Int64,
        doc: "Offset after the last record that consumers may see.",
        ..Field::PLAIN
    },
    Field {
        name: "lastStableOffset",
        kind: Kind::Int64,
        doc: "Offset before which every transaction has ended, so that a `READ_COMMITTED` consumer reads up to it; -1 if it is not known.",
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
        name: "divergingEpoch",
        kind: Kind::Struct(&EPOCH_END_OFFSET),
        versions: (12, i16::MAX),
        tag: Some((0, 12, i16::MAX)),
        doc: "Where the reader's log and the leader's part ways; the reader cuts its log there.",
        ..Field::PLAIN
    },
    Field {
        name: "currentLeader",
        kind: Kind::Struct(&LEADER_ID_AND_EPOCH),
        versions: (12, i16::MAX),
        tag: Some((1, 12, i16::MAX)),
        doc: "Who leads the partition now, so that the client need not ask (KIP-951).",
        ..Field::PLAIN
    },
    Field {
        name: "snapshotId",
        kind: Kind::Struct(&SNAPSHOT_ID),
        versions: (12, i16::MAX),
        tag: Some((2, 12, i16::MAX)),
        doc: "Snapshot to load instead, because the log no longer goes back so far; only in a quorum.",
        ..Field::PLAIN
    },
    Field {
        name: "abortedTransactions",
        kind: Kind::Array(&Kind::Struct(&ABORTED_TRANSACTION)),
        nullable: Some((4, i16::MAX)),
        doc: "Aborted transactions that reach into these records, for `READ_COMMITTED` consumers to skip; null for others.",
        ..Field::PLAIN
    },
    Field {
        name: "preferredReadReplica",
        kind: Kind::Int32,
        versions: (11, i16::MAX),
        doc: "Nearer replica that the consumer should read from next; -1 for none (KIP-392).",
        ..Field::PLAIN
    },
    Field {
        name: "records",
        kind: Kind::Records,
        nullable: Some((0, i16::MAX)),
        doc: "The batches, the last of which may be cut off.",
        ..Field::PLAIN
    },
];

/// `EpochEndOffset`.
static EPOCH_END_OFFSET: [Field; 2] = [
    Field {
        name: "epoch",
        kind: Kind::Int32,
        doc: "Largest epoch that both logs can share.",
        ..Field::PLAIN
    },
    Field {
        name: "endOffset",
        kind: Kind::Int64,
        doc: "Offset after the last record of that epoch.",
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

/// `SnapshotId`.
static SNAPSHOT_ID: [Field; 2] = [
    Field {
        name: "endOffset",
        kind: Kind::Int64,
        doc: "Offset after the last record in the snapshot.",
        ..Field::PLAIN
    },
    Field { name: "epoch", kind: Kind::Int32, doc: "Epoch of that record.", ..Field::PLAIN },
];

/// `AbortedTransaction`.
static ABORTED_TRANSACTION: [Field; 2] = [
    Field { name: "producerId", kind: Kind::Int64, doc: "Id of its producer.", ..Field::PLAIN },
    Field { name: "firstOffset", kind: Kind::Int64, doc: "Offset of its first record.", ..Field::PLAIN },
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
        nullable: Some((16, i16::MAX)),
        doc: "Rack or zone of the broker; null if it was given none.",
        ..Field::PLAIN
    },
];
