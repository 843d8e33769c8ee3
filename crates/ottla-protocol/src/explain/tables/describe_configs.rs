// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `DescribeConfigs` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "DescribeConfigsRequest",
    versions: 1..=4,
    flexible_from: Some(4),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "resources",
            kind: Kind::Array(&Kind::Struct(&DESCRIBE_CONFIGS_RESOURCE)),
            doc: "The resources.",
            ..Field::PLAIN
        },
        Field {
            name: "includeSynonyms",
            kind: Kind::Bool,
            doc: "Whether to list every place that could set a value, in the order in which they count.",
            ..Field::PLAIN
        },
        Field {
            name: "includeDocumentation",
            kind: Kind::Bool,
            versions: (3, i16::MAX),
            doc: "Whether to explain every key.",
            ..Field::PLAIN
        },
    ],
};

/// `DescribeConfigsResource`.
static DESCRIBE_CONFIGS_RESOURCE: [Field; 3] = [
    Field {
        name: "resourceType",
        kind: Kind::Int8,
        doc: "Kind of the resource: 2 a topic, 4 a broker, 8 the loggers of a broker, 16 client metrics, 32 a group.",
        ..Field::PLAIN
    },
    Field {
        name: "resourceName",
        kind: Kind::String,
        doc: "Name of the topic or group, or id of the broker.",
        ..Field::PLAIN
    },
    Field {
        name: "configurationKeys",
        kind: Kind::Array(&Kind::String),
        nullable: Some((0, i16::MAX)),
        doc: "The keys; null for all.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "DescribeConfigsResponse",
    versions: 1..=4,
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
            name: "results",
            kind: Kind::Array(&Kind::Struct(&DESCRIBE_CONFIGS_RESULT)),
            doc: "The resources of the request.",
            ..Field::PLAIN
        },
    ],
};

/// `DescribeConfigsResult`.
static DESCRIBE_CONFIGS_RESULT: [Field; 5] = [
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
        name: "resourceType",
        kind: Kind::Int8,
        doc: "Kind of the resource: 2 a topic, 4 a broker, 8 the loggers of a broker, 16 client metrics, 32 a group.",
        ..Field::PLAIN
    },
    Field {
        name: "resourceName",
        kind: Kind::String,
        doc: "Name of the topic or group, or id of the broker.",
        ..Field::PLAIN
    },
    Field {
        name: "configs",
        kind: Kind::Array(&Kind::Struct(&DESCRIBE_CONFIGS_RESOURCE_RESULT)),
        doc: "Its configuration, a key each.",
        ..Field::PLAIN
    },
];

/// `DescribeConfigsResourceResult`.
static DESCRIBE_CONFIGS_RESOURCE_RESULT: [Field; 8] = [
    Field { name: "name", kind: Kind::String, doc: "Kafka's key, such as `retention.ms`.", ..Field::PLAIN },
    Field {
        name: "value",
        kind: Kind::String,
        nullable: Some((0, i16::MAX)),
        doc: "The value as text; null if it is secret or there is none.",
        ..Field::PLAIN
    },
    Field {
        name: "readOnly",
        kind: Kind::Bool,
        doc: "Whether it can only be set in the broker's own file.",
        ..Field::PLAIN
    },
    Field {
        name: "configSource",
        kind: Kind::Int8,
        doc: "Where the value comes from: 1 the topic, 2 and 3 dynamic broker settings, 4 the broker's file, 5 the default.",
        ..Field::PLAIN
    },
    Field { name: "isSensitive", kind: Kind::Bool, doc: "Whether the value is secret.", ..Field::PLAIN },
    Field {
        name: "synonyms",
        kind: Kind::Array(&Kind::Struct(&DESCRIBE_CONFIGS_SYNONYM)),
        doc: "Every place that could set the value, the one that counts first.",
        ..Field::PLAIN
    },
    Field {
        name: "configType",
        kind: Kind::Int8,
        versions: (3, i16::MAX),
        doc: "Type of the value: 1 boolean, 2 string, 3 int, 4 short, 5 long, 6 double, 7 list, 8 class, 9 password; 0 unknown.",
        ..Field::PLAIN
    },
    Field {
        name: "documentation",
        kind: Kind::String,
        versions: (3, i16::MAX),
        nullable: Some((0, i16::MAX)),
        doc: "What the key means; null unless it was asked for.",
        ..Field::PLAIN
    },
];

/// `DescribeConfigsSynonym`.
static DESCRIBE_CONFIGS_SYNONYM: [Field; 3] = [
    Field { name: "name", kind: Kind::String, doc: "The key by which that place knows it.", ..Field::PLAIN },
    Field {
        name: "value",
        kind: Kind::String,
        nullable: Some((0, i16::MAX)),
        doc: "The value there; null if it is secret or there is none.",
        ..Field::PLAIN
    },
    Field {
        name: "source",
        kind: Kind::Int8,
        doc: "Which place it is, numbered like the source of the value.",
        ..Field::PLAIN
    },
];
