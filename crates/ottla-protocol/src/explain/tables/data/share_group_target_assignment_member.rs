// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the structures of `ShareGroupTargetAssignmentMember` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static SHARE_GROUP_TARGET_ASSIGNMENT_MEMBER_KEY: Schema = Schema {
    name: "ShareGroupTargetAssignmentMemberKey",
    versions: 0..=0,
    flexible_from: None,
    prefix: Prefix::Type(13),
    fields: &[
        Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
        Field { name: "memberId", kind: Kind::String, doc: "Id of the member in its group.", ..Field::PLAIN },
    ],
};

pub(in crate::explain) static SHARE_GROUP_TARGET_ASSIGNMENT_MEMBER_VALUE: Schema = Schema {
    name: "ShareGroupTargetAssignmentMemberValue",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::Version,
    fields: &[Field {
        name: "topicPartitions",
        kind: Kind::Array(&Kind::Struct(&TOPIC_PARTITION)),
        doc: "The topics, each with its partitions.",
        ..Field::PLAIN
    }],
};

/// `TopicPartition`.
static TOPIC_PARTITION: [Field; 2] = [
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
