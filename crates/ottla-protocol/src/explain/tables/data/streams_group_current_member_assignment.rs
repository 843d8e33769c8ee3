// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the structures of `StreamsGroupCurrentMemberAssignment` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static STREAMS_GROUP_CURRENT_MEMBER_ASSIGNMENT_KEY: Schema = Schema {
    name: "StreamsGroupCurrentMemberAssignmentKey",
    versions: 0..=0,
    flexible_from: None,
    prefix: Prefix::Type(22),
    fields: &[
        Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
        Field { name: "memberId", kind: Kind::String, doc: "Id of the member in its group.", ..Field::PLAIN },
    ],
};

pub(in crate::explain) static STREAMS_GROUP_CURRENT_MEMBER_ASSIGNMENT_VALUE: Schema = Schema {
    name: "StreamsGroupCurrentMemberAssignmentValue",
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
            doc: "State of the member: 1 stable, 2 it has tasks to give up, 3 it waits for tasks of others; 127 unknown.",
            ..Field::PLAIN
        },
        Field {
            name: "activeTasks",
            kind: Kind::Array(&Kind::Struct(&TASK_IDS)),
            doc: "Tasks that the member runs.",
            ..Field::PLAIN
        },
        Field {
            name: "standbyTasks",
            kind: Kind::Array(&Kind::Struct(&TASK_IDS)),
            doc: "Tasks whose state the member keeps a copy of.",
            ..Field::PLAIN
        },
        Field {
            name: "warmupTasks",
            kind: Kind::Array(&Kind::Struct(&TASK_IDS)),
            doc: "Tasks whose state the member is catching up with, to run them later.",
            ..Field::PLAIN
        },
        Field {
            name: "activeTasksPendingRevocation",
            kind: Kind::Array(&Kind::Struct(&TASK_IDS)),
            doc: "Tasks that the member has to stop running.",
            ..Field::PLAIN
        },
        Field {
            name: "standbyTasksPendingRevocation",
            kind: Kind::Array(&Kind::Struct(&TASK_IDS)),
            doc: "Tasks whose copy the member has to give up.",
            ..Field::PLAIN
        },
        Field {
            name: "warmupTasksPendingRevocation",
            kind: Kind::Array(&Kind::Struct(&TASK_IDS)),
            doc: "Tasks that the member has to stop catching up with.",
            ..Field::PLAIN
        },
    ],
};

/// `TaskIds`.
static TASK_IDS: [Field; 3] = [
    Field { name: "subtopologyId", kind: Kind::String, doc: "Id of the subtopology.", ..Field::PLAIN },
    Field {
        name: "partitions",
        kind: Kind::Array(&Kind::Int32),
        doc: "Numbers of the partitions, one a task.",
        ..Field::PLAIN
    },
    Field {
        name: "assignmentEpochs",
        kind: Kind::Array(&Kind::Int32),
        nullable: Some((0, i16::MAX)),
        tag: Some((0, 0, i16::MAX)),
        doc: "Epoch of the member in which it got each of the tasks; null if that is not known.",
        ..Field::PLAIN
    },
];
