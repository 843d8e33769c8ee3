// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `ConsumerGroupHeartbeat` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "ConsumerGroupHeartbeatRequest",
    versions: 0..=1,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[
        Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
        Field {
            name: "memberId",
            kind: Kind::String,
            doc: "Id of the member, which it keeps as long as it lives; from v1 chosen by itself.",
            ..Field::PLAIN
        },
        Field {
            name: "memberEpoch",
            kind: Kind::Int32,
            doc: "Epoch of the member: 0 to join, -1 to leave, -2 to leave as a static member that will come back.",
            ..Field::PLAIN
        },
        Field {
            name: "instanceId",
            kind: Kind::String,
            nullable: Some((0, i16::MAX)),
            doc: "Name of a static member; null if there is none or it did not change.",
            ..Field::PLAIN
        },
        Field {
            name: "rackId",
            kind: Kind::String,
            nullable: Some((0, i16::MAX)),
            doc: "Rack or zone of the member; null if there is none or it did not change.",
            ..Field::PLAIN
        },
        Field {
            name: "rebalanceTimeoutMs",
            kind: Kind::Int32,
            doc: "How long the member may take to give partitions up, in milliseconds; -1 if it did not change.",
            ..Field::PLAIN
        },
        Field {
            name: "subscribedTopicNames",
            kind: Kind::Array(&Kind::String),
            nullable: Some((0, i16::MAX)),
            doc: "Names of the topics that the member subscribes to; null if they did not change.",
            ..Field::PLAIN
        },
        Field {
            name: "subscribedTopicRegex",
            kind: Kind::String,
            versions: (1, i16::MAX),
            nullable: Some((1, i16::MAX)),
            doc: "Pattern of names that the member subscribes to; null if it did not change.",
            ..Field::PLAIN
        },
        Field {
            name: "serverAssignor",
            kind: Kind::String,
            nullable: Some((0, i16::MAX)),
            doc: "Assignor of the coordinator that the member wants; null if it does not mind or it did not change.",
            ..Field::PLAIN
        },
        Field {
            name: "topicPartitions",
            kind: Kind::Array(&Kind::Struct(&TOPIC_PARTITIONS)),
            nullable: Some((0, i16::MAX)),
            doc: "The partitions that the member owns; null if they did not change.",
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

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "ConsumerGroupHeartbeatResponse",
    versions: 0..=1,
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
        Field {
            name: "memberId",
            kind: Kind::String,
            nullable: Some((0, i16::MAX)),
            doc: "Id that the coordinator gave the member; null unless it joins with v0.",
            ..Field::PLAIN
        },
        Field { name: "memberEpoch", kind: Kind::Int32, doc: "New epoch of the member.", ..Field::PLAIN },
        Field {
            name: "heartbeatIntervalMs",
            kind: Kind::Int32,
            doc: "How long the member waits before its next heartbeat, in milliseconds.",
            ..Field::PLAIN
        },
        Field {
            name: "assignment",
            kind: Kind::Struct(&ASSIGNMENT),
            nullable: Some((0, i16::MAX)),
            doc: "What the member is assigned; null if it did not change.",
            ..Field::PLAIN
        },
    ],
};

/// `Assignment`.
static ASSIGNMENT: [Field; 1] = [Field {
    name: "topicPartitions",
    kind: Kind::Array(&Kind::Struct(&TOPIC_PARTITIONS)),
    doc: "The topics, each with the partitions that the member is to own.",
    ..Field::PLAIN
}];
