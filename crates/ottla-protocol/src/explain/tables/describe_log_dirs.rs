// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `DescribeLogDirs` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "DescribeLogDirsRequest",
    versions: 1..=5,
    flexible_from: Some(2),
    prefix: Prefix::Nothing,
    fields: &[Field {
        name: "topics",
        kind: Kind::Array(&Kind::Struct(&DESCRIBABLE_LOG_DIR_TOPIC)),
        nullable: Some((0, i16::MAX)),
        doc: "The topics to look for; null for all.",
        ..Field::PLAIN
    }],
};

/// `DescribableLogDirTopic`.
static DESCRIBABLE_LOG_DIR_TOPIC: [Field; 2] = [
    Field { name: "topic", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Int32),
        doc: "Numbers of the partitions.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "DescribeLogDirsResponse",
    versions: 1..=5,
    flexible_from: Some(2),
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
            versions: (3, i16::MAX),
            doc: "What went wrong; `NONE` if nothing did.",
            ..Field::PLAIN
        },
        Field {
            name: "results",
            kind: Kind::Array(&Kind::Struct(&DESCRIBE_LOG_DIRS_RESULT)),
            doc: "A result for each folder.",
            ..Field::PLAIN
        },
    ],
};

/// `DescribeLogDirsResult`.
static DESCRIBE_LOG_DIRS_RESULT: [Field; 6] = [
    Field {
        name: "errorCode",
        kind: Kind::ErrorCode,
        doc: "What went wrong; `NONE` if nothing did.",
        ..Field::PLAIN
    },
    Field { name: "logDir", kind: Kind::String, doc: "Absolute path of the folder.", ..Field::PLAIN },
    Field {
        name: "topics",
        kind: Kind::Array(&Kind::Struct(&DESCRIBE_LOG_DIRS_TOPIC)),
        doc: "The topics that lie in it.",
        ..Field::PLAIN
    },
    Field {
        name: "totalBytes",
        kind: Kind::Int64,
        versions: (4, i16::MAX),
        doc: "Size of the volume, in bytes; -1 if it is not known.",
        ..Field::PLAIN
    },
    Field {
        name: "usableBytes",
        kind: Kind::Int64,
        versions: (4, i16::MAX),
        doc: "How much of the volume is free for use, in bytes; -1 if it is not known.",
        ..Field::PLAIN
    },
    Field {
        name: "isCordoned",
        kind: Kind::Bool,
        versions: (5, i16::MAX),
        doc: "Whether new partitions are kept out of the folder (KIP-1066).",
        ..Field::PLAIN
    },
];

/// `DescribeLogDirsTopic`.
static DESCRIBE_LOG_DIRS_TOPIC: [Field; 2] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Struct(&DESCRIBE_LOG_DIRS_PARTITION)),
        doc: "The partitions of the topic.",
        ..Field::PLAIN
    },
];

/// `DescribeLogDirsPartition`.
static DESCRIBE_LOG_DIRS_PARTITION: [Field; 4] = [
    Field {
        name: "partitionIndex",
        kind: Kind::Int32,
        doc: "Number of the partition in its topic, from 0.",
        ..Field::PLAIN
    },
    Field {
        name: "partitionSize",
        kind: Kind::Int64,
        doc: "Size of its segments, in bytes.",
        ..Field::PLAIN
    },
    Field {
        name: "offsetLag",
        kind: Kind::Int64,
        doc: "How many offsets the log is behind: behind the high watermark, or behind the current log if this one is to replace it.",
        ..Field::PLAIN
    },
    Field {
        name: "isFutureKey",
        kind: Kind::Bool,
        doc: "Whether the log is still being filled, and will replace one in another folder.",
        ..Field::PLAIN
    },
];
