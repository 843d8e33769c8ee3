// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `ShareFetch` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "ShareFetchRequest",
    versions: 1..=2,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "groupId",
            kind: Kind::String,
            nullable: Some((0, i16::MAX)),
            doc: "Id of the group.",
            ..Field::PLAIN
        },
        Field {
            name: "memberId",
            kind: Kind::String,
            nullable: Some((0, i16::MAX)),
            doc: "Id of the member.",
            ..Field::PLAIN
        },
        Field {
            name: "shareSessionEpoch",
            kind: Kind::Int32,
            doc: "Number of this request in its share session: 0 opens one, -1 ends it.",
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
            name: "maxRecords",
            kind: Kind::Int32,
            doc: "How many records to acquire; may be exceeded up to the end of a batch.",
            ..Field::PLAIN
        },
        Field {
            name: "batchSize",
            kind: Kind::Int32,
            doc: "How many records a run of acquired records should have.",
            ..Field::PLAIN
        },
        Field {
            name: "shareAcquireMode",
            kind: Kind::Int8,
            versions: (2, i16::MAX),
            doc: "Whether `max_records` is rounded up to whole batches (0) or strict (1).",
            ..Field::PLAIN
        },
        Field {
            name: "isRenewAck",
            kind: Kind::Bool,
            versions: (2, i16::MAX),
            doc: "Whether there are acknowledgements that renew the lock of a record (KIP-1222).",
            ..Field::PLAIN
        },
        Field {
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&FETCH_TOPIC)),
            doc: "Partitions to read or to acknowledge records of, or to add to the session.",
            ..Field::PLAIN
        },
        Field {
            name: "forgottenTopicsData",
            kind: Kind::Array(&Kind::Struct(&FORGOTTEN_TOPIC)),
            doc: "Partitions that leave the session.",
            ..Field::PLAIN
        },
    ],
};

/// `FetchTopic`.
static FETCH_TOPIC: [Field; 2] = [
    Field {
        name: "topicId",
        kind: Kind::Uuid,
        doc: "Id of the topic; all zeros where it is known by name alone.",
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
static FETCH_PARTITION: [Field; 2] = [
    Field {
        name: "partitionIndex",
        kind: Kind::Int32,
        doc: "Number of the partition in its topic, from 0.",
        ..Field::PLAIN
    },
    Field {
        name: "acknowledgementBatches",
        kind: Kind::Array(&Kind::Struct(&ACKNOWLEDGEMENT_BATCH)),
        doc: "What became of records that were acquired earlier.",
        ..Field::PLAIN
    },
];

/// `AcknowledgementBatch`.
static ACKNOWLEDGEMENT_BATCH: [Field; 3] = [
    Field { name: "firstOffset", kind: Kind::Int64, doc: "First offset of the run.", ..Field::PLAIN },
    Field { name: "lastOffset", kind: Kind::Int64, doc: "Last offset of the run.", ..Field::PLAIN },
    Field {
        name: "acknowledgeTypes",
        kind: Kind::Array(&Kind::Int8),
        doc: "What became of each record, or one value for all: 0 there is none at the offset, 1 accepted, 2 released, 3 rejected, 4 the lock is renewed.",
        ..Field::PLAIN
    },
];

/// `ForgottenTopic`.
static FORGOTTEN_TOPIC: [Field; 2] = [
    Field {
        name: "topicId",
        kind: Kind::Uuid,
        doc: "Id of the topic; all zeros where it is known by name alone.",
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
    name: "ShareFetchResponse",
    versions: 1..=2,
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
            doc: "What went wrong with the request as a whole; `NONE` if nothing did.",
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
            name: "acquisitionLockTimeoutMs",
            kind: Kind::Int32,
            doc: "How long acquired records stay locked, in milliseconds.",
            ..Field::PLAIN
        },
        Field {
            name: "responses",
            kind: Kind::Array(&Kind::Struct(&SHARE_FETCHABLE_TOPIC_RESPONSE)),
            doc: "The topics with something to tell.",
            ..Field::PLAIN
        },
        Field {
            name: "nodeEndpoints",
            kind: Kind::Array(&Kind::Struct(&NODE_ENDPOINT)),
            doc: "Where the leaders that are named in this response are reached (KIP-951).",
            ..Field::PLAIN
        },
    ],
};

/// `ShareFetchableTopicResponse`.
static SHARE_FETCHABLE_TOPIC_RESPONSE: [Field; 2] = [
    Field {
        name: "topicId",
        kind: Kind::Uuid,
        doc: "Id of the topic; all zeros where it is known by name alone.",
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
        doc: "What went wrong with reading; `NONE` if nothing did.",
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
        name: "acknowledgeErrorCode",
        kind: Kind::ErrorCode,
        doc: "What went wrong with the acknowledgements; `NONE` if nothing did.",
        ..Field::PLAIN
    },
    Field {
        name: "acknowledgeErrorMessage",
        kind: Kind::String,
        nullable: Some((0, i16::MAX)),
        doc: "What went wrong with the acknowledgements, in words.",
        ..Field::PLAIN
    },
    Field {
        name: "currentLeader",
        kind: Kind::Struct(&LEADER_ID_AND_EPOCH),
        doc: "Who leads the partition now, so that the client need not ask (KIP-951).",
        ..Field::PLAIN
    },
    Field {
        name: "records",
        kind: Kind::Records,
        doc: "The batches, some records of which may belong to other members.",
        ..Field::PLAIN
    },
    Field {
        name: "acquiredRecords",
        kind: Kind::Array(&Kind::Struct(&ACQUIRED_RECORDS)),
        doc: "The records that are for this member, in runs.",
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

/// `AcquiredRecords`.
static ACQUIRED_RECORDS: [Field; 3] = [
    Field { name: "firstOffset", kind: Kind::Int64, doc: "First offset of the run.", ..Field::PLAIN },
    Field { name: "lastOffset", kind: Kind::Int64, doc: "Last offset of the run.", ..Field::PLAIN },
    Field {
        name: "deliveryCount",
        kind: Kind::Int16,
        doc: "How often the records were delivered.",
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
        nullable: Some((0, i16::MAX)),
        doc: "Rack or zone of the broker; null if it was given none.",
        ..Field::PLAIN
    },
];
