// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `ApiVersions` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "ApiVersionsRequest",
    versions: 0..=4,
    flexible_from: Some(3),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "clientSoftwareName",
            kind: Kind::String,
            versions: (3, i16::MAX),
            doc: "Name of the client library, such as `ottla-client` (KIP-511).",
            ..Field::PLAIN
        },
        Field {
            name: "clientSoftwareVersion",
            kind: Kind::String,
            versions: (3, i16::MAX),
            doc: "Version of the client library.",
            ..Field::PLAIN
        },
    ],
};

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "ApiVersionsResponse",
    versions: 0..=4,
    flexible_from: Some(3),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "errorCode",
            kind: Kind::ErrorCode,
            doc: "What went wrong; `NONE` if nothing did.",
            ..Field::PLAIN
        },
        Field {
            name: "apiKeys",
            kind: Kind::Array(&Kind::Struct(&API_VERSION)),
            doc: "Every API that is served, with its versions.",
            ..Field::PLAIN
        },
        Field {
            name: "throttleTimeMs",
            kind: Kind::Int32,
            versions: (1, i16::MAX),
            doc: "How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it does not.",
            ..Field::PLAIN
        },
        Field {
            name: "supportedFeatures",
            kind: Kind::Array(&Kind::Struct(&SUPPORTED_FEATURE_KEY)),
            versions: (3, i16::MAX),
            tag: Some((0, 3, i16::MAX)),
            doc: "Features that this broker could serve (KIP-584).",
            ..Field::PLAIN
        },
        Field {
            name: "finalizedFeaturesEpoch",
            kind: Kind::Int64,
            versions: (3, i16::MAX),
            tag: Some((1, 3, i16::MAX)),
            doc: "Number of the last change to the finalized features; -1 if it is not known.",
            ..Field::PLAIN
        },
        Field {
            name: "finalizedFeatures",
            kind: Kind::Array(&Kind::Struct(&FINALIZED_FEATURE_KEY)),
            versions: (3, i16::MAX),
            tag: Some((2, 3, i16::MAX)),
            doc: "Features that the whole cluster has agreed to use; says something only if their epoch is known.",
            ..Field::PLAIN
        },
        Field {
            name: "zkMigrationReady",
            kind: Kind::Bool,
            versions: (3, i16::MAX),
            tag: Some((3, 3, i16::MAX)),
            doc: "Whether a migration from ZooKeeper could start; of no use since Kafka 4.0.",
            ..Field::PLAIN
        },
    ],
};

/// `ApiVersion`.
static API_VERSION: [Field; 3] = [
    Field { name: "apiKey", kind: Kind::Int16, doc: "Key of the API.", ..Field::PLAIN },
    Field { name: "minVersion", kind: Kind::Int16, doc: "Lowest version that is served.", ..Field::PLAIN },
    Field { name: "maxVersion", kind: Kind::Int16, doc: "Highest version that is served.", ..Field::PLAIN },
];

/// `SupportedFeatureKey`.
static SUPPORTED_FEATURE_KEY: [Field; 3] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the feature.", ..Field::PLAIN },
    Field { name: "minVersion", kind: Kind::Int16, doc: "Lowest level.", ..Field::PLAIN },
    Field { name: "maxVersion", kind: Kind::Int16, doc: "Highest level.", ..Field::PLAIN },
];

/// `FinalizedFeatureKey`.
static FINALIZED_FEATURE_KEY: [Field; 3] = [
    Field { name: "name", kind: Kind::String, doc: "Name of the feature.", ..Field::PLAIN },
    Field { name: "maxVersionLevel", kind: Kind::Int16, doc: "Highest level in use.", ..Field::PLAIN },
    Field { name: "minVersionLevel", kind: Kind::Int16, doc: "Lowest level in use.", ..Field::PLAIN },
];
