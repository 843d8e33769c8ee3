// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `ShareGroupDescribe` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "ShareGroupDescribeRequest",
    versions: 1..=1,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "groupIds",
            kind: Kind::Array(&Kind::String),
            doc: "Ids of the groups.",
            ..Field::PLAIN
        },
        Field {
            name: "includeAuthorizedOperations",
            kind: Kind::Bool,
            doc: "Whether to say what the client may do to each of them.",
            ..Field::PLAIN
        },
    ],
};

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "ShareGroupDescribeResponse",
    versions: 1..=1,
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
            name: "groups",
            kind: Kind::Array(&Kind::Struct(&DESCRIBED_GROUP)),
            doc: "The groups of the request.",
            ..Field::PLAIN
        },
    ],
};

/// `DescribedGroup`.
static DESCRIBED_GROUP: [Field; 9] = [
    Field {
        name: "errorCode",
        kind: Kind::ErrorCode,
        doc: "What went wrong; `NONE` if nothing did.",
        ..Field::PLAIN
    },
    Field {
        name: "errorMessage",
        kind: Kind::String,
        nullable: Some((0, i16::MAX)),
        doc: "What went wrong, in words, where the code does not say it all.",
        ..Field::PLAIN
    },
    Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
    Field {
        name: "groupState",
        kind: Kind::String,
        doc: "State of the group, such as `Stable` or `Empty`.",
        ..Field::PLAIN
    },
    Field {
        name: "groupEpoch",
        kind: Kind::Int32,
        doc: "Epoch of the group, which grows whenever its members or what they read changes.",
        ..Field::PLAIN
    },
    Field {
        name: "assignmentEpoch",
        kind: Kind::Int32,
        doc: "Epoch of the group for which the target assignment was made.",
        ..Field::PLAIN
    },
    Field { name: "assignorName", kind: Kind::String, doc: "Name of the assignor.", ..Field::PLAIN },
    Field {
        name: "members",
        kind: Kind::Array(&Kind::Struct(&MEMBER)),
        doc: "The members of the group.",
        ..Field::PLAIN
    },
    Field {
        name: "authorizedOperations",
        kind: Kind::Int32,
        doc: "What the client may do to it, a bit an operation; the default stands for \"not asked\".",
        ..Field::PLAIN
    },
];

/// `Member`.
static MEMBER: [Field; 7] = [
    Field { name: "memberId", kind: Kind::String, doc: "Id of the member in its group.", ..Field::PLAIN },
    Field {
        name: "rackId",
        kind: Kind::String,
        nullable: Some((0, i16::MAX)),
        doc: "Rack or zone of the member; null if it was given none.",
        ..Field::PLAIN
    },
    Field {
        name: "memberEpoch",
        kind: Kind::Int32,
        doc: "Epoch of the member in its group (KIP-848); -1 where there is none.",
        ..Field::PLAIN
    },
    Field { name: "clientId", kind: Kind::String, doc: "Name that the client gives itself.", ..Field::PLAIN },
    Field {
        name: "clientHost",
        kind: Kind::String,
        doc: "Address from which the client is connected.",
        ..Field::PLAIN
    },
    Field {
        name: "subscribedTopicNames",
        kind: Kind::Array(&Kind::String),
        doc: "Names of the topics that the member subscribes to.",
        ..Field::PLAIN
    },
    Field {
        name: "assignment",
        kind: Kind::Struct(&ASSIGNMENT),
        doc: "What the member reads.",
        ..Field::PLAIN
    },
];

/// `Assignment`.
static ASSIGNMENT: [Field; 1] = [Field {
    name: "topicPartitions",
    kind: Kind::Array(&Kind::Struct(&TOPIC_PARTITIONS)),
    doc: "The topics, each with its partitions.",
    ..Field::PLAIN
}];

/// `TopicPartitions`.
static TOPIC_PARTITIONS: [Field; 3] = [
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
