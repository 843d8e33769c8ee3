// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the messages of `UpdateFeatures` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static REQUEST: Schema = Schema {
    name: "UpdateFeaturesRequest",
    versions: 0..=2,
    flexible_from: Some(0),
    prefix: Prefix::Nothing,
    fields: &[
        Field {
            name: "timeoutMs",
            kind: Kind::Int32,
            doc: "How long to wait until the change is made, in milliseconds.",
            ..Field::PLAIN
        },
        Field {
            name: "featureUpdates",
            kind: Kind::Array(&Kind::Struct(&FEATURE_UPDATE_KEY)),
            doc: "The features.",
            ..Field::PLAIN
        },
        Field {
            name: "validateOnly",
            kind: Kind::Bool,
            versions: (1, i16::MAX),
            doc: "Whether only to check the request, and change nothing.",
            ..Field::PLAIN
        },
    ],
};

/// `FeatureUpdateKey`.
static FEATURE_UPDATE_KEY: [Field; 4] = [
    Field { name: "feature", kind: Kind::String, doc: "Name of the feature.", ..Field::PLAIN },
    Field {
        name: "maxVersionLevel",
        kind: Kind::Int16,
        doc: "Its new level; below 1 the feature is no longer used.",
        ..Field::PLAIN
    },
    Field {
        name: "allowDowngrade",
        kind: Kind::Bool,
        versions: (0, 0),
        doc: "Whether the level may go down.",
        ..Field::PLAIN
    },
    Field {
        name: "upgradeType",
        kind: Kind::Int8,
        versions: (1, i16::MAX),
        doc: "Where the level may go: 1 only up, 2 down if nothing is lost, 3 down in any case.",
        ..Field::PLAIN
    },
];

pub(in crate::explain) static RESPONSE: Schema = Schema {
    name: "UpdateFeaturesResponse",
    versions: 0..=2,
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
            name: "results",
            kind: Kind::Array(&Kind::Struct(&UPDATABLE_FEATURE_RESULT)),
            versions: (0, 1),
            doc: "The features of the request.",
            ..Field::PLAIN
        },
    ],
};

/// `UpdatableFeatureResult`.
static UPDATABLE_FEATURE_RESULT: [Field; 3] = [
    Field { name: "feature", kind: Kind::String, doc: "Name of the feature.", ..Field::PLAIN },
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
];
