// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the structures of `ConsumerGroupCurrentMemberAssignment` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static CONSUMER_GROUP_CURRENT_MEMBER_ASSIGNMENT_KEY: Schema = Schema {
    name: "ConsumerGroupCurrentMemberAssignmentKey",
    versions: 0..=0,
    flexible_from: None,
    prefix: Prefix::Type(8),
    fields: &[
        Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
        Field { name: "memberId", kind: Kind::String, doc: "Id of the member in its group.", ..Field::PLAIN },
    ],
};

pub(in crate::explain) static CONSUMER_GROUP_CURRENT_MEMBER_ASSIGNMENT_VALUE: Schema = Schema {
    name: "ConsumerGroupCurrentMemberAssignmentValue",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::Version,
    fields: &[
        Field { name: "memberEpoch", kind: Kind::Int32, doc: "Epoch of the member.", ..Field::PLAIN },
        Field {
            name: "previousMemberEpoch",
            kind: Kind::Int32,
            doc: "Epoch that the member had before, with which it may still ask.",
            ..Field::PLAIN
        },
        Field {
            name: "state",
            kind: Kind::Int8,
            doc: "State of the member: 0 stable, 1 it has partitions to give up, 2 it waits for partitions of others; 127 unknown.",
            ..Field::PLAIN
        },
        Field {
            name: "assignedPartitions",
            kind: Kind::Array(&Kind::Struct(&TOPIC_PARTITIONS)),
            doc: "The partitions that the member owns.",
            ..Field::PLAIN
        },
        Field {
            name: "partitionsPendingRevocation",
            kind: Kind::Array(&Kind::Struct(&TOPIC_PARTITIONS)),
            doc: "The partitions that the member has to give up.",
            ..Field::PLAIN
        },
    ],
};

/// `TopicPartitions`.
static TOPIC_PARTITIONS: [Field; 3] = [
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
    Field {
        name: "assignmentEpochs",
        kind: Kind::Array(&Kind::Int32),
        nullable: Some((0, i16::MAX)),
        tag: Some((0, 0, i16::MAX)),
        doc: "Epoch of the member in which it got each of the partitions; null if that is not known.",
        ..Field::PLAIN
    },
];
