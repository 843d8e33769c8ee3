// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the structures of `ShareGroupStatePartitionMetadata` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static SHARE_GROUP_STATE_PARTITION_METADATA_KEY: Schema = Schema {
    name: "ShareGroupStatePartitionMetadataKey",
    versions: 0..=0,
    flexible_from: None,
    prefix: Prefix::Type(15),
    fields: &[Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN }],
};

pub(in crate::explain) static SHARE_GROUP_STATE_PARTITION_METADATA_VALUE: Schema = Schema {
    name: "ShareGroupStatePartitionMetadataValue",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::Version,
    fields: &[
        Field {
            name: "initializingTopics",
            kind: Kind::Array(&Kind::Struct(&TOPIC_PARTITIONS_INFO)),
            doc: "Partitions whose state is being begun.",
            ..Field::PLAIN
        },
        Field {
            name: "initializedTopics",
            kind: Kind::Array(&Kind::Struct(&TOPIC_PARTITIONS_INFO)),
            doc: "Partitions whose state is there.",
            ..Field::PLAIN
        },
        Field {
            name: "deletingTopics",
            kind: Kind::Array(&Kind::Struct(&TOPIC_INFO)),
            doc: "Topics whose state is being removed.",
            ..Field::PLAIN
        },
    ],
};

/// `TopicPartitionsInfo`.
static TOPIC_PARTITIONS_INFO: [Field; 3] = [
    Field {
        name: "topicId",
        kind: Kind::Uuid,
        doc: "Id of the topic; all zeros where it is known by name alone.",
        ..Field::PLAIN
    },
    Field { name: "topicName", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Int32),
        doc: "Numbers of the partitions.",
        ..Field::PLAIN
    },
];

/// `TopicInfo`.
static TOPIC_INFO: [Field; 2] = [
    Field {
        name: "topicId",
        kind: Kind::Uuid,
        doc: "Id of the topic; all zeros where it is known by name alone.",
        ..Field::PLAIN
    },
    Field { name: "topicName", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
];
