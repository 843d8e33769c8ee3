// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `DeleteTopics` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "DeleteTopicsRequest",
    versions: 1..=6,
    flexible_from: Some(4),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "topics",
            kind: Kind::Array(&Kind::Struct(&DELETE_TOPIC_STATE)),
            versions: (6, i16::MAX),
            doc: "The topics, by name or by id.",
            ..Field::PLAIN
        },
        Field {
            name: "topicNames",
            kind: Kind::Array(&Kind::String),
            versions: (0, 5),
            doc: "The topics, by name.",
            ..Field::PLAIN
        },
        Field {
            name: "timeoutMs",
            kind: Kind::Int32,
            doc: "How long to wait until the topics are gone, in milliseconds.",
            ..Field::PLAIN
        },
    ],
};

/// `DeleteTopicState`.
static DELETE_TOPIC_STATE: [Field; 2] = [
    Field {
        name: "name",
        kind: Kind::String,
        nullable: Some((6, i16::MAX)),
        doc: "Name of the topic; null to name it by id.",
        ..Field::PLAIN
    },
    Field {
        name: "topicId",
        kind: Kind::Uuid,
        doc: "Id of the topic; all zeros to name it by name.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "DeleteTopicsResponse",
    versions: 1..=6,
    flexible_from: Some(4),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "throttleTimeMs",
            kind: Kind::Int32,
            doc: "How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it does not.",
            ..Field::PLAIN
        },
        Field {
            name: "responses",
            kind: Kind::Array(&Kind::Struct(&DELETABLE_TOPIC_RESULT)),
            doc: "The topics of the request.",
            ..Field::PLAIN
        },
    ],
};

/// `DeletableTopicResult`.
static DELETABLE_TOPIC_RESULT: [Field; 4] = [
    Field {
        name: "name",
        kind: Kind::String,
        nullable: Some((6, i16::MAX)),
        doc: "Name of the topic; null if it was named by an unknown id.",
        ..Field::PLAIN
    },
    Field {
        name: "topicId",
        kind: Kind::Uuid,
        versions: (6, i16::MAX),
        doc: "Id of the topic; all zeros where it is known by name alone.",
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
        versions: (5, i16::MAX),
        nullable: Some((5, i16::MAX)),
        doc: "What went wrong, in words, where the code does not say it all.",
        ..Field::PLAIN
    },
];
