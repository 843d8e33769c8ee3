// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `PushTelemetry` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "PushTelemetryRequest",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "clientInstanceId",
            kind: Kind::Uuid,
            doc: "Id of the client, which the broker gives it.",
            ..Field::PLAIN
        },
        Field {
            name: "subscriptionId",
            kind: Kind::Int32,
            doc: "Number of the set of metrics that is wanted, which the client repeats when it pushes them.",
            ..Field::PLAIN
        },
        Field {
            name: "terminating",
            kind: Kind::Bool,
            doc: "Whether this is the last push.",
            ..Field::PLAIN
        },
        Field {
            name: "compressionType",
            kind: Kind::Int8,
            doc: "Codec of the metrics: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.",
            ..Field::PLAIN
        },
        Field {
            name: "metrics",
            kind: Kind::Bytes,
            doc: "The metrics, as OpenTelemetry's `MetricsData` in protobuf.",
            ..Field::PLAIN
        },
    ],
};

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "PushTelemetryResponse",
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
    ],
};
