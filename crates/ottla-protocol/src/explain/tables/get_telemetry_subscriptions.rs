// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `GetTelemetrySubscriptions` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "GetTelemetrySubscriptionsRequest",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[Field {
        name: "clientInstanceId",
        kind: Kind::Uuid,
        doc: "Id that the broker gave the client; all zeros at first.",
        ..Field::PLAIN
    }],
};

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "GetTelemetrySubscriptionsResponse",
    versions: 0..=0,
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
            name: "clientInstanceId",
            kind: Kind::Uuid,
            doc: "Id that the client is given; all zeros if it has one.",
            ..Field::PLAIN
        },
        Field {
            name: "subscriptionId",
            kind: Kind::Int32,
            doc: "Number of the set of metrics that is wanted, which the client repeats when it pushes them.",
            ..Field::PLAIN
        },
        Field {
            name: "acceptedCompressionTypes",
            kind: Kind::Array(&Kind::Int8),
            doc: "Codecs that the broker takes, the best first: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.",
            ..Field::PLAIN
        },
        Field {
            name: "pushIntervalMs",
            kind: Kind::Int32,
            doc: "How often to push, in milliseconds.",
            ..Field::PLAIN
        },
        Field {
            name: "telemetryMaxBytes",
            kind: Kind::Int32,
            doc: "How many bytes the broker takes at once.",
            ..Field::PLAIN
        },
        Field {
            name: "deltaTemporality",
            kind: Kind::Bool,
            doc: "Whether sums are told since the last push, or since the start.",
            ..Field::PLAIN
        },
        Field {
            name: "requestedMetrics",
            kind: Kind::Array(&Kind::String),
            doc: "Prefixes of the names of wanted metrics; one that is empty for all, none for no metrics.",
            ..Field::PLAIN
        },
    ],
};
