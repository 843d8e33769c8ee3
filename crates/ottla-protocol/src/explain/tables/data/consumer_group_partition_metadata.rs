// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the structures of `ConsumerGroupPartitionMetadata` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static CONSUMER_GROUP_PARTITION_METADATA_KEY: Schema = Schema {
    name: "ConsumerGroupPartitionMetadataKey",
    versions: 0..=0,
    flexible_from: None,
    prefix: Prefix::Type(4),
    fields: &[Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN }],
};

pub(in crate::explain) static CONSUMER_GROUP_PARTITION_METADATA_VALUE: Schema = Schema {
    name: "ConsumerGroupPartitionMetadataValue",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::Version,
    fields: &[Field {
        name: "topics",
        kind: Kind::Array(&Kind::Struct(&TOPIC_METADATA)),
        doc: "The topics.",
        ..Field::PLAIN
    }],
};

/// `TopicMetadata`.
static TOPIC_METADATA: [Field; 4] = [
    Field {
        name: "topicId",
        kind: Kind::Uuid,
        doc: "Id of the topic; all zeros where it is known by name alone.",
        ..Field::PLAIN
    },
    Field { name: "topicName", kind: Kind::String, doc: "Name of the topic.", ..Field::PLAIN },
    Field { name: "numPartitions", kind: Kind::Int32, doc: "How many partitions it has.", ..Field::PLAIN },
    Field {
        name: "partitionMetadata",
        kind: Kind::Array(&Kind::Struct(&PARTITION_METADATA)),
        doc: "Racks of its partitions; empty if they are not known.",
        ..Field::PLAIN
    },
];

/// `PartitionMetadata`.
static PARTITION_METADATA: [Field; 2] = [
    Field {
        name: "partition",
        kind: Kind::Int32,
        doc: "Number of the partition in its topic, from 0.",
        ..Field::PLAIN
    },
    Field {
        name: "racks",
        kind: Kind::Array(&Kind::String),
        doc: "The racks that hold a replica.",
        ..Field::PLAIN
    },
];
