// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! What the structures of `ConsumerGroupRegularExpression` are made of.

use crate::explain::schema::{Field, Kind, Prefix, Schema};

pub(in crate::explain) static CONSUMER_GROUP_REGULAR_EXPRESSION_KEY: Schema = Schema {
    name: "ConsumerGroupRegularExpressionKey",
    versions: 0..=0,
    flexible_from: None,
    prefix: Prefix::Type(16),
    fields: &[
        Field { name: "groupId", kind: Kind::String, doc: "Id of the group.", ..Field::PLAIN },
        Field { name: "regularExpression", kind: Kind::String, doc: "The pattern.", ..Field::PLAIN },
    ],
};

pub(in crate::explain) static CONSUMER_GROUP_REGULAR_EXPRESSION_VALUE: Schema = Schema {
    name: "ConsumerGroupRegularExpressionValue",
    versions: 0..=0,
    flexible_from: Some(0),
    prefix: Prefix::Version,
    fields: &[
        Field {
            name: "topics",
            kind: Kind::Array(&Kind::String),
            doc: "Names of the topics.",
            ..Field::PLAIN
        },
        Field {
            name: "version",
            kind: Kind::Int64,
            doc: "Version of the cluster's metadata in which they matched.",
            ..Field::PLAIN
        },
        Field {
            name: "timestamp",
            kind: Kind::Int64,
            doc: "When they were looked up, in Unix milliseconds.",
            ..Field::PLAIN
        },
    ],
};
