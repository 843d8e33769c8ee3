// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the structures of `ShareGroupCurrentMemberAssignment` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static SHARE_GROUP_CURRENT_MEMBER_ASSIGNMENT_KEY: Schema = Schema {
    name: "ShareGroupCurrentMemberAssignmentKey",
    versions: 0..=0,
    flexible_from: None,
    prefix: Prefix::Type(14),
    fields: &[
        Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
        Field { name: "memberId", kind: Kind::String, doc: "Id of the member in its group.", ..Field::PLAIN },
    ],
};

pub(in crate::explain) static SHARE_GROUP_CURRENT_MEMBER_ASSIGNMENT_VALUE: Schema = Schema {
    name: "ShareGroupCurrentMemberAssignmentValue",
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
            doc: "State of the member, numbered as in groups of KIP-848.",
            ..Field::PLAIN
        },
        Field {
            name: "assignedPartitions",
            kind: Kind::Array(&Kind::Struct(&TOPIC_PARTITIONS)),
            doc: "The partitions that the member reads.",
            ..Field::PLAIN
        },
    ],
};

/// `TopicPartitions`.
static TOPIC_PARTITIONS: [Field; 2] = [
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
