// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the structures of `RemoteLogMetadata` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REMOTE_LOG_SEGMENT_METADATA_RECORD: Schema = Schema {
    name: "RemoteLogSegmentMetadataRecord",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::TypeAndVersion(0),
    fields: &[
        Field {
            name: "remoteLogSegmentId",
            kind: Kind::Struct(&REMOTE_LOG_SEGMENT_ID_ENTRY),
            doc: "Which segment it is.",
            ..Field::PLAIN
        },
        Field { name: "startOffset", kind: Kind::Int64, doc: "First offset of the segment.", ..Field::PLAIN },
        Field { name: "endOffset", kind: Kind::Int64, doc: "Last offset of the segment.", ..Field::PLAIN },
        Field { name: "brokerId", kind: Kind::Int32, doc: "Node that wrote this.", ..Field::PLAIN },
        Field {
            name: "maxTimestampMs",
            kind: Kind::Int64,
            doc: "Largest timestamp in the segment, in Unix milliseconds.",
            ..Field::PLAIN
        },
        Field {
            name: "eventTimestampMs",
            kind: Kind::Int64,
            doc: "When this was written, in Unix milliseconds.",
            ..Field::PLAIN
        },
        Field {
            name: "segmentLeaderEpochs",
            kind: Kind::Array(&Kind::Struct(&SEGMENT_LEADER_EPOCH_ENTRY)),
            doc: "The leader epochs in the segment.",
            ..Field::PLAIN
        },
        Field {
            name: "segmentSizeInBytes",
            kind: Kind::Int32,
            doc: "Size of the segment, in bytes.",
            ..Field::PLAIN
        },
        Field {
            name: "customMetadata",
            kind: Kind::Bytes,
            nullable: Some((0, i16::MAX)),
            doc: "What the storage adds, in a form of its own; null for nothing.",
            ..Field::PLAIN
        },
        Field {
            name: "remoteLogSegmentState",
            kind: Kind::Int8,
            doc: "State: 0 the copy has begun, 1 it is whole, 2 the deletion has begun, 3 it is done.",
            ..Field::PLAIN
        },
        Field {
            name: "txnIndexEmpty",
            kind: Kind::Bool,
            tag: Some((0, 0, i16::MAX)),
            doc: "Whether the segment has no aborted transactions.",
            ..Field::PLAIN
        },
    ],
};

/// `RemoteLogSegmentIdEntry`.
static REMOTE_LOG_SEGMENT_ID_ENTRY: [Field; 2] = [
    Field {
        name: "topicIdPartition",
        kind: Kind::Struct(&TOPIC_ID_PARTITION_ENTRY),
        doc: "Partition of the segment.",
        ..Field::PLAIN
    },
    Field { name: "id", kind: Kind::Uuid, doc: "Id of the segment.", ..Field::PLAIN },
];

/// `TopicIdPartitionEntry`.
static TOPIC_ID_PARTITION_ENTRY: [Field; 3] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field { name: "id", kind: Kind::Uuid, doc: "Id of the topic.", ..Field::PLAIN },
    Field {
        name: "partition",
        kind: Kind::Int32,
        doc: "Number of the partition in its topic, from 0.",
        ..Field::PLAIN
    },
];

/// `SegmentLeaderEpochEntry`.
static SEGMENT_LEADER_EPOCH_ENTRY: [Field; 2] = [
    Field { name: "leaderEpoch", kind: Kind::Int32, doc: "The epoch.", ..Field::PLAIN },
    Field { name: "offset", kind: Kind::Int64, doc: "Its first offset.", ..Field::PLAIN },
];

