// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the structures of `StreamsGroupTargetAssignmentMember` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static STREAMS_GROUP_TARGET_ASSIGNMENT_MEMBER_KEY: Schema = Schema {
    name: "StreamsGroupTargetAssignmentMemberKey",
    versions: 0..=0,
    flexible_from: None,
    prefix: Prefix::Type(21),
    fields: &[
        Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
        Field { name: "memberId", kind: Kind::String, doc: "Id of the member in its group.", ..Field::PLAIN },
    ],
};

pub(in crate::explain) static STREAMS_GROUP_TARGET_ASSIGNMENT_MEMBER_VALUE: Schema = Schema {
    name: "StreamsGroupTargetAssignmentMemberValue",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::Version,
    fields: &[
        Field {
            name: "activeTasks",
            kind: Kind::Array(&Kind::Struct(&TASK_IDS)),
            doc: "Tasks that the member is to run.",
            ..Field::PLAIN
        },
        Field {
            name: "standbyTasks",
            kind: Kind::Array(&Kind::Struct(&TASK_IDS)),
            doc: "Tasks whose state it is to keep a copy of.",
            ..Field::PLAIN
        },
        Field {
            name: "warmupTasks",
            kind: Kind::Array(&Kind::Struct(&TASK_IDS)),
            doc: "Tasks whose state it is to catch up with.",
            ..Field::PLAIN
        },
    ],
};

/// `TaskIds`.
static TASK_IDS: [Field; 2] = [
    Field { name: "subtopologyId", kind: Kind::String, doc: "Id of the subtopology.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Int32),
        doc: "Numbers of the partitions, one a task.",
        ..Field::PLAIN
    },
];