pub(in crate::explain) static REMOTE_LOG_SEGMENT_METADATA_UPDATE_RECORD: Schema = Schema {
    name: "RemoteLogSegmentMetadataUpdateRecord",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::TypeAndVersion(1),
    fields: &[
        Field {
            name: "remoteLogSegmentId",
            kind: Kind::Struct(&REMOTE_LOG_SEGMENT_ID_ENTRY),
            doc: "Which segment it is.",
            ..Field::PLAIN
        },
        Field { name: "brokerId", kind: Kind::Int32, doc: "Node that wrote this.", ..Field::PLAIN },
        Field {
            name: "eventTimestampMs",
            kind: Kind::Int64,
            doc: "When this was written, in Unix milliseconds.",
            ..Field::PLAIN
        },
        Field {
            name: "customMetadata",
            kind: Kind::Bytes,
            nullable: Some((0, i16::MAX)),
            doc: "What the storage adds, in a form of its own; null for nothing.",
            ..Field::PLAIN
        },
        Field {
            name: "remoteLogSegmentState",
            kind: Kind::Int8,
            doc: "State: 0 the copy has begun, 1 it is whole, 2 the deletion has begun, 3 it is done.",
            ..Field::PLAIN
        },
    ],
};

pub(in crate::explain) static REMOTE_PARTITION_DELETE_METADATA_RECORD: Schema = Schema {
    name: "RemotePartitionDeleteMetadataRecord",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::TypeAndVersion(2),
    fields: &[
        Field {
            name: "topicIdPartition",
            kind: Kind::Struct(&TOPIC_ID_PARTITION_ENTRY),
            doc: "Which partition it is.",
            ..Field::PLAIN
        },
        Field { name: "brokerId", kind: Kind::Int32, doc: "Node that wrote this.", ..Field::PLAIN },
        Field {
            name: "eventTimestampMs",
            kind: Kind::Int64,
            doc: "When this was written, in Unix milliseconds.",
            ..Field::PLAIN
        },
        Field {
            name: "remotePartitionDeleteState",
            kind: Kind::Int8,
            doc: "State: 0 marked, 1 begun, 2 done.",
            ..Field::PLAIN
        },
    ],
};

pub(in crate::explain) static REMOTE_LOG_SEGMENT_METADATA_SNAPSHOT_RECORD: Schema = Schema {
    name: "RemoteLogSegmentMetadataSnapshotRecord",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::TypeAndVersion(3),
    fields: &[
        Field { name: "segmentId", kind: Kind::Uuid, doc: "Id of the segment.", ..Field::PLAIN },
        Field { name: "startOffset", kind: Kind::Int64, doc: "First offset of the segment.", ..Field::PLAIN },
        Field { name: "endOffset", kind: Kind::Int64, doc: "Last offset of the segment.", ..Field::PLAIN },
        Field { name: "brokerId", kind: Kind::Int32, doc: "Node that wrote this.", ..Field::PLAIN },
        Field {
            name: "maxTimestampMs",
            kind: Kind::Int64,
            doc: "Largest timestamp in the segment, in Unix milliseconds.",
            ..Field::PLAIN
        },
        Field {
            name: "eventTimestampMs",
            kind: Kind::Int64,
            doc: "When this was written, in Unix milliseconds.",
            ..Field::PLAIN
        },
        Field {
            name: "segmentLeaderEpochs",
            kind: Kind::Array(&Kind::Struct(&SEGMENT_LEADER_EPOCH_ENTRY)),
            doc: "The leader epochs in the segment.",
            ..Field::PLAIN
        },
        Field {
            name: "segmentSizeInBytes",
            kind: Kind::Int32,
            doc: "Size of the segment, in bytes.",
            ..Field::PLAIN
        },
        Field {
            name: "customMetadata",
            kind: Kind::Bytes,
            nullable: Some((0, i16::MAX)),
            doc: "What the storage adds, in a form of its own; null for nothing.",
            ..Field::PLAIN
        },
        Field {
            name: "remoteLogSegmentState",
            kind: Kind::Int8,
            doc: "State: 0 the copy has begun, 1 it is whole, 2 the deletion has begun, 3 it is done.",
            ..Field::PLAIN
        },
        Field {
            name: "txnIndexEmpty",
            kind: Kind::Bool,
            tag: Some((0, 0, i16::MAX)),
            doc: "Whether the segment has no aborted transactions.",
            ..Field::PLAIN
        },
    ],
};
